"""The doors as they are watched: what was kept is judged as soon as it is over, and a door says when it is blind.

The journal in the store is what counts: whoever watches reads it in the order of keeping and holds no more than a
door's open passage: messages of one door are committed in the order of their numbers (``batches_take``), so it asks
for what came after the last one. Killed and begun anew, it reads on from where nothing was open (``judged_to``), with
the ten minutes before it for what lies near the door; what it judges twice is known. What a reader tells again in
other messages is looked up in the same journal and left out (``gate_again``): out of its passage it would look like
another one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.services import event_record
from anlan.engines import gate as judging
from anlan.equipment import events
from anlan.equipment.learnt import PLANES
from anlan.equipment.models import Gate, GateBatch, Passage
from anlan.equipment.services.gate import passages_write
from anlan.equipment.services.gate_again import ToldBefore

LOOKS_BACK = timedelta(minutes=10)
"""What lies near a door is known from so much."""
BLIND_AFTER = timedelta(seconds=60)
AT_ONCE = 200
NOTED_EVERY = timedelta(seconds=2)
"""So often at most it is written down how far a door is judged: what is judged again after a kill is known."""


@dataclass(slots=True)
class GateWatch:
    """One door. ``tick`` reads what is new and writes what is over."""

    gate: Gate
    at: datetime
    _stream: judging.DoorStream = field(init=False)
    _watch: judging.Watch = field(init=False)
    _last: int = 0
    _open: deque[tuple[int, int]] = field(default_factory=deque)
    """Messages that aren't judged yet: number and newest time by the reader's clock."""
    _judged_to: int = 0
    _before: ToldBefore = field(init=False)
    _noted_at: datetime | None = None

    def __post_init__(self) -> None:
        gate, begin_us = self.gate, _us(self.at)
        self._stream = judging.DoorStream(gate.reader, frozenset(gate.reference))
        self._watch = judging.Watch(gate.reference, PLANES[gate.layout])
        self._watch.begin(begin_us, None if gate.heard_at is None else _us(gate.heard_at))
        rows = GateBatch.objects.filter(gate=gate).order_by("id")
        first = rows.filter(id__gt=gate.judged_to).first()
        since = (first.received_at if first is not None else self.at) - LOOKS_BACK
        before = rows.filter(received_at__gte=since).values_list("id", flat=True).first()
        newest = rows.values_list("id", flat=True).last()
        self._last = before - 1 if before is not None else (newest or 0)
        self._judged_to = gate.judged_to
        self._before = ToldBefore(gate, self._last)

    @property
    def held(self) -> int:
        """Events in memory."""
        return self._stream.held

    def is_of(self, gate: Gate) -> bool:
        """Whether the door is still as it was when watching began."""
        return (gate.reader, gate.layout, gate.reference) == (
            self.gate.reader, self.gate.layout, self.gate.reference
        )  # fmt: skip

    def tick(self, at: datetime, by: Actor = SYSTEM) -> list[Passage]:
        """The passages that were judged now."""
        made: list[Passage] = []
        while batches := self._new():
            for batch in batches:
                now_us = _us(batch.received_at)
                read = self._before.new_in(batch)
                over = self._stream.over(now_us) + self._stream.take(read, now_us)
                self._watch.take(read, now_us)
                made += self._written(over, by, at)
                self._last = batch.pk
                if read:
                    self._open.append((batch.pk, max(one.t_us for one in read)))
                self._settle()
            self._before.forget()
        made += self._written(self._stream.over(_us(at)), by, at)
        self._settle()
        self._note(at)
        if (blind := self.blind(at)) != self.gate.blind:
            gate_sight_tell(gate=self.gate, blind=blind, by=by, at=at)
        return made

    def _settle(self) -> None:
        """How far everything is judged: a message of which nothing is open any more needs no second look."""
        if self._stream.is_at_rest:
            self._open.clear()
            self._judged_to = max(self._judged_to, self._last)
        settled_us = self._stream.settled_us
        while self._open and settled_us is not None and self._open[0][1] <= settled_us:
            self._judged_to = max(self._judged_to, self._open.popleft()[0])

    def _note(self, at: datetime) -> None:
        is_due = self._noted_at is None or at - self._noted_at >= NOTED_EVERY
        if is_due and self._judged_to > self.gate.judged_to:
            Gate.objects.filter(pk=self.gate.pk).update(judged_to=self._judged_to)
            self.gate.judged_to, self._noted_at = self._judged_to, at

    def blind(self, at: datetime) -> str:
        """Empty, or why the door can't be believed: ``silent``, ``deaf``, ``half_deaf``."""
        return self._watch.blind(_us(at), after_us=round(BLIND_AFTER.total_seconds() * 1e6))

    def _new(self) -> list[GateBatch]:
        return list(GateBatch.objects.filter(gate=self.gate, id__gt=self._last).order_by("id")[:AT_ONCE])

    def _written(self, over: Iterable[judging.Passage], by: Actor, at: datetime) -> list[Passage]:
        return passages_write(gate=self.gate, passages=over, by=by, at=at)


@transaction.atomic
def gate_sight_tell(*, gate: Gate, blind: str, by: Actor, at: datetime) -> bool:
    """A door became blind, or sees again; told once. Says whether that is new."""
    changed = Gate.objects.filter(pk=gate.pk).exclude(blind=blind).update(blind=blind, blind_since=at)
    gate.blind = blind
    if changed:
        kind = events.GATE_BLIND if blind else events.GATE_SEES
        event_record(kind, subject=gate, by=by, at=at, org_ids=(gate.place_id,), gate=gate.reader, reason=blind)
    return bool(changed)


def passages_judge(*, gate: Gate, at: datetime, by: Actor = SYSTEM) -> list[Passage]:
    """Judge what is over and not judged yet, once, for a door that nobody watches."""
    return GateWatch(gate, at).tick(at, by)


def _us(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1e6)
