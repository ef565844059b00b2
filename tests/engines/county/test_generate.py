"""The fictional county: the same from the same seed, whole, and fit to drive in."""

import hashlib
import pickle
import re
from collections import Counter
from datetime import UTC, date, datetime

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import shape

from anlan.engines.county.areas import AreaIndex
from anlan.engines.county.forces import shift_roster
from anlan.engines.county.generate import county_generate
from anlan.engines.county.records import SYNTHETIC_LABEL, AreaRecord, County
from anlan.engines.roads import Snapper, graph_from_lines, travel_times_to, travel_weights


def _fingerprint(county: County) -> str:
    parts = (county.areas, county.base_features, county.roads, county.gazetteer, county.organisations,
             county.duty_groups, county.people, county.units)  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _shapes(areas: tuple[AreaRecord, ...]) -> list[shapely.Geometry]:
    return [shape(dict(area.geometry)) for area in areas]


def test_one_seed_gives_one_county_and_another_seed_another(county: County) -> None:
    assert _fingerprint(county_generate(1)) == _fingerprint(county)
    assert _fingerprint(county_generate(2)) != _fingerprint(county)


def test_the_county_says_that_it_is_synthetic_and_can_be_sent_between_processes(county: County) -> None:
    assert county.label == SYNTHETIC_LABEL
    assert pickle.loads(pickle.dumps(county)) == county


def test_it_has_the_forces_and_offices_of_a_county_of_600_000(county: County) -> None:
    kinds = Counter(org.kind for org in county.organisations)
    assert (kinds["zone"], kinds["station"], kinds["town_room"]) == (3, 12, 14)
    assert {"D-12345", "D-119", "D-120"} <= {org.code for org in county.organisations}
    agencies = Counter(unit.agency for unit in county.units)
    assert agencies["police"] == 60
    assert 36 <= agencies["community"] <= 44
    assert {unit.vehicle_class for unit in county.units} >= {"car", "motorcycle", "foot", "boat"}
    assert abs(sum(town.population for town in county.areas_of("town")) - 600_000) < 100


def test_codes_user_names_and_place_names_are_each_given_once(county: County) -> None:
    for rows in (
        [p.username for p in county.people],
        [u.call_sign for u in county.units],
        [g.code for g in county.gazetteer],
        [g.name_zh for g in county.gazetteer],
        [a.code for a in county.areas],
        [o.code for o in county.organisations],
    ):
        assert len(rows) == len(set(rows))


def test_every_parent_and_home_exists(county: County) -> None:
    orgs = {org.code for org in county.organisations}
    areas = {area.code for area in county.areas}
    assert all(org.parent in orgs for org in county.organisations if org.parent)
    assert all(set(area.parents.values()) <= areas for area in county.areas)
    assert all(unit.home in orgs and unit.beat in areas for unit in county.units)


def test_beats_tile_the_county_without_gap_or_overlap(county: County) -> None:
    beats = _shapes(county.areas_of("beat"))
    assert shapely.coverage_is_valid(np.array(beats))
    whole = _shapes(county.areas_of("county"))[0]
    assert np.isclose(sum(beat.area for beat in beats), whole.area, rtol=1e-9)


def test_every_point_of_the_county_lies_in_one_beat_and_its_station_town_and_zone(county: County) -> None:
    whole = _shapes(county.areas_of("county"))[0]
    west, south, east, north = whole.bounds
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(west, east, 3000), rng.uniform(south, north, 3000)
    inside = shapely.contains_xy(whole, lon, lat)
    index = AreaIndex(county.areas)
    assert ((index.beat_numbers(lon, lat) >= 0) == inside).all()
    for kind in ("station", "town", "zone"):
        polygons = {area.code: shape(dict(area.geometry)) for area in county.areas_of(kind)}
        codes = index.codes(lon[inside], lat[inside], kind)
        points = shapely.points(lon[inside], lat[inside])
        assert all(polygons[code].intersects(point) for code, point in zip(codes, points, strict=True))


def test_every_gazetteer_point_lies_in_the_county_and_in_the_beat_it_names(county: County) -> None:
    assert len(county.gazetteer) >= 3000
    lon = np.array([g.lon for g in county.gazetteer])
    lat = np.array([g.lat for g in county.gazetteer])
    assert AreaIndex(county.areas).codes(lon, lat) == [g.beat for g in county.gazetteer]
    kinds = {g.kind for g in county.gazetteer}
    assert kinds == {"road", "house_number", "estate", "building", "village", "landmark", "junction"}


