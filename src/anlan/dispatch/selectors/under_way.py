"""A unit on its way, by its track on the roads: does it move, stand, or is it there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import TRAVELLING
from anlan.places.selectors import DriveSeen, Going, drive_seen
from anlan.units.selectors import fixes_latest

DRIVEN = ("car", "motorcycle")
"""Who walks stands still at every second shop, and takes ways that are on no map."""


def drive_of(
    unit_id: int, vehicle: str, goal: tuple[float | None, float | None], *, sent_at: datetime, at: datetime
) -> DriveSeen | None:
    """What the unit's track since it was sent says; None on foot, without a place, a network or a fix."""
    lon, lat = goal
    if vehicle not in DRIVEN or lon is None or lat is None:
        return None
    fixes = fixes_latest(unit_id, since=sent_at, at=at)
    return drive_seen(fixes, (lon, lat), vehicle=vehicle, at=at) if fixes else None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Of a unit on its way: it stands on the road since, or is silent since, with the metres left to drive."""

    is_standing: bool
    since: datetime
    left_m: float | None


def halts_of(assignment: Assignment, *, at: datetime) -> UnderWay | None:
    """That a unit on its way stands or has gone silent; None while it moves, is there, or nothing is known."""
    has_left = assignment.departed_at or assignment.moved_inferred_at
    if assignment.state not in TRAVELLING or not has_left:
        return None
    incident, unit = assignment.incident, assignment.unit
    seen = drive_of(unit.pk, unit.vehicle, (incident.lon, incident.lat), sent_at=assignment.sent_at, at=at)
    if seen is None or seen.state not in (Going.STANDING, Going.SILENT):
        return None
    return UnderWay(seen.state == Going.STANDING, seen.since, seen.left_m)
