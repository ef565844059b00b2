"""What lies under the roads on a map: water, parks, built-up land, the railway; and all of it ready to draw."""

from collections.abc import Iterator, Sequence

import numpy as np
from shapely.geometry import LineString, Point, shape
from shapely.ops import unary_union

from anlan.engines.county.country import Village
from anlan.engines.county.frame import Frame
from anlan.engines.county.landmarks import reservoir_point
from anlan.engines.county.names import RIVER
from anlan.engines.county.plan import HUB, STREAM_NAMES, MasterPlan, smooth_line
from anlan.engines.county.records import BaseFeature, County
from anlan.engines.county.streets import Block
from anlan.engines.tiles import MapFeature, lines_joined
from anlan.engines.tiles.schema import label_feature, road_feature, shape_feature

_DRAWN_AS = {"reservoir": "water", "river": "water"}
_LABELLED_AS = {
    "hospital": "hospital",
    "school": "school",
    "market": "market",
    "hub": "hub",
    "office": "government",
    "square": "park",
}


def county_base_features(
    plan: MasterPlan, frame: Frame, blocks: Sequence[Block], villages: Sequence[Village]
) -> tuple[BaseFeature, ...]:
    """Features to draw first, largest first; kinds: built_up, industrial, park, river, stream,
    reservoir, railway."""
    return (
        *_built(plan, frame, villages),
        *_of_blocks(frame, blocks),
        *_water(plan, frame),
        BaseFeature("railway", "安澜铁路", "Anlan Railway", frame.geojson(_railway(plan))),
    )


def _built(plan: MasterPlan, frame: Frame, villages: Sequence[Village]) -> Iterator[BaseFeature]:
    yield BaseFeature("built_up", "县城", "County town", frame.geojson(plan.ring.buffer(120), step_m=150))
    for town in plan.towns:
        if town.along:
            size = 620.0 if town.setting == "suburb" else 470.0
            shape = Point(town.x, town.y).buffer(size, quad_segs=6).difference(plan.river_land)
            yield BaseFeature("built_up", town.name_zh, town.name_en, frame.geojson(shape))
    for village in villages:
        shape = Point(village.x, village.y).buffer(90 + 22 * village.groups, quad_segs=3)
        yield BaseFeature("built_up", village.name.zh, village.name.en, frame.geojson(shape))


def _of_blocks(frame: Frame, blocks: Sequence[Block]) -> Iterator[BaseFeature]:
    for use, kind in (("park", "park"), ("works", "industrial")):
        shapes = [block.polygon.buffer(-25) for block in blocks if block.use == use]
        if shapes:
            yield BaseFeature(kind, "", "", frame.geojson(unary_union(shapes), step_m=150))


def _water(plan: MasterPlan, frame: Frame) -> Iterator[BaseFeature]:
    yield BaseFeature("river", *RIVER, frame.geojson(plan.river_land.intersection(plan.outline)))
    for valley, (zh, en) in STREAM_NAMES.items():
        yield BaseFeature("stream", zh, en, frame.geojson(plan.streams[valley]))
        at = reservoir_point(plan, valley)
        near = LineString(plan.streams[valley].intersection(at.buffer(700)))
        shape = near.buffer(130).union(at.buffer(240, quad_segs=5))
        yield BaseFeature(
            "reservoir",
            f"{zh.removesuffix('溪')}水库",
            f"{en.removesuffix(' Stream')} Reservoir",
            frame.geojson(shape),
        )


def _railway(plan: MasterPlan) -> LineString:
    x, y = HUB
    points = np.array(
        [(-19000, 2200), (-9500, 2600), (-4000, 3500), (x, y + 180), (6000, 4100), (12000, 5200), (19000, 4400)],
        dtype=np.float64,
    )
    line: LineString = smooth_line(points, 250).intersection(plan.outline)
    return line if line.geom_type == "LineString" else max(line.geoms, key=lambda part: part.length)


def county_map_features(county: County) -> list[MapFeature]:
    """The county as things to draw: land, water, roads joined to streets, and names. Areas are no part of it."""
    found: list[MapFeature] = [*_ground(county), *_names(county)]
    for road in county.roads:
        drawn = road_feature(
            LineString(road.points),
            road.road_class,
            name=road.name,
            name_en=road.name_en,
            oneway=road.oneway,
            bridge=road.bridge,
        )
        if drawn is not None:
            found.append(drawn)
    return list(lines_joined(found))


def _ground(county: County) -> Iterator[MapFeature]:
    """Surfaces and lines, and the names of water and settlements, each once."""
    towns = {area.name_zh for area in county.areas_of("town")}
    for number, base in enumerate(county.base_features):
        geometry = shape(base.geometry)
        yield shape_feature(_DRAWN_AS.get(base.kind, base.kind), geometry, name=base.name_zh, name_en=base.name_en)
        if base.kind == "built_up" and number == 0:
            yield label_feature("county", geometry, name=county.name_zh, name_en=county.name_en)
        elif base.kind == "built_up":
            kind = "town" if base.name_zh in towns else "village"
            yield label_feature(kind, geometry, name=base.name_zh, name_en=base.name_en)
        elif base.kind in _DRAWN_AS:
            yield label_feature("water", geometry, name=base.name_zh, name_en=base.name_en)


def _names(county: County) -> Iterator[MapFeature]:
    """What people go by: landmarks, estates, buildings."""
    for place in county.gazetteer:
        kind = {"estate": "estate", "building": "building"}.get(place.kind, "")
        if place.kind == "landmark":
            kind = _LABELLED_AS.get(place.place_type, "place")
        if kind:
            yield label_feature(kind, Point(place.lon, place.lat), name=place.name_zh, name_en=place.name_en)
