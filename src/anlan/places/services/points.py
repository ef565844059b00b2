"""Booths, must-cover and standby points: each a version in time, like an area."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.services import event_record
from anlan.engines.geo import cell_of
from anlan.places import events
from anlan.places.errors import PointOver
from anlan.places.models import Point


@transaction.atomic
def point_put(
    *,
    kind: str,
    code: str,
    name_zh: str,
    lon: float,
    lat: float,
    source: str,
    by: Actor,
    at: datetime,
    name_en: str = "",
    organisation: Organisation | None = None,
    valid_from: datetime | None = None,
) -> tuple[Point, bool]:
    """Bring a point into force from ``valid_from`` (``at`` by default); the version before it ends then.

    Returns the version in force and whether it is news: the very same again changes nothing. Raises
    ``BadInput`` for a kind nobody knows, a missing code or name, or a place that is none (WGS 84 degrees).
    """
    start = valid_from or at
    _check(kind, code, name_zh, lon, lat)
    _in_reach(organisation.pk if organisation else None, by)
    told = {"name_zh": name_zh, "name_en": name_en, "lon": lon, "lat": lat}
    held = Point.objects.filter(kind=kind, code=code, valid_to=None).first()
    owner_id = organisation.pk if organisation else None
    if held is not None:
        _in_reach(held.organisation_id, by)
    if held is not None and held.organisation_id == owner_id and all(getattr(held, k) == v for k, v in told.items()):
        return held, False
    if held is not None and start < held.valid_from:
        raise BadInput(field="valid_from", problem=f"{start:%Y-%m-%d %H:%M} < {held.valid_from:%Y-%m-%d %H:%M}")
    Point.objects.filter(kind=kind, code=code, valid_to=None).update(valid_to=start)
    row = Point.objects.create(
        kind=kind,
        code=code,
        organisation=organisation,
        cell=int(cell_of(lon, lat)),
        source=source,
        valid_from=start,
        **told,
    )
    event_record(events.POINT_SET, subject=row, by=by, at=at, org_ids=_orgs(row), point_kind=kind, code=code)
    return row, True


def _check(kind: str, code: str, name_zh: str, lon: float, lat: float) -> None:
    if kind not in Point.Kind.values:
        raise BadInput(field="kind", problem=kind[:40])
    if not 0 < len(code) <= 32:
        raise BadInput(field="code", problem=code[:40])
    if not 0 < len(name_zh) <= 64:
        raise BadInput(field="name_zh", problem=name_zh[:80])
    if not (abs(lon) <= 180 and abs(lat) <= 90) or (abs(lon) < 1e-6 and abs(lat) < 1e-6):
        raise BadInput(field="lon, lat", problem=f"{lon}, {lat}")


@transaction.atomic
def point_end(*, point: Point, by: Actor, at: datetime) -> Point:
    """Take a point out of force from ``at``; it stays on the record. Raises ``PointOver`` when it was already."""
    _in_reach(point.organisation_id, by)
    if not Point.objects.filter(pk=point.pk, valid_to=None).update(valid_to=at):
        point.refresh_from_db()
        raise PointOver(point=point.name_zh, since=point.valid_to)
    point.refresh_from_db()
    event_record(
        events.POINT_ENDED, subject=point, by=by, at=at, org_ids=_orgs(point), point_kind=point.kind, code=point.code
    )
    return point


def _in_reach(organisation_id: int | None, by: Actor) -> None:
    """A station's points are its own to change: those of another answer as if they were not there."""
    if organisation_id is not None and not by.sees_all and organisation_id not in by.org_ids:
        raise NotFound


def _orgs(point: Point) -> list[int]:
    return [point.organisation_id] if point.organisation_id else []
