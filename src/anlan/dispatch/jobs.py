"""Timed work: clocks that ran out are told once; positions are read for movement and arrival."""

from __future__ import annotations

from datetime import datetime

from anlan.core.actor import SYSTEM
from anlan.dispatch.clocks import RunningClock
from anlan.dispatch.models import Assignment, ClockAlarm
from anlan.dispatch.recommending import RankedUnit
from anlan.dispatch.rules import ARRIVED_WITHIN_M, MOVED_M, TRAVELLING
from anlan.dispatch.selectors import recommend
from anlan.dispatch.selectors.clocks import clocks_open
from anlan.dispatch.services.alarms import arrival_infer, clock_alarm_raise, movement_infer
from anlan.engines.geo import distance_m
from anlan.intake.models import Incident
from anlan.units.selectors import SeenAt, positions_latest


def clocks_tick(*, at: datetime) -> int:
    """Raise the alarm of every clock that has run out and wasn't told yet; returns how many.

    Runs as often as one likes: each alarm is raised once. A unit that hasn't signed in two minutes gets
    the next best unit proposed in its place.
    """
    late = [(incident, clock) for incident, clock in clocks_open(at=at) if clock.state == "red"]
    told = _told([clock for _, clock in late])
    raised = 0
    for incident, clock in late:
        if _key(clock) in told:
            continue
        proposed = _next_unit(incident, clock, at=at) if clock.kind == "reassign" else None
        raised += clock_alarm_raise(incident=incident, clock=clock, by=SYSTEM, at=at, proposed=proposed) is not None
    return raised


def _key(clock: RunningClock) -> tuple[str, str, int, datetime]:
    return clock.kind, clock.subject, clock.subject_id, clock.started_at


def _told(clocks: list[RunningClock]) -> set[tuple[str, str, int, datetime]]:
    ids = sorted({clock.subject_id for clock in clocks})
    rows: set[tuple[str, str, int, datetime]] = set()
    for start in range(0, len(ids), 500):
        rows |= set(
            ClockAlarm.objects.filter(subject_id__in=ids[start : start + 500]).values_list(
                "kind", "subject_type", "subject_id", "started_at"
            )
        )
    return rows


def _next_unit(incident: Incident, clock: RunningClock, *, at: datetime) -> RankedUnit | None:
    """The best free unit of the same track: the silent one isn't free, so it doesn't stand among them."""
    track = Assignment.objects.values_list("unit__track", flat=True).get(pk=clock.subject_id)
    ranked = recommend(incident, at=at, limit=1, track=track).ranked
    return ranked[0] if ranked else None


def positions_watch(*, at: datetime) -> int:
    """Put beside the buttons what positions say: when a unit moved off, when it came within 100 m.

    Positions older than the sending, lost ones, and incidents without a place say nothing. Returns how
    many things were inferred.
    """
    rows = list(
        Assignment.objects.filter(state__in=(*TRAVELLING, "arrived"), arrived_inferred_at=None).select_related(
            "unit", "incident"
        )
    )
    seen = positions_latest([row.unit_id for row in rows], at=at)
    inferred = 0
    for row in rows:
        fix = seen.get(row.unit_id)
        if fix is None or fix.is_lost or fix.fixed_at < row.sent_at:
            continue
        if row.moved_inferred_at is None and _has_moved(row, fix):
            inferred += movement_infer(assignment=row, by=SYSTEM, at=at, moved_at=fix.fixed_at)
        if _is_there(row, fix):
            inferred += arrival_infer(assignment=row, by=SYSTEM, at=at, arrived_at=fix.fixed_at)
    return inferred


def _has_moved(row: Assignment, fix: SeenAt) -> bool:
    if row.sent_lon is None or row.sent_lat is None:
        return False
    return float(distance_m(row.sent_lon, row.sent_lat, fix.lon, fix.lat)) > MOVED_M


def _is_there(row: Assignment, fix: SeenAt) -> bool:
    incident = row.incident
    if incident.lon is None or incident.lat is None:
        return False
    return float(distance_m(incident.lon, incident.lat, fix.lon, fix.lat)) <= ARRIVED_WITHIN_M
