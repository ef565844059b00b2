"""What an OpenStreetMap extract (.osm.pbf) has to draw: roads and paths, water, green, buildings, names.

Reads only. An extract that holds nothing but roads gives a map of roads.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import osmium
import shapely

from anlan.engines.tiles import MapFeature, lines_joined
from anlan.engines.tiles.schema import LINES, label_feature, road_feature, shape_feature
from anlan.places.osm_import import names_of_way

_KEYS = (
    "highway",
    "railway",
    "waterway",
    "aeroway",
    "natural",
    "landuse",
    "leisure",
    "building",
    "amenity",
    "office",
    "place",
)
_AREA_KEYS = ("waterway", "aeroway", "natural", "landuse", "leisure", "building", "amenity")
_LAND = {
    ("natural", "water"): "water",
    ("natural", "bay"): "water",
    ("waterway", "riverbank"): "water",
    ("waterway", "dock"): "water",
    ("landuse", "reservoir"): "water",
    ("landuse", "basin"): "water",
    ("landuse", "residential"): "built_up",
    ("landuse", "industrial"): "industrial",
    ("landuse", "railway"): "industrial",
    ("landuse", "port"): "industrial",
    ("landuse", "commercial"): "commercial",
    ("landuse", "retail"): "commercial",
    ("landuse", "forest"): "wood",
    ("natural", "wood"): "wood",
    ("natural", "scrub"): "wood",
    ("landuse", "grass"): "park",
    ("landuse", "recreation_ground"): "park",
    ("landuse", "village_green"): "park",
    ("leisure", "park"): "park",
    ("leisure", "garden"): "park",
    ("leisure", "golf_course"): "park",
    ("leisure", "nature_reserve"): "wood",
    ("landuse", "farmland"): "farm",
    ("landuse", "orchard"): "farm",
    ("landuse", "vineyard"): "farm",
    ("landuse", "meadow"): "farm",
    ("landuse", "cemetery"): "cemetery",
    ("amenity", "grave_yard"): "cemetery",
    ("natural", "beach"): "sand",
    ("natural", "sand"): "sand",
    ("aeroway", "aerodrome"): "airport",
    ("amenity", "school"): "campus",
    ("amenity", "college"): "campus",
    ("amenity", "university"): "campus",
    ("amenity", "hospital"): "hospital",
}
_PLACES = {
    "city": "city",
    "town": "town",
    "suburb": "suburb",
    "quarter": "suburb",
    "village": "village",
    "neighbourhood": "neighbourhood",
    "hamlet": "hamlet",
}
_POINTS = {
    ("amenity", "hospital"): "hospital",
    ("amenity", "police"): "police",
    ("amenity", "fire_station"): "fire_station",
    ("amenity", "townhall"): "government",
    ("office", "government"): "government",
    ("amenity", "school"): "school",
    ("amenity", "college"): "school",
    ("amenity", "university"): "school",
    ("amenity", "marketplace"): "market",
    ("amenity", "bus_station"): "hub",
    ("railway", "station"): "hub",
    ("aeroway", "aerodrome"): "hub",
    ("leisure", "park"): "park",
}
_RAIL = {"rail": "railway", "light_rail": "metro", "subway": "metro", "tram": "metro"}
_LATER = ((3e6, 0), (3e5, 1), (3e4, 2))
"""From how many square metres on a name of water or green comes how many zooms later than the largest."""


def osm_map_features(path: Path) -> list[MapFeature]:
    """Everything of the file that the map draws, roads of one name joined.

    A way whose points lie outside the extract and an area that does not close are left out. Raises
    RuntimeError for a file that can't be read; `road_file_read` looks at it before.
    """
    try:
        return list(lines_joined(_read(path, areas=True)))
    except RuntimeError as problem:
        # Surfaces are put together from sorted files only; the roads of an unsorted one can still be drawn.
        if "out of order" not in str(problem):
            raise
    return list(lines_joined(_read(path, areas=False)))


def _read(path: Path, *, areas: bool) -> list[MapFeature]:
    stream = osmium.FileProcessor(str(path)).with_locations()
    if areas:
        stream = stream.with_areas(osmium.filter.KeyFilter(*_AREA_KEYS))
    shapes = osmium.geom.WKBFactory()
    found: list[MapFeature] = []
    for thing in stream.with_filter(osmium.filter.KeyFilter(*_KEYS)):
        tags = dict(thing.tags)
        if isinstance(thing, osmium.osm.Node):
            found += _of_point(tags, shapely.Point(thing.lon, thing.lat))
        elif isinstance(thing, osmium.osm.Way):
            found += _of_way(tags, thing)
        elif isinstance(thing, osmium.osm.Area):
            found += _of_area(tags, shapes, thing)
    return found


def _of_point(tags: Mapping[str, str], at: shapely.Point) -> Iterator[MapFeature]:
    name, name_en = names_of_way(dict(tags))
    kind = _PLACES.get(tags.get("place", "")) or _kind(_POINTS, tags)
    if kind and (name or name_en):
        yield label_feature(kind, at, name=name, name_en=name_en)


def _of_way(tags: Mapping[str, str], way: Any) -> Iterator[MapFeature]:
    line = _line(way)
    if line is None:
        return
    name, name_en = names_of_way(dict(tags))
    bridge, tunnel = (tags.get(key, "no") != "no" for key in ("bridge", "tunnel"))
    if "highway" in tags and tags.get("area") != "yes":
        against = tags.get("oneway") in ("-1", "reverse")
        oneway = against or tags.get("oneway") in ("yes", "true", "1") or tags.get("junction") == "roundabout"
        road = road_feature(
            shapely.reverse(line) if against else line,
            tags["highway"],
            name=name,
            name_en=name_en,
            ref=tags.get("ref", "")[:12],
            oneway=oneway,
            bridge=bridge,
            tunnel=tunnel,
        )
        if road is not None:
            yield road
        return
    kind = _RAIL.get(tags.get("railway", "")) or tags.get("waterway") or tags.get("aeroway")
    if kind in LINES and tags.get("service") is None:
        yield shape_feature(str(kind), line, name=name, name_en=name_en, bridge=bridge, tunnel=tunnel)


def _line(way: Any) -> shapely.LineString | None:
    points = [
        (n.location.lon_without_check(), n.location.lat_without_check()) for n in way.nodes if n.location.valid()
    ]
    return shapely.LineString(points) if len(points) > 1 and points[0:1] != points[1:] else None


def _of_area(tags: Mapping[str, str], shapes: Any, area: Any) -> Iterator[MapFeature]:
    kind = "building" if tags.get("building", "no") != "no" else _kind(_LAND, tags)
    if kind is None and _kind(_POINTS, tags) is None:
        return
    try:
        geometry = shapely.from_wkb(shapes.create_multipolygon(area))
    except RuntimeError:  # its outline leaves the extract
        return
    if kind is not None:
        yield shape_feature(kind, geometry)
    name, name_en = names_of_way(dict(tags))
    label = _kind(_POINTS, tags) or {"building": "building", "water": "water", "wood": "park"}.get(kind or "")
    if label and (name or name_en):
        later = _later(geometry) if label in ("water", "park") else 0
        yield label_feature(label, geometry, name=name, name_en=name_en, later=later)


def _later(geometry: shapely.Geometry) -> int:
    """The smaller the surface, the later its name."""
    square_m = geometry.area * 111_000.0**2 * 0.8  # near enough to choose a zoom
    return next((zooms for least, zooms in _LATER if square_m >= least), 3)


def _kind(table: Mapping[tuple[str, str], str], tags: Mapping[str, str]) -> str | None:
    return next((kind for (key, value), kind in table.items() if tags.get(key) == value), None)
