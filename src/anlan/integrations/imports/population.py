"""Residents by area or by cell from a table: by these the forecast tells small places together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.core.actor import Actor
from anlan.engines.geo import bd09_to_wgs84, gcj02_to_wgs84
from anlan.forecasting.services import Residents, population_take
from anlan.integrations.imports.convert import ON_EARTH, RowRefused, code_text, is_empty, number, text
from anlan.integrations.imports.mapping import Mapping
from anlan.integrations.imports.reading import BrokenRow, rows_of
from anlan.integrations.imports.runner import Tally, batch_finish, batch_start, park, refused
from anlan.places.selectors import areas_in_force

DATUMS = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
KINDS = ("beat", "town", "station", "zone", "county")
FIELDS = ("area_kind", "code", "lon", "lat", "cell_m", "residents")
MOST = 5_000_000
SMALLEST_M, WIDEST_M = 10.0, 10_000.0


def population_import(
    path: Path, *, mapping: Mapping | None, datum: str, by: Actor, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """Take residents in: ``area_kind`` and ``code``, or ``lon``, ``lat`` and ``cell_m``; and ``residents``.

    ``mapping`` names their columns; its datum goes before ``datum``. A file with bad rows is taken without them; they
    wait in quarantine. Raises ``FileRefused`` for a file that can't be read at all.
    """
    batch = batch_start(path, kind="population", mapping=mapping.name if mapping else "", by=by, at=clock())
    areas = {kind: {area.code for area in areas_in_force(kind)} for kind in KINDS}
    datum = mapping.datum if mapping else datum
    tally, good = Tally(), []
    for row in rows_of(path):
        tally.received += 1
        broken = row if isinstance(row, BrokenRow) else None
        if not isinstance(row, BrokenRow):
            try:
                good.append(_residents(_ours(row.fields, mapping), areas, datum))
            except RowRefused as refusal:
                broken = refused(row, refusal)
        if broken is not None:
            park(broken, batch=batch, at=clock())
            tally.quarantined += 1
    fresh = population_take(rows=good, source=path.name, by=by, at=clock())
    tally.accepted, tally.repeated = sum(fresh), len(fresh) - sum(fresh)
    batch_finish(batch, tally, by=by, at=clock())
    return {"file": path.name, "batch": batch.pk, **tally.as_dict()}


def _ours(fields: dict[str, Any], mapping: Mapping | None) -> dict[str, Any]:
    return fields if mapping is None else {name: mapping.value(fields, name) for name in FIELDS}


def _residents(fields: dict[str, Any], areas: dict[str, set[str]], datum: str) -> Residents:
    people = number(fields.get("residents"))
    if people is None or not 0 <= people <= MOST or people != round(people):
        told = fields.get("residents")
        raise RowRefused("residents", f"常住人口“{told}”不是 0 以上的整数", f"“{told}” is no number of residents")
    if not is_empty(fields.get("code")):
        return _of_area(fields, areas, int(people))
    return _of_cell(fields, datum, int(people))


def _of_area(fields: dict[str, Any], areas: dict[str, set[str]], people: int) -> Residents:
    kind, code = text(fields.get("area_kind"), 12) or "beat", code_text(fields.get("code"), 32)
    if code not in areas.get(kind, ()):
        raise RowRefused("area", f"没有现行的辖区“{kind} {code}”", f"no area “{kind} {code}” is in force")
    return Residents(people, area_kind=kind, code=code)


def _of_cell(fields: dict[str, Any], datum: str, people: int) -> Residents:
    lon, lat, wide = (number(fields.get(name)) for name in ("lon", "lat", "cell_m"))
    if lon is None or lat is None or not ON_EARTH.holds(lon, lat):
        told = f"{fields.get('lon')}, {fields.get('lat')}"
        raise RowRefused("place", f"坐标“{told}”无法识别", f"the place “{told}” is none in degrees")
    if wide is None or not SMALLEST_M <= wide <= WIDEST_M:
        told = str(fields.get("cell_m"))
        raise RowRefused(
            "cell_m", f"网格边长“{told}”应为 10 至 10000 米", f"a cell is 10 to 10,000 m wide, not “{told}”"
        )
    if datum != "wgs84":
        x, y = DATUMS[datum](lon, lat)
        lon, lat = float(x), float(y)
    return Residents(people, lon=round(lon, 6), lat=round(lat, 6), cell_m=wide)
