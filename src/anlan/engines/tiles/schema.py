"""The drawing convention of our own basemap: layers, kinds, and from which zoom each is drawn.

Kinds follow OpenStreetMap's words where it has them. Styles are written against this table. No border of
a state or province is in it: which borders a map may show is the bureau's to say, and its own areas are
drawn live from its own tables.
"""

from collections.abc import Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.engines.tiles.features import MapFeature, Value

LAST_ZOOM = 14
"""A unit of its tiles is 0.6 m at the equator; clients enlarge from here on."""

ROADS: Mapping[str, tuple[str, int, int]] = {
    "motorway": ("motorway", 5, 10),
    "trunk": ("trunk", 6, 11),
    "primary": ("primary", 8, 11),
    "secondary": ("secondary", 9, 12),
    "tertiary": ("tertiary", 11, 13),
    "unclassified": ("street", 12, 14),
    "residential": ("street", 12, 14),
    "living_street": ("street", 12, 14),
    "road": ("street", 12, 14),
    "pedestrian": ("pedestrian", 13, 14),
    "service": ("service", 13, 14),
    "track": ("track", 13, 14),
    "footway": ("path", 14, 14),
    "path": ("path", 14, 14),
    "cycleway": ("path", 14, 14),
    "bridleway": ("path", 14, 14),
    "steps": ("path", 14, 14),
}
"""Tag to class, first zoom, first zoom with names. A `_link` tag is two zooms later than its road."""

AREAS: Mapping[str, tuple[str, int]] = {
    "built_up": ("land", 8),
    "industrial": ("land", 10),
    "commercial": ("land", 11),
    "campus": ("land", 12),
    "hospital": ("land", 12),
    "cemetery": ("land", 12),
    "airport": ("land", 9),
    "wood": ("land", 8),
    "park": ("land", 10),
    "farm": ("land", 10),
    "sand": ("land", 11),
    "water": ("water", 6),
    "building": ("buildings", 14),
}
"""Kind of a polygon to its layer and first zoom."""

LINES: Mapping[str, tuple[str, int]] = {
    "river": ("waterway", 8),
    "canal": ("waterway", 10),
    "stream": ("waterway", 12),
    "railway": ("rail", 9),
    "metro": ("rail", 12),
    "runway": ("rail", 11),
}
"""Kind of a line that is no road to its layer and first zoom."""

LABELS: Mapping[str, tuple[int, int]] = {
    "city": (1, 5),
    "county": (2, 7),
    "town": (3, 8),
    "suburb": (4, 11),
    "village": (5, 11),
    "neighbourhood": (6, 13),
    "hamlet": (6, 13),
    "water": (4, 11),
    "park": (5, 13),
    "hub": (5, 13),
    "hospital": (5, 13),
    "government": (6, 14),
    "police": (6, 14),
    "fire_station": (6, 14),
    "school": (7, 14),
    "market": (7, 14),
    "estate": (8, 14),
    "building": (9, 14),
    "place": (9, 14),
}
"""Kind of a name that stands by itself to its rank (small goes first where room is short) and first zoom."""

TEXT, FLAG, NUMBER = "String", "Boolean", "Number"
VECTOR_LAYERS: Mapping[str, Mapping[str, str]] = {
    "land": {"kind": TEXT},
    "water": {"kind": TEXT},
    "waterway": {"kind": TEXT, "name": TEXT, "name_en": TEXT},
    "buildings": {"kind": TEXT},
    "rail": {"kind": TEXT, "bridge": FLAG, "tunnel": FLAG},
    "roads": {
        "class": TEXT,
        "link": FLAG,
        "bridge": FLAG,
        "tunnel": FLAG,
        "oneway": FLAG,
        "name": TEXT,
        "name_en": TEXT,
        "ref": TEXT,
    },
    "labels": {"kind": TEXT, "rank": NUMBER, "name": TEXT, "name_en": TEXT},
}
"""Layers in drawing order, with the properties their features may carry."""


def road_feature(
    line: BaseGeometry,
    tag: str,
    *,
    name: str = "",
    name_en: str = "",
    ref: str = "",
    oneway: bool = False,
    bridge: bool = False,
    tunnel: bool = False,
) -> MapFeature | None:
    """A road of an OpenStreetMap highway `tag`, or None for one that is not drawn. One-ways run along the line."""
    link = tag.endswith("_link")
    known = ROADS.get(tag.removesuffix("_link"))
    if known is None:
        return None
    road_class, min_zoom, named_from = known
    told: dict[str, Value] = {"class": road_class}
    flags = {"link": link, "bridge": bridge, "tunnel": tunnel, "oneway": oneway}
    told |= {key: True for key, value in flags.items() if value} | _named(name, name_en)
    if ref:
        told["ref"] = ref
    return MapFeature("roads", line, told, min(min_zoom + 2 * link, LAST_ZOOM), named_from)


def shape_feature(
    kind: str, geometry: BaseGeometry, *, name: str = "", name_en: str = "", **flags: bool
) -> MapFeature:
    """A polygon of `AREAS` or a line of `LINES`; KeyError for a kind that is in neither.

    Polygons carry no name: their label is a feature of its own, so that it stands once and not in every tile.
    """
    if shapely.get_dimensions(geometry) == 2:
        layer, min_zoom = AREAS[kind]
        return MapFeature(layer, geometry, {"kind": kind}, min_zoom)
    layer, min_zoom = LINES[kind]
    told: dict[str, Value] = {"kind": kind} | {key: True for key, value in flags.items() if value}
    if layer == "waterway":
        told |= _named(name, name_en)
    return MapFeature(layer, geometry, told, min_zoom, min(min_zoom + 3, LAST_ZOOM))


def label_feature(kind: str, place: BaseGeometry, *, name: str, name_en: str = "", later: int = 0) -> MapFeature:
    """A name of `LABELS` at a point, or inside a polygon; `later` zooms further in than its kind asks for."""
    rank, min_zoom = LABELS[kind]
    at = place if place.geom_type == "Point" else shapely.point_on_surface(place)
    told: dict[str, Value] = {"kind": kind, "rank": rank, **_named(name, name_en)}
    return MapFeature("labels", at, told, min(min_zoom + later, LAST_ZOOM))


def _named(name: str, name_en: str) -> dict[str, Value]:
    told = {"name": name or name_en, "name_en": name_en}
    return {key: value for key, value in told.items() if value}
