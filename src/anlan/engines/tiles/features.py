"""What goes on a map, before it is cut into tiles."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

Value = str | int | float | bool

NAMES = frozenset({"name", "name_en", "ref"})
"""Properties that are carried only where a label can be read."""


@dataclass(frozen=True, slots=True)
class MapFeature:
    """One thing to draw: points, lines or polygons in WGS 84 degrees (`lon, lat`).

    It is left out of tiles below `min_zoom`, and carries its `NAMES` from `named_from` on: two streets
    that differ by name only are one drawing further out.
    """

    layer: str
    geometry: BaseGeometry
    properties: Mapping[str, Value]
    min_zoom: int = 0
    named_from: int = 0


def lines_joined(features: Iterable[MapFeature]) -> Iterator[MapFeature]:
    """The lines with stretches of equal layer, properties and zooms joined end to end; others as they are.

    Long lines simplify better, and a street's name finds room on them. A stretch with a true `oneway`
    is joined only in its direction.
    """
    groups: dict[tuple[object, ...], list[MapFeature]] = defaultdict(list)
    for feature in features:
        if feature.geometry.geom_type == "LineString":
            groups[_same(feature)].append(feature)
        else:
            yield feature
    for like in groups.values():
        if len(like) == 1:
            yield like[0]
            continue
        bundle = shapely.multilinestrings([feature.geometry for feature in like])
        joined = shapely.line_merge(bundle, directed=bool(like[0].properties.get("oneway")))
        for part in shapely.get_parts(joined):
            yield replace(like[0], geometry=part)


def _same(feature: MapFeature) -> tuple[object, ...]:
    # True == 1 in Python and not on a map: the type belongs to the key.
    told = sorted((key, type(value).__name__, value) for key, value in feature.properties.items())
    return (feature.layer, feature.min_zoom, feature.named_from, tuple(told))
