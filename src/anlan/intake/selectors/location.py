"""Where a report is about: the best point that can be answered for, how it was found, and what else it may be."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from anlan.engines.addresses import Candidate, best_of
from anlan.engines.geo import Bounds, CoordinateFinding, bd09_to_wgs84, coordinates_check, gcj02_to_wgs84
from anlan.intake.models import Call
from anlan.intake.sheet import CallSheet, Unreadable
from anlan.places.models import Place
from anlan.places.selectors import Located, address_search, areas_in_force, locate

log = logging.getLogger(__name__)

_WHOLE_EARTH = Bounds(-180.0, -90.0, 180.0, 90.0)
_BORDER_DEG = 0.05
_CANDIDATES_AT_MOST = 8
_WORDS = {
    CoordinateFinding.ZERO: ("坐标为零，多半是没有定位", "a coordinate is zero, most likely there was no fix"),
    CoordinateFinding.NOT_ON_EARTH: ("坐标不在地球上", "there is no such place on earth"),
    CoordinateFinding.SWAPPED: (
        "经纬度似乎写反了，未采用，请核对",
        "longitude and latitude seem to be swapped; the point was not used, please check it",
    ),
    CoordinateFinding.OUTSIDE_BOUNDS: (
        "坐标在辖区之外，已保留，请核对",
        "the point lies outside the area; it was kept, please check it",
    ),
}


@dataclass(frozen=True)
class Where:
    """The point taken (None when nothing is sure enough), its source, and the candidates to choose from."""

    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    source: str = ""
    confidence: float | None = None
    place_id: int | None = None
    located: Located | None = None
    candidates: tuple[Candidate, ...] = ()
    aside: list[Unreadable] = field(default_factory=list)


def place_of_sheet(sheet: CallSheet, call: Call | None) -> Where:
    """The place of a sheet: point, gazetteer choice, clear address, rough telephone position, in this order.

    An address is turned into a point only when one candidate is sure and no other comes near it; the
    point then carries source ``address`` and its confidence, and the candidates are given with it.
    """
    aside: list[Unreadable] = []
    found = _by_point(sheet, aside) or _by_place(sheet, aside)
    candidates: list[Candidate] = []
    if found is None and sheet.address_text.strip():
        candidates = _candidates(sheet, call)
        found = _by_address(candidates)
    if found is None and call is not None and call.lon is not None and call.lat is not None:
        radius = call.location_radius_m
        found = Where(call.lon, call.lat, radius, "network", located=locate(call.lon, call.lat))
    found = found or Where()
    return Where(
        found.lon,
        found.lat,
        found.radius_m,
        found.source,
        found.confidence,
        found.place_id,
        found.located,
        tuple(candidates),
        aside,
    )


def place_of_point(sheet: CallSheet, aside: list[Unreadable]) -> Where:
    """The rough place a switch tells, as far as it can be one; what can't goes to ``aside``."""
    return _by_point(sheet, aside) or Where()


def _by_point(sheet: CallSheet, aside: list[Unreadable]) -> Where | None:
    if sheet.lon is None or sheet.lat is None:
        return None
    lon, lat = _to_wgs84(sheet.lon, sheet.lat, sheet.datum)
    finding = coordinates_check(lon, lat, bounds=_WHOLE_EARTH)
    located = locate(lon, lat) if finding is CoordinateFinding.OK else None
    if located is None or not located.is_inside:
        finding = _finding(lon, lat)
        if finding is not CoordinateFinding.OK:
            zh, en = _WORDS[finding]
            raw = f'{{"lon": {sheet.lon!r}, "lat": {sheet.lat!r}, "datum": "{sheet.datum}"}}'
            aside.append(Unreadable("lon", str(finding), zh, en, raw))
        if finding not in (CoordinateFinding.OK, CoordinateFinding.OUTSIDE_BOUNDS):
            return None
    return Where(lon, lat, sheet.radius_m, "point", None, sheet.place_id, located)


def _to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    if datum == "wgs84":
        return lon, lat
    convert = gcj02_to_wgs84 if datum == "gcj02" else bd09_to_wgs84
    plain_lon, plain_lat = convert(lon, lat)
    return round(float(plain_lon), 7), round(float(plain_lat), 7)


def _finding(lon: float, lat: float) -> CoordinateFinding:
    """What is wrong with a point that lies in no area; OK where no areas are known to compare with."""
    return coordinates_check(lon, lat, bounds=_jurisdiction() or _WHOLE_EARTH)


def _jurisdiction() -> Bounds | None:
    """The rectangle around all areas in force. Asked only for points that lie in none of them."""
    corners = [
        point
        for kind in ("county", "station", "town")
        for area in areas_in_force(kind)
        for point in _points(area.polygon["coordinates"])
    ]
    if not corners:
        return None
    lons, lats = [point[0] for point in corners], [point[1] for point in corners]
    return Bounds(min(lons) - _BORDER_DEG, min(lats) - _BORDER_DEG, max(lons) + _BORDER_DEG, max(lats) + _BORDER_DEG)


def _points(coordinates: Any) -> list[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        return [(coordinates[0], coordinates[1])]
    return [point for part in coordinates for point in _points(part)]


def _by_place(sheet: CallSheet, aside: list[Unreadable]) -> Where | None:
    if sheet.place_id is None:
        return None
    place = Place.objects.filter(pk=sheet.place_id).only("id", "lon", "lat").first()
    if place is None:
        zh, en = "地名库里没有这个编号", "the gazetteer has no such place"
        aside.append(Unreadable("place_id", "not_found", zh, en, str(sheet.place_id)))
        return None
    return Where(place.lon, place.lat, sheet.radius_m, "place", None, place.pk, locate(place.lon, place.lat))


def _candidates(sheet: CallSheet, call: Call | None) -> list[Candidate]:
    near = (call.lon, call.lat) if call is not None and call.lon is not None and call.lat is not None else None
    try:
        return address_search(sheet.address_text, near=near, limit=_CANDIDATES_AT_MOST)
    except Exception:
        # A report must not be lost because a search failed; the text itself is on the record.
        log.exception("address search failed; the report is taken without a point")
        return []


def _by_address(candidates: list[Candidate]) -> Where | None:
    """The one place the address can mean, if it is sure and no other comes near it."""
    best = best_of(candidates)
    if best is None:
        return None
    located = locate(best.lon, best.lat)
    return Where(best.lon, best.lat, best.radius_m, "address", best.confidence, best.record.id, located)
