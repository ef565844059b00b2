"""Reference files: areas as GeoJSON, fixed points as either, units and shifts as tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisation_by_code
from anlan.core.actor import Actor
from anlan.core.errors import DomainError
from anlan.core.models import ImportBatch
from anlan.engines.geo import bd09_to_wgs84, gcj02_to_wgs84
from anlan.integrations.imports.convert import ON_EARTH, RowRefused, code_text, instant, is_empty, number, text
from anlan.integrations.imports.reading import BrokenRow, SourceRow, rows_of
from anlan.integrations.imports.runner import Tally, batch_finish, batch_start, park, refused
from anlan.places.errors import AreaFileRefused
from anlan.places.services import area_put, point_put
from anlan.units.models import Shift, Unit
from anlan.units.services import shift_set, unit_add

DATUMS = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}


@transaction.atomic
def areas_import(path: Path, *, kind: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Bring all areas of a GeoJSON file into force, or none of them. Raises ``AreaFileRefused``."""
    codes: list[str] = []
    for feature in _features(path):
        about = feature["properties"]
        code = str(about.get("code") or "")
        if not 0 < len(code) <= 32:
            raise AreaFileRefused(file=path.name, reason=_("an area has no properties.code of 1 to 32 characters"))
        owner_code = str(about.get("organisation") or "")
        owner = organisation_by_code(owner_code)
        if owner_code and owner is None:
            there = _("area {area} names the organisation {organisation}, which isn't there")
            raise AreaFileRefused(file=path.name, reason=format_lazy(there, area=code, organisation=owner_code))
        area_put(
            kind=kind,
            code=code,
            name_zh=str(about.get("name_zh") or about.get("name") or code)[:64],
            name_en=str(about.get("name_en") or "")[:64],
            setting=str(about.get("setting") or "town"),
            polygon=feature["geometry"],
            organisation=owner,
            by=by,
            at=at,
        )
        codes.append(code)
    if len(codes) != len(set(codes)):
        raise AreaFileRefused(file=path.name, reason=_("two areas bear one code"))
    return {"file": path.name, "kind": kind, "areas": len(codes)}


