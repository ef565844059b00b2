"""The clocks that run on a matter: pure values, worked out from its times whenever somebody looks.

Nothing is stored but the times themselves: a clock is its rule, when it started, and what stops it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.dispatch.rules import (
    AMBER_SHARE,
    CLOCKS,
    ORDER_DONE,
    SEND_ALLOWS,
    TRAVELLING,
    UNSIGNED_ALARM,
    arrival_allows,
)


@dataclass(frozen=True, slots=True)
class RunningClock:
    """One clock of one subject as it stands at the moment asked about.

    ``state`` is "ok", from two thirds of its time "amber", from its end "red".
    """

    kind: str
    subject: str
    subject_id: int
    started_at: datetime
    due_at: datetime
    at: datetime

    @property
    def allows(self) -> timedelta:
        return self.due_at - self.started_at

    @property
    def left(self) -> timedelta:
        """Time left; below zero when late."""
        return self.due_at - self.at

    @property
    def state(self) -> str:
        if self.at >= self.due_at:
            return "red"
        return "amber" if self.at - self.started_at >= self.allows * AMBER_SHARE else "ok"

    @property
    def label(self) -> str:
        """What it waits for, in words."""
        return str(CLOCKS[self.kind].label)

    @property
    def total(self) -> str:
        """The sum: when it started, what it allows, when it is due."""
        start, due = timezone.localtime(self.started_at), timezone.localtime(self.due_at)
        return _("{start} + {allows} = {due} (rule {rule}, version {version})").format(
            start=f"{start:%H:%M:%S}",
            allows=duration_text(self.allows),
            due=f"{due:%H:%M:%S}" if start.date() == due.date() else f"{due:%m-%d %H:%M}",
            rule=self.kind,
            version=CLOCKS[self.kind].version,
        )


def duration_text(span: timedelta) -> str:
    """``45 s``, ``3:20``, ``2 h 10 min``."""
    seconds = round(span.total_seconds())
    if seconds < 60:
        return _("{seconds} s").format(seconds=seconds)
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    hours, rest = divmod(seconds // 60, 60)
    if rest:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=rest)
    return _("{hours} h").format(hours=hours)


class ArrivalTargets(Protocol):
    """What the clocks need of an incident type."""

    @property
    def arrive_town_s(self) -> int | None: ...
    @property
    def arrive_suburb_s(self) -> int | None: ...
    @property
    def arrive_rural_s(self) -> int | None: ...


class IncidentTimes(Protocol):
    """What the clocks need of an incident."""

    id: int
    state: str
    priority: str
    setting: str
    track: str
    received_at: datetime
    first_sent_at: datetime | None
    first_arrived_at: datetime | None


class AssignmentTimes(Protocol):
    """What the clocks need of an assignment."""

    id: int
    state: str
    sent_at: datetime
    signed_at: datetime | None
    departed_at: datetime | None
    moved_inferred_at: datetime | None
    arrived_inferred_at: datetime | None
    sent_lon: float | None
    arrived_at: datetime | None
    reported_at: datetime | None
    finished_at: datetime | None
    feedback_at: datetime | None
    reviewed_at: datetime | None
    state_since: datetime


class OrderTimes(Protocol):
    """What the clocks need of a town room's order."""

    id: int
    state: str
    state_since: datetime
    routed_at: datetime
    signed_at: datetime | None
    contacted_at: datetime | None
    arrived_at: datetime | None
    settled_at: datetime | None


def arrival_target(incident: IncidentTimes, kind: ArrivalTargets | None) -> timedelta:
    """How long the first unit may take from being sent."""
    return arrival_allows(
        incident.priority,
        incident.setting,
        town_s=kind.arrive_town_s if kind else None,
        suburb_s=kind.arrive_suburb_s if kind else None,
        rural_s=kind.arrive_rural_s if kind else None,
    )