def test_every_name_is_given_in_chinese_and_in_latin_letters(county: County) -> None:
    for row in (*county.gazetteer, *county.areas, *county.organisations):
        assert re.search(r"[一-鿿]", row.name_zh)
        assert re.fullmatch(r"[ -~]+", row.name_en)


def test_every_junction_can_be_reached_from_every_other(county: County) -> None:
    nodes: dict[tuple[float, float], int] = {}
    rows: list[int] = []
    cols: list[int] = []
    for road in county.roads:
        a, b = (nodes.setdefault(end, len(nodes)) for end in (road.points[0], road.points[-1]))
        rows += [a] if road.oneway else [a, b]
        cols += [b] if road.oneway else [b, a]
    links = coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(nodes), len(nodes)))
    _, label = connected_components(links, directed=True, connection="strong")
    assert np.bincount(label).max() / len(nodes) >= 0.97


def test_the_network_has_the_roads_of_a_county(county: County) -> None:
    classes = Counter(road.road_class for road in county.roads)
    assert 1500 <= len(county.roads) <= 4000
    assert set(classes) == {
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "living_street",
    }
    assert sum(road.bridge for road in county.roads) >= 6
    assert any(road.oneway for road in county.roads)
    assert all(len(road.points) >= 2 and road.speed_kmh for road in county.roads)


def test_roads_cross_the_river_only_on_bridges_and_lanes_never_do(county: County) -> None:
    river = next(shape(dict(f.geometry)) for f in county.base_features if f.kind == "river")
    middle = river.buffer(-0.0005)
    wet = [road for road in county.roads if shapely.LineString(road.points).intersects(middle)]
    assert len(wet) >= 6
    assert all(road.bridge for road in wet)
    assert not [road for road in wet if road.road_class in ("unclassified", "residential", "living_street")]


@pytest.mark.parametrize("seed", [3, 6, 9])
def test_other_seeds_give_whole_counties_too(seed: int) -> None:
    other = county_generate(seed)
    assert all(area.geometry["type"] == "Polygon" for area in other.areas)
    assert shapely.coverage_is_valid(np.array(_shapes(other.areas_of("beat"))))
    assert len({g.name_zh for g in other.gazetteer}) == len(other.gazetteer) >= 3000
    assert abs(sum(town.population for town in other.areas_of("town")) - 600_000) < 100


def test_the_roster_puts_each_unit_on_duty_once_a_slot_with_its_full_crew(county: County) -> None:
    slots = shift_roster(county, first_day=date(2026, 3, 2), days=8)
    seen = Counter((slot.unit, slot.starts_at) for slot in slots)
    assert set(seen.values()) == {1}
    size = {unit.code: unit.crew_size for unit in county.units}
    assert all(len(slot.crew) == size[slot.unit] for slot in slots)
    night = datetime(2026, 3, 4, 12, tzinfo=UTC)
    on_night = {slot.unit for slot in slots if slot.starts_at == night}
    round_the_clock = {unit.code for unit in county.units if len(unit.groups) == 4}
    assert on_night == round_the_clock


def test_nobody_works_two_slots_running(county: County) -> None:
    slots = sorted(shift_roster(county, first_day=date(2026, 3, 2), days=8), key=lambda slot: slot.starts_at)
    last: dict[str, datetime] = {}
    for slot in slots:
        for person in slot.crew:
            assert person not in last or slot.starts_at > last[person]
            last[person] = slot.ends_at


def test_the_road_engine_drives_from_the_hub_to_every_village_within_an_hour_and_a_half(county: County) -> None:
    graph = graph_from_lines(county.roads)
    weights = travel_weights(graph)
    snapper = Snapper(graph)
    hub = next(g for g in county.gazetteer if g.name_zh == "安澜站")
    villages = [g for g in county.gazetteer if g.kind == "village"]
    starts = snapper.snap_many([g.lon for g in villages], [g.lat for g in villages], usable=weights.usable)
    seconds = travel_times_to(graph, weights, snapper.snap(hub.lon, hub.lat, usable=weights.usable), starts)
    assert np.isfinite(seconds).all()
    assert 900 < seconds.max() < 5400
    assert np.quantile(starts.distance_m, 0.95) < 400
