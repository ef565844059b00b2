"""People at the screens of the demo: the drill answers what they do, and lets a line ring for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from anlan.accounts import events as accounts
from anlan.accounts.models import Person
from anlan.accounts.selectors import actor_for
from anlan.core.models import Event
from anlan.core.permissions import permitted
from anlan.core.selectors import Cursor, cursor_latest, events_after
from anlan.dispatch import events as dispatch
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.drills.player import Player
from anlan.drills.takers import Desk
from anlan.engines.county.calls import call_stream
from anlan.engines.county.records import County, SyntheticCall
from anlan.intake import events as intake
from anlan.intake.models import Call, Incident, Transfer

TAKES_CALLS = "console.call"
STAYS_FOR = timedelta(minutes=20)
RINGS_AFTER = timedelta(seconds=6)
RINGS_AGAIN_AFTER = timedelta(seconds=90)
PERSON_DECIDES_WITHIN = timedelta(seconds=90)
PRACTICE_CHARS = (14, 90)
PRACTICE_SEED = 7


@dataclass
class Newcomers:
    """Watches the record for what persons do (everything simulated is done by the system).

    Somebody who may take calls gets a ring soon after signing in and again whenever a while has passed
    without one. What persons send, route and hand on is answered by the simulated units and desks.
    """

    county: County
    desk: Desk
    player: Player
    seed: int
    cursor: Cursor = field(default_factory=cursor_latest)
    _seen_at: datetime | None = None
    _rings_at: datetime | None = None
    _is_greeting: bool = False
    _made: int = 0
    _practice: Iterator[SyntheticCall] | None = None

    def is_there(self, at: datetime) -> bool:
        """Whether somebody who may take calls did anything lately."""
        return self._seen_at is not None and at - self._seen_at < STAYS_FOR

    def watch(self, at: datetime) -> None:
        """Read what happened since the last look, and ring where it is time."""
        read = list(events_after(self.cursor))
        for event in read:
            if event.actor_kind == "person":
                self._answer(event, at)
        if read:
            self.cursor = Cursor.of(read[-1])
        if self.is_there(at) and self._rings_at is not None and at >= self._rings_at:
            self._ring(at)

    def _ring(self, at: datetime) -> None:
        """A call for whoever sits there, unless one is left to them now or was, a moment ago."""
        left_at = self.desk.left_at
        if self.desk.is_leaving or not self.desk.switch.is_up:
            self._rings_at = at + RINGS_AFTER
        elif not self._is_greeting and left_at is not None and at - left_at < RINGS_AGAIN_AFTER:
            self._rings_at = left_at + RINGS_AGAIN_AFTER
        else:
            self._is_greeting, self._rings_at = False, at + RINGS_AGAIN_AFTER
            self.desk.expect(self._next_call(at), is_left=True)

    def _answer(self, event: Event, at: datetime) -> None:
        if self._takes_calls(event, at):
            self._seen_at = at
            if event.kind == accounts.SIGNED_IN or self._rings_at is None:
                self._is_greeting, self._rings_at = True, at + RINGS_AFTER
        if event.kind == intake.CALL_ANSWERED and event.subject_id is not None:
            self.desk.person_answered(event.subject_id, at)
        elif event.kind in (intake.INCIDENT_OPENED, intake.CALL_LINKED, intake.CALL_RECORDED, intake.CALL_INVALID):
            self._saved(event, at)
        elif event.kind == dispatch.UNIT_ASSIGNED:
            self.player.sent_by_person(Assignment.objects.select_related("incident").get(pk=event.subject_id), at)
        elif event.kind == dispatch.ORDER_ROUTED:
            self.player.routed_by_person(WorkOrder.objects.select_related("incident").get(pk=event.subject_id), at)
        elif event.kind == intake.TRANSFER_OFFERED and event.incident_id is not None:
            offered = Transfer.objects.filter(incident_id=event.incident_id, state="offered").order_by("-id").first()
            if offered is not None:
                self.player.offered(offered, at)

    def _takes_calls(self, event: Event, at: datetime) -> bool:
        person = Person.objects.filter(pk=event.actor_id or 0).first()
        return person is not None and permitted(actor_for(person, at=at), TAKES_CALLS)

    def _saved(self, event: Event, at: datetime) -> None:
        call = Call.objects.filter(number=event.data.get("call", "")).first()
        if call is not None:
            self.desk.person_saved(call.pk)
        if event.kind == intake.INCIDENT_OPENED and event.incident_id:
            incident = Incident.objects.get(pk=event.incident_id)
            self.player.follow(incident, at, not_before=at + PERSON_DECIDES_WITHIN)

    def _next_call(self, at: datetime) -> SyntheticCall:
        """A call with something to type in it, made to ring now; its like is in no history."""
        while True:
            if self._practice is None:
                start = at + timedelta(days=1 + self._made)
                self._practice = call_stream(
                    self.county,
                    start=start,
                    end=start + timedelta(hours=6),
                    rate_per_day=2000.0,
                    seed=self.seed + PRACTICE_SEED,
                )
            for call in self._practice:
                least, most = PRACTICE_CHARS
                words = len(call.narrative)
                if call.channel == "phone" and call.truth.code[:2] != "90" and least <= words <= most:
                    self._made += 1
                    return replace(call, called_at=at, call_id=f"practice-{int(at.timestamp())}-{call.call_id}")
            self._practice = None
            self._made += 1
