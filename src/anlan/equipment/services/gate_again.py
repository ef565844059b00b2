"""What a reader tells again: each event counts once, whatever message it comes in.

A message told again is the same row (``gate_batches``). Cut anew (a line that broke, a forwarder that begins some
lines earlier, a broker that tells what it had acknowledged) it is another message with the same events; heard apart
from their passage these would look like somebody else's. The journal in the store knows them, as long as it keeps
their lines.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from anlan.engines.gate.passages import identity
from anlan.engines.rfid import Event, journal_events
from anlan.equipment.models import Gate, GateBatch

Told = tuple[str, int, str, str, int]
"""What makes an event the same, see ``identity``."""
HELD = 200_000
"""Events of messages read lately that are held in memory."""


@dataclass(slots=True)
class ToldBefore:
    """For one door, whose messages are shown to :meth:`new_in` in the order of their numbers, from ``after`` on."""

    gate: Gate
    after: int
    _newest_us: int | None = None
    _read: OrderedDict[int, frozenset[Told]] = field(default_factory=OrderedDict)
    _held: int = 0
    _again: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = GateBatch.objects.filter(gate=self.gate, id__lte=self.after, last_us__isnull=False).exclude(lines="")
        self._newest_us = told.order_by("-last_us").values_list("last_us", flat=True).first()

    def new_in(self, batch: GateBatch) -> list[Event]:
        """The events of this message that no earlier one told."""
        events = journal_events(batch.lines)
        new = self._without_known(batch, events)
        if events and not new:
            self._again.append(batch.pk)
        elif events:
            newest_us = max(event.t_us for event in events)
            self._newest_us = newest_us if self._newest_us is None else max(self._newest_us, newest_us)
        return new

    def forget(self) -> None:
        """Let go of the lines of messages that told nothing new: their events stand in earlier ones."""
        if self._again:
            GateBatch.objects.filter(pk__in=self._again).update(lines="")
            self._again.clear()

    def _without_known(self, batch: GateBatch, events: list[Event]) -> list[Event]:
        newest_us = self._newest_us
        old = [event.t_us for event in events if newest_us is not None and event.t_us <= newest_us]
        if not old:
            return events
        known = self._known(batch.pk, min(old), max(old))
        return [event for event in events if identity(event) not in known]

    def _known(self, before: int, from_us: int, to_us: int) -> set[Told]:
        """What messages before this one told of that span."""
        rows = GateBatch.objects.filter(gate=self.gate, id__lt=before, last_us__gte=from_us, first_us__lte=to_us)
        numbers = set(rows.exclude(lines="").values_list("id", flat=True)) - set(self._again)
        known: set[Told] = set()
        for number in numbers & self._read.keys():
            self._read.move_to_end(number)
            known |= self._read[number]
        for number, lines in rows.filter(id__in=numbers - self._read.keys()).values_list("id", "lines"):
            self._hold(number, told := frozenset(identity(event) for event in journal_events(lines)))
            known |= told
        return known

    def _hold(self, number: int, told: frozenset[Told]) -> None:
        self._read[number] = told
        self._held += len(told)
        while self._held > HELD and len(self._read) > 1:
            self._held -= len(self._read.popitem(last=False)[1])