def incident_clocks(
    incident: IncidentTimes,
    *,
    at: datetime,
    order: OrderTimes | None = None,
    is_police_sent: bool = False,
    call_answered_at: datetime | None = None,
) -> list[RunningClock]:
    """The clock of the incident itself: until somebody is sent.

    A matter handed over by a town room waits for police anew; one that lies with a town room has that
    room's clocks instead. ``is_police_sent`` says that police are at it since the hand-over, whenever they were sent.
    """
    allows = SEND_ALLOWS.get(incident.priority, SEND_ALLOWS["P3"])
    start: datetime | None = None
    if order is not None and order.state == "escalated":
        start = None if is_police_sent else order.state_since
    elif incident.state == "open" and incident.first_sent_at is None:
        with_town_room = order is not None and order.state not in ORDER_DONE and incident.track == "C"
        start = None if with_town_room else (call_answered_at or incident.received_at)
    if start is None or incident.state in ("closed", "merged", "invalid", "transferred"):
        return []
    return [RunningClock("send", "incident", incident.id, start, start + allows, at)]


def assignment_clocks(assignment: AssignmentTimes, *, at: datetime, arrive_within: timedelta) -> list[RunningClock]:
    """The clocks of one assignment: sign, or another unit; set off; arrive; report; review; close."""
    found: list[RunningClock] = []

    def add(kind: str, start: datetime | None, allows: timedelta | None = None) -> None:
        if start is not None:
            due = start + (allows if allows is not None else CLOCKS[kind].allows)
            found.append(RunningClock(kind, "assignment", assignment.id, start, due, at))

    if assignment.state == "sent":
        add("sign", assignment.sent_at)
        if at - assignment.sent_at >= UNSIGNED_ALARM:
            add("reassign", assignment.sent_at)
    elif _stands_still(assignment):
        add("move", assignment.departed_at or assignment.signed_at)
    if assignment.state in TRAVELLING:
        add("arrive", assignment.sent_at, arrive_within)
    elif assignment.state == "finished":
        # After a return the sheet is due anew from then on.
        since = assignment.state_since if assignment.feedback_at else assignment.finished_at
        add("feedback", since)
        if since is not None and at - since >= CLOCKS["feedback"].allows:
            add("feedback_limit", since)
    elif assignment.state == "feedback_done":
        add("review", assignment.feedback_at)
    elif assignment.state == "reviewed":
        add("close", assignment.reviewed_at)
    return found


def _stands_still(assignment: AssignmentTimes) -> bool:
    """Signed or even set off by button, and by its positions neither moving nor there.

    A unit whose place wasn't known when it was sent is believed once it has pressed its button.
    """
    if assignment.moved_inferred_at is not None or assignment.arrived_inferred_at is not None:
        return False
    return assignment.state == "signed" or (assignment.state == "en_route" and assignment.sent_lon is not None)


def report_clock(
    incident: IncidentTimes, assignments: Iterable[AssignmentTimes], *, at: datetime
) -> RunningClock | None:
    """At a P1 the first unit there gives a first word within ten minutes, unless another has or is done."""
    rows = list(assignments)
    if incident.priority != "P1" or any(row.reported_at or row.finished_at for row in rows):
        return None
    there = [(row.arrived_at, row.id) for row in rows if row.state == "arrived" and row.arrived_at is not None]
    if not there:
        return None
    start, first = min(there)
    return RunningClock("report", "assignment", first, start, start + CLOCKS["report"].allows, at)


def order_clocks(order: OrderTimes, *, at: datetime) -> list[RunningClock]:
    """The four clocks of a town room, all from the moment it was routed: 1 min, 3 min, 30 min, 24 h."""
    if order.state in ORDER_DONE:
        return []
    running: list[tuple[str, datetime | None]] = [("town_close", None)]
    if order.settled_at is None:
        # A step that was jumped over is not waited for any more.
        contacted = order.contacted_at or order.arrived_at
        running += [("town_arrive", order.arrived_at), ("town_contact", contacted)]
        running += [("town_sign", order.signed_at or contacted)]
    return [
        RunningClock(kind, "order", order.id, order.routed_at, order.routed_at + CLOCKS[kind].allows, at)
        for kind, done_at in running
        if done_at is None
    ]


def most_pressing(clocks: Iterable[RunningClock]) -> RunningClock | None:
    """The one that runs out first (or ran out first)."""
    return min(clocks, key=lambda clock: (clock.due_at, clock.kind), default=None)


def worst_state(clocks: Sequence[RunningClock]) -> str:
    """ "red" if any is late, "amber" if any nears its end, else "ok"."""
    states = {clock.state for clock in clocks}
    return next((state for state in ("red", "amber") if state in states), "ok")
