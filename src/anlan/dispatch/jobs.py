"""Timed work: clocks that ran out are told once; positions are read for movement and arrival."""

from __future__ import annotations

from datetime import datetime
from math import inf

from anlan.core.actor import SYSTEM
from anlan.core.asking import ask
from anlan.core.files import orphans_remove
from anlan.dispatch.clocks import RunningClock
from anlan.dispatch.cover_ground import SLOT, cover_ground
from anlan.dispatch.cover_store import tables_forget
from anlan.dispatch.models import Assignment
from anlan.dispatch.recommending import RankedUnit
from anlan.dispatch.rules import ARRIVED_WITHIN_M, MOVED_M, TRAVELLING
from anlan.dispatch.selectors import contents_named, recommend
from anlan.dispatch.selectors.clocks_due import clocks_due
from anlan.dispatch.services.alarms import arrival_infer, clock_alarm_raise, movement_infer
from anlan.dispatch.services.attachments import attachments_erase
from anlan.engines.geo import distance_m
from anlan.intake.models import Incident
from anlan.units.selectors import SeenAt, positions_latest

_WATCHED = ("id", "unit_id", "sent_at", "moved_inferred_at", "sent_lon", "sent_lat", "incident__lon", "incident__lat")

_STATES = ", ".join(f"'{state}'" for state in (*TRAVELLING, "arrived"))
_ANY_WATCHED = (
    f"SELECT 1 FROM {Assignment._meta.db_table} WHERE NOT (state = 'closed') AND state IN ({_STATES}) "
    "AND arrived_inferred_at IS NULL LIMIT 1"
)


def clocks_tick(*, at: datetime) -> int:
    """Raise the alarm of every clock that has run out and wasn't told yet; returns how many.

    Runs as often as one likes: each alarm is raised once, and where none is due one question is asked and
    no more. A unit that hasn't signed in two minutes gets the next best unit proposed in its place.
    """
    raised = 0
    for incident, clock in clocks_due(at=at):
        proposed = _next_unit(incident, clock, at=at) if clock.kind == "reassign" else None
        raised += clock_alarm_raise(incident=incident, clock=clock, by=SYSTEM, at=at, proposed=proposed) is not None
    return raised


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
    if not ask(_ANY_WATCHED):
        return 0
    watched = list(
        Assignment.objects.exclude(state="closed")
        .filter(state__in=(*TRAVELLING, "arrived"), arrived_inferred_at=None)
        .order_by("sent_at", "id")
        .values_list(*_WATCHED)
    )
    seen = positions_latest([unit_id for _, unit_id, *_ in watched], at=at) if watched else {}
    inferred = 0
    for pk, unit_id, sent_at, moved_at, start_lon, start_lat, lon, lat in watched:
        fix = seen.get(unit_id)
        if fix is None or fix.is_lost or fix.fixed_at < sent_at:
            continue
        has_moved = moved_at is None and _apart_m(start_lon, start_lat, fix) > MOVED_M
        is_there = _apart_m(lon, lat, fix, unknown=inf) <= ARRIVED_WITHIN_M
        if has_moved or is_there:
            row = Assignment.objects.select_related("unit", "incident").get(pk=pk)
        if has_moved:
            inferred += movement_infer(assignment=row, by=SYSTEM, at=at, moved_at=fix.fixed_at)
        if is_there:
            inferred += arrival_infer(assignment=row, by=SYSTEM, at=at, arrived_at=fix.fixed_at)
    return inferred


def _apart_m(lon: float | None, lat: float | None, fix: SeenAt, *, unknown: float = 0.0) -> float:
    """Metres between a place and where a unit was seen; ``unknown`` where there is no place."""
    if lon is None or lat is None:
        return unknown
    return float(distance_m(lon, lat, fix.lon, fix.lat))


def cover_prepare(*, at: datetime) -> None:
    """Work out what cover is reckoned on for this third of the day and the next, so that no desk waits for it."""
    for moment in (at, at + SLOT):
        cover_ground(moment)
    tables_forget()


def attachments_expire(*, at: datetime) -> int:
    """Let go of what was sent from the spot when its term is over, and of files no row names; returns how many."""
    while attachments_erase(at=at):
        pass
    return orphans_remove(named=contents_named, at=at)
