"""Timed work: clocks that ran out are told once; positions are read for movement and arrival."""

from __future__ import annotations

from datetime import datetime
from math import inf

from django.conf import settings

from anlan.core.actor import SYSTEM
from anlan.core.asking import ask
from anlan.core.files import orphans_remove
from anlan.dispatch.clocks import RunningClock
from anlan.dispatch.cover_ground import SLOT, cover_ground
from anlan.dispatch.cover_store import tables_forget
from anlan.dispatch.models import Assignment
from anlan.dispatch.recommending import RankedUnit
from anlan.dispatch.rules import ARRIVED_WITHIN_M, LOOKED_WITHIN_M, MOVED_M, TRAVELLING
from anlan.dispatch.selectors import contents_named, recommend
from anlan.dispatch.selectors.clocks_due import clocks_due
from anlan.dispatch.selectors.under_way import drive_of
from anlan.dispatch.services import assignment_arrive
from anlan.dispatch.services.alarms import arrival_infer, clock_alarm_raise, movement_infer
from anlan.dispatch.services.attachments import attachments_erase
from anlan.engines.geo import distance_m
from anlan.equipment.selectors import papers_named
from anlan.intake.models import Incident
from anlan.places.selectors import Going
from anlan.units.selectors import SeenAt, positions_latest

_PLACES = ("sent_lon", "sent_lat", "incident__lon", "incident__lat")
_WATCHED = ("id", "unit_id", "unit__vehicle", "sent_at", "moved_inferred_at", *_PLACES)

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
    """Put beside the buttons what positions say: when a unit moved off, when it was there.

    Whether it is there its track on the roads tells: who drives by, or stands on the road behind the houses, is not.
    On foot, and without a network, being within 100 m tells it. Positions older than the sending, lost ones, and
    incidents without a place say nothing. Where the bureau has chosen so (``ARRIVAL_BY_POSITION=set``) a unit that
    has signed is then noted as arrived, by the system; else crew and desk are asked. Returns how many things were
    inferred.
    """
    if not ask(_ANY_WATCHED):
        return 0
    watched = list(
        Assignment.objects.exclude(state="closed")
        .filter(state__in=(*TRAVELLING, "arrived"), arrived_inferred_at=None)
        .order_by("sent_at", "id")
        .values_list(*_WATCHED)
    )
    seen = positions_latest([unit_id for _, unit_id, *_rest in watched], at=at) if watched else {}
    inferred = 0
    for pk, unit_id, vehicle, sent_at, moved_at, start_lon, start_lat, lon, lat in watched:
        fix = seen.get(unit_id)
        if fix is None or fix.is_lost or fix.fixed_at < sent_at:
            continue
        has_moved = moved_at is None and _apart_m(start_lon, start_lat, fix) > MOVED_M
        there_at = _there_at(unit_id, vehicle, (lon, lat), fix, sent_at=sent_at, at=at)
        if has_moved or there_at:
            row = Assignment.objects.select_related("unit", "incident").get(pk=pk)
        if has_moved:
            inferred += movement_infer(assignment=row, by=SYSTEM, at=at, moved_at=fix.fixed_at)
        if there_at:
            inferred += arrival_infer(assignment=row, by=SYSTEM, at=at, arrived_at=there_at)
            if settings.ARRIVAL_BY_POSITION == "set" and row.state in ("signed", "en_route"):
                assignment_arrive(assignment=row, by=SYSTEM, at=at)
    return inferred


def _there_at(
    unit_id: int,
    vehicle: str,
    goal: tuple[float | None, float | None],
    fix: SeenAt,
    *,
    sent_at: datetime,
    at: datetime,
) -> datetime | None:
    """Since when the unit is there by its positions; None while it is not, or nothing tells."""
    apart_m = _apart_m(*goal, fix, unknown=inf)
    if apart_m > LOOKED_WITHIN_M:
        return None
    seen = drive_of(unit_id, vehicle, goal, sent_at=sent_at, at=at)
    if seen is not None:
        return seen.since if seen.state == Going.ARRIVED else None
    return fix.fixed_at if apart_m <= ARRIVED_WITHIN_M else None


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
    # Contents of all rooms lie in one folder: what a thing's paper names is no orphan.
    return orphans_remove(named=lambda digests: contents_named(digests) | papers_named(digests), at=at)
