"""Closing and slowing roads for a while: by whom, why, from when until when."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from opening_hours import validate

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.services import event_record
from anlan.places import events
from anlan.places.errors import NoRoadNear, NoteAboutPeople, RoadConditionOver
from anlan.places.models import RoadCondition
from anlan.places.rules import (
    ROAD_CIRCLE_MOST_M,
    ROAD_CONDITION_LASTS_AT_MOST,
    ROAD_NEAR_M,
    ROAD_SLOW_MOST,
    word_about_people,
)
from anlan.places.selectors import road_distance_m


@transaction.atomic
def road_condition_set(
    *,
    kind: str,
    cause: str,
    lon: float,
    lat: float,
    ends_at: datetime,
    by: Actor,
    at: datetime,
    starts_at: datetime | None = None,
    radius_m: float = 0.0,
    factor: float | None = None,
    heading_deg: float | None = None,
    hours: str = "",
    text: str = "",
) -> RoadCondition:
    """Close the road at a point, or all within ``radius_m``, or make it take ``factor`` times as long.

    From ``starts_at`` (``at`` by default) until ``ends_at``, with ``hours`` only while those run
    ("Mo-Fr 07:00-09:30"), with ``heading_deg`` only for who drives that way. Every process reckons with it at once.

    Raises ``BadInput`` for what can't be meant, ``NoRoadNear`` where no road is at the point, and
    ``NoteAboutPeople`` for a text about people.
    """
    start = starts_at or at
    _check(kind, cause, lon, lat, radius_m, factor, hours)
    _check_heading(heading_deg, radius_m)
    if not start < ends_at or ends_at <= at or ends_at - start > ROAD_CONDITION_LASTS_AT_MOST:
        raise BadInput(field="ends_at", problem=f"{start:%Y-%m-%d %H:%M} … {ends_at:%Y-%m-%d %H:%M}")
    if word := word_about_people(text):
        raise NoteAboutPeople(word=word)
    _near_a_road(lon, lat, max(radius_m, ROAD_NEAR_M))
    row = RoadCondition.objects.create(
        kind=kind,
        cause=cause,
        text=text[:120],
        lon=lon,
        lat=lat,
        radius_m=radius_m,
        factor=factor,
        heading_deg=heading_deg,
        hours=hours,
        organisation_id=by.org_id,
        set_by_id=by.id if by.kind == "person" else None,
        set_at=at,
        starts_at=start,
        ends_at=ends_at,
    )
    event_record(
        events.ROAD_CONDITION_SET,
        subject=row,
        by=by,
        at=at,
        org_ids=_everybody(),
        condition_kind=kind,
        cause=cause,
        starts_at=start.isoformat(),
        ends_at=ends_at.isoformat(),
    )
    return row


def _near_a_road(lon: float, lat: float, within_m: float) -> None:
    nearest = road_distance_m(lon, lat)
    if nearest is not None and nearest > within_m:
        raise NoRoadNear(metres=within_m, nearest=nearest)


def _check_heading(heading_deg: float | None, radius_m: float) -> None:
    if heading_deg is not None and (radius_m > 0.0 or not 0.0 <= heading_deg < 360.0):
        raise BadInput(field="heading_deg", problem=f"{heading_deg:g}")


def _check(kind: str, cause: str, lon: float, lat: float, radius_m: float, factor: float | None, hours: str) -> None:
    if kind not in RoadCondition.Kind.values or cause not in RoadCondition.Cause.values:
        raise BadInput(field="kind/cause", problem=f"{kind}/{cause}"[:40])
    if not (abs(lon) <= 180 and abs(lat) <= 90) or (abs(lon) < 1e-6 and abs(lat) < 1e-6):
        raise BadInput(field="lon, lat", problem=f"{lon}, {lat}")
    if not 0.0 <= radius_m <= ROAD_CIRCLE_MOST_M:
        raise BadInput(field="radius_m", problem=f"{radius_m:g}")
    is_slow = kind == RoadCondition.Kind.SLOW
    if is_slow != (factor is not None) or (factor is not None and not 1.0 < factor <= ROAD_SLOW_MOST):
        raise BadInput(field="factor", problem=f"{factor}")
    if len(hours) > 120 or (hours and not validate(hours)):
        raise BadInput(field="hours", problem=hours[:40])


@transaction.atomic
def road_condition_lift(*, condition: RoadCondition, by: Actor, at: datetime) -> RoadCondition:
    """Open the road again before its time. Raises ``RoadConditionOver`` when it was over already."""
    lifted_by = by.id if by.kind == "person" else None
    in_force = RoadCondition.objects.filter(pk=condition.pk, lifted_at=None, ends_at__gt=at)
    changed = in_force.update(lifted_at=at, lifted_by_id=lifted_by)
    condition.refresh_from_db()
    if not changed:
        raise RoadConditionOver(since=condition.lifted_at or condition.ends_at)
    event_record(
        events.ROAD_CONDITION_LIFTED, subject=condition, by=by, at=at, org_ids=_everybody(), cause=condition.cause
    )
    return condition


def _everybody() -> list[int]:
    """A road is closed for all: every organisation's maps and times change at the same moment."""
    return list(Organisation.objects.filter(is_active=True).values_list("pk", flat=True))