def _features(path: Path) -> list[dict[str, Any]]:
    """The features of a GeoJSON file, each with properties and a geometry."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        found = [{"properties": f["properties"] or {}, "geometry": f["geometry"]} for f in document["features"]]
        whole = found and all(isinstance(f["properties"], dict) and isinstance(f["geometry"], dict) for f in found)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise AreaFileRefused(file=path.name, reason=_("it is no whole GeoJSON FeatureCollection with areas"))
    return found


def units_import(path: Path, *, by: Actor, clock: Callable[[], datetime]) -> dict[str, Any]:
    """Add the units of a table; a call sign that is known is left as it is."""
    return table_import(path, "units", by, clock, lambda fields: _unit(fields, by, clock()))


def roster_import(path: Path, *, by: Actor, clock: Callable[[], datetime]) -> dict[str, Any]:
    """Add the shifts of a table; a shift that is known is left as it is."""
    return table_import(path, "roster", by, clock, lambda fields: _shift(fields, by, clock()))


def points_import(path: Path, *, datum: str = "wgs84", by: Actor, clock: Callable[[], datetime]) -> dict[str, Any]:
    """Bring booths, must-cover and standby points of a table or GeoJSON file into force; the same again is known.

    ``datum`` is wgs84, gcj02 or bd09. Raises ``FileRefused`` or ``AreaFileRefused`` for a file that isn't whole.
    """
    rows = _point_features(path) if path.suffix.lower() in (".json", ".geojson") else rows_of(path)
    return table_import(path, "points", by, clock, lambda fields: _point(fields, path.name, datum, by, clock()), rows)


def _point_features(path: Path) -> Iterator[SourceRow]:
    found = _features(path)
    for line, feature in enumerate(found, start=1):
        place = feature["geometry"].get("coordinates")
        is_point = feature["geometry"].get("type") == "Point" and isinstance(place, list) and len(place) >= 2
        lon, lat = place[:2] if is_point else (None, None)
        yield SourceRow(line, {**feature["properties"], "lon": lon, "lat": lat})


def _point(fields: dict[str, Any], source: str, datum: str, by: Actor, at: datetime) -> bool:
    owner = _organisation(fields) if text(fields.get("organisation"), 32) else None
    lon, lat = number(fields.get("lon")), number(fields.get("lat"))
    if lon is None or lat is None or not ON_EARTH.holds(lon, lat):
        told = f"{fields.get('lon')}, {fields.get('lat')}"
        raise RowRefused("place", f"坐标“{told}”无法识别", f"the place “{told}” is none in degrees")
    if datum != "wgs84":
        x, y = DATUMS[datum](lon, lat)
        lon, lat = round(float(x), 6), round(float(y), 6)
    zone = ZoneInfo(settings.TIME_ZONE)
    _row, is_news = point_put(
        kind=text(fields.get("kind"), 12),
        code=code_text(fields.get("code"), 32),
        name_zh=text(fields.get("name_zh") or fields.get("name"), 64),
        name_en=text(fields.get("name_en"), 64),
        lon=lon,
        lat=lat,
        organisation=owner,
        source=source[:64],
        valid_from=instant(fields.get("valid_from"), zone),
        by=by,
        at=at,
    )
    return is_news


def table_import(
    path: Path,
    kind: str,
    by: Actor,
    clock: Callable[[], datetime],
    take: Callable[[dict[str, Any]], bool],
    rows: Iterable[SourceRow | BrokenRow] | None = None,
) -> dict[str, Any]:
    """Every row of a table taken by ``take`` (True: new, False: known), or parked with its reason; the counts."""
    rows = rows_of(path) if rows is None else rows
    batch: ImportBatch = batch_start(path, kind=kind, mapping="", by=by, at=clock())
    tally = Tally()
    for row in rows:
        tally.received += 1
        broken = row if isinstance(row, BrokenRow) else _taken(row, take, tally)
        if broken is not None:
            park(broken, batch=batch, at=clock())
            tally.quarantined += 1
    batch_finish(batch, tally, by=by, at=clock())
    return {"file": path.name, "batch": batch.pk, **tally.as_dict()}


def _taken(row: SourceRow, take: Callable[[dict[str, Any]], bool], tally: Tally) -> BrokenRow | None:
    try:
        fresh = take(row.fields)
    except RowRefused as refusal:
        return refused(row, refusal)
    except DomainError as refusal:
        return refused(row, RowRefused(refusal.code, refusal.detail("zh-hans"), refusal.detail("en")))
    tally.accepted += fresh
    tally.repeated += not fresh
    return None


def _organisation(fields: dict[str, Any]) -> Organisation:
    code = text(fields.get("organisation"), 32)
    found = organisation_by_code(code)
    if found is None:
        raise RowRefused("organisation", f"没有机构“{code}”", f"there is no organisation “{code}”")
    return found


def _unit(fields: dict[str, Any], by: Actor, at: datetime) -> bool:
    call_sign = code_text(fields.get("call_sign"), 24)
    if not call_sign:
        raise RowRefused("call_sign", "缺少呼号", "there is no call sign")
    track, vehicle = text(fields.get("track"), 1).upper() or "P", text(fields.get("vehicle"), 12) or "car"
    if track not in Unit.Track.values or vehicle not in Unit.Vehicle.values:
        kind = f"{track}/{vehicle}"
        raise RowRefused("kind", f"未知的 track/vehicle：{kind}", f"unknown track/vehicle {kind}")
    organisation = _organisation(fields)
    if Unit.objects.filter(call_sign=call_sign).exists():
        return False
    lon, lat = _base(fields)
    capabilities = [
        word.strip() for word in text(fields.get("capabilities"), 200).replace("，", ",").split(",") if word.strip()
    ]
    unit_add(
        call_sign=call_sign,
        track=track,
        vehicle=vehicle,
        organisation=organisation,
        capabilities=capabilities,
        base_lon=lon,
        base_lat=lat,
        by=by,
        at=at,
    )
    return True


def _base(fields: dict[str, Any]) -> tuple[float | None, float | None]:
    told = fields.get("base_lon"), fields.get("base_lat")
    lon, lat = number(told[0]), number(told[1])
    if all(is_empty(value) for value in told):
        return None, None
    if lon is None or lat is None or not ON_EARTH.holds(lon, lat):
        raise RowRefused("place", f"驻地坐标“{told}”无法识别", f"the base “{told}” is no place in degrees")
    return lon, lat


def _shift(fields: dict[str, Any], by: Actor, at: datetime) -> bool:
    call_sign = code_text(fields.get("call_sign"), 24)
    unit = Unit.objects.filter(call_sign=call_sign).first()
    if unit is None:
        raise RowRefused("call_sign", f"没有单元“{call_sign}”", f"there is no unit “{call_sign}”")
    zone = ZoneInfo(settings.TIME_ZONE)
    starts, ends = instant(fields.get("starts_at"), zone), instant(fields.get("ends_at"), zone)
    if starts is None or ends is None or ends <= starts:
        raise RowRefused("times", "起止时间缺失或颠倒", "start and end are missing or the wrong way round")
    if Shift.objects.filter(unit=unit, starts_at=starts).exists():
        return False
    shift_set(unit=unit, starts_at=starts, ends_at=ends, by=by, at=at)
    return True
