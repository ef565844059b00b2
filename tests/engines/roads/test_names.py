"""Road names and crossings as the gazetteer will read them."""

import pytest

from anlan.engines.geo import distance_m
from anlan.engines.roads import RoadLine, road_junctions, road_stretches, ways_from_lines
from engines.roads.tiny import STEP_M, A, B, D, F, tiny_lines


def line(name: str, *points: tuple[float, float], name_en: str = "") -> RoadLine:
    return RoadLine(name, "residential", points, name_en=name_en)


def test_every_pair_of_named_roads_that_meet_is_a_crossing_at_their_common_point():
    crossings = {(j.name_a, j.name_b): (j.lon, j.lat) for j in road_junctions(ways_from_lines(tiny_lines()))}
    assert crossings["Hill Street", "South Road"] == pytest.approx(B, abs=1e-9)
    assert crossings["Hill Street", "North Road"] == pytest.approx(D, abs=1e-9)
    assert crossings["South Road", "West Lane"] == pytest.approx(A, abs=1e-9)
    assert ("North Road", "South Road") not in crossings
    assert len(crossings) == 8  # three at C, two at B and D, and A, F, E: 3 + 1 + 1 + 1 + 1 + 1


def test_the_points_of_one_wide_crossing_are_one_and_two_far_meetings_are_two():
    wide = [
        line("大道", (120.0, 30.0), (120.0002, 30.0), (120.01, 30.0)),
        line("横街", (120.0, 30.0), (120.0, 30.01)),
        line("横街", (120.0002, 30.0), (120.0002, 30.01)),
        line("横街", (120.01, 30.0), (120.0002, 30.01)),
    ]
    crossings = road_junctions(ways_from_lines(wide))
    assert [(j.name_a, j.name_b) for j in crossings] == [("大道", "横街")] * 2
    assert crossings[0].lon == pytest.approx(120.0001)
    assert crossings[1].lon == pytest.approx(120.01)


def test_nameless_roads_make_no_crossing_and_no_entry():
    ways = ways_from_lines([line("", A, B), line("South Road", B, F)])
    assert road_junctions(ways) == []
    assert [road.name for road in road_stretches(ways)] == ["South Road"]


def test_a_road_is_as_long_as_its_pieces_and_its_point_lies_on_it():
    (road,) = road_stretches(ways_from_lines([line("South Road", A, B), line("South Road", B, F)]))
    assert road.length_m == pytest.approx(4 * STEP_M, rel=1e-6)
    assert (road.lon, road.lat) == pytest.approx(B)
    assert set(road.points) == {A, B, F}


def test_one_name_in_two_villages_is_two_roads_for_a_person_to_choose_from():
    here = line("中心路", (120.0, 30.0), (120.001, 30.0), name_en="Center Road")
    there = line("中心路", (120.2, 30.0), (120.201, 30.0))
    roads = road_stretches(ways_from_lines([here, there]))
    assert [road.name for road in roads] == ["中心路", "中心路"]
    assert float(distance_m(roads[0].lon, roads[0].lat, roads[1].lon, roads[1].lat)) > 10_000
    assert roads[0].name_en == "Center Road"


def test_a_road_with_an_english_name_on_some_pieces_only_is_still_one_road():
    pieces = [line("中山路", A, B), line("中山路", B, F, name_en="Zhongshan Road")]
    (road,) = road_stretches(ways_from_lines(pieces))
    assert road.name_en == "Zhongshan Road"
