"""Reading road files: what tags mean, what is left out, and what a broken file is told."""

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import osmium
import pytest

from anlan.engines.roads import Access, RoadClass, RoadGraph, road_graph_build, road_junctions
from anlan.places import road_store
from anlan.places.osm_import import (
    RoadFileBroken,
    RoadFileFault,
    access_of_way,
    free_speed_kmh,
    names_of_way,
    road_file_read,
)
from anlan.places.road_store import RoadStoreBroken, graph_checksum, graph_load, graph_save

SHARED = Path(__file__).parents[3] / "shared/data"
NODES = {1: (120.0, 30.0), 2: (120.001, 30.0), 3: (120.002, 30.0), 4: (120.001, 30.001), 5: (120.001, 30.002)}
EAST_ROAD = {"highway": "primary", "name": "东路", "name:en": "East Road", "maxspeed": "50"}


def road_file(path: Path, ways: list[tuple[list[int], dict[str, str]]], relations=()) -> Path:
    """Write a small .osm.pbf; way ids count from 100, nodes not in NODES stay without a place."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for ref, place in NODES.items():
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=place))
        for number, (refs, tags) in enumerate(ways):
            writer.add_way(osmium.osm.mutable.Way(id=100 + number, nodes=refs, tags=tags))
        for number, (members, tags) in enumerate(relations):
            writer.add_relation(osmium.osm.mutable.Relation(id=900 + number, members=members, tags=tags))
    return path


@pytest.fixture
def town(tmp_path: Path) -> Path:
    restriction = (
        [("w", 100, "from"), ("n", 2, "via"), ("w", 101, "to")],
        {"type": "restriction", "restriction": "no_left_turn"},
    )
    ways = [
        ([1, 2, 3], EAST_ROAD),
        ([2, 4, 5], {"highway": "residential", "name": "Hill Street", "oneway": "-1"}),
        ([5, 1], {"highway": "residential"}),
        ([1, 4], {"highway": "footway"}),
        ([3, 4], {"waterway": "river"}),
    ]
    return road_file(tmp_path / "town.osm.pbf", ways, [restriction])


def test_roads_are_read_with_names_in_both_languages_and_other_things_are_not(town):
    read = road_file_read(town)
    assert (read.facts.n_ways, read.facts.n_points, read.facts.n_restrictions) == (3, 8, 1)
    assert read.facts.size_bytes == town.stat().st_size
    ways = read.ways
    assert [ways.names[at] for at in ways.way_name] == ["东路", "Hill Street", ""]
    assert ways.names_en[ways.way_name[0]] == "East Road"
    assert [(j.name_a, j.name_b) for j in road_junctions(ways)] == [("Hill Street", "东路")]


def test_a_way_against_its_points_runs_the_other_way_in_the_graph(town):
    graph = road_graph_build(road_file_read(town).ways)
    hill = next(k for k in range(graph.n_links) if graph.names[graph.link_name[k]] == "Hill Street")
    assert graph.node_ref[graph.link_from[hill]] == 5
    assert graph.link_access_forward[hill] & Access.CAR
    assert not graph.link_access_backward[hill] & Access.CAR
    assert (graph.link_way_first[hill], graph.link_way_last[hill]) == (101, 101)


def test_turn_restrictions_are_kept_for_later_and_their_corner_stays_a_junction(town):
    graph = road_graph_build(road_file_read(town).ways)
    kept = (graph.restriction_from.tolist(), graph.restriction_via.tolist(), graph.restriction_to.tolist())
    assert kept == ([100], [2], [101])
    assert graph.restriction_kind == ("no_left_turn",)
    assert 2 in graph.node_ref


def test_a_way_point_without_a_place_splits_the_way_instead_of_bridging_it(tmp_path):
    path = road_file(tmp_path / "cut.osm.pbf", [([1, 2, 77, 4, 5], EAST_ROAD), ([78, 3], EAST_ROAD)])
    read = road_file_read(path)
    assert read.facts.n_points_without_location == 2
    assert read.ways.way_id.tolist() == [100, 100]
    assert np.diff(read.ways.way_indptr).tolist() == [2, 2]


ALL = Access.CAR | Access.MOTORCYCLE | Access.FOOT | Access.CAR_EMERGENCY | Access.MOTORCYCLE_EMERGENCY
EMERGENCY = Access.CAR_EMERGENCY | Access.MOTORCYCLE_EMERGENCY


@pytest.mark.parametrize(
    ("tags", "road_class", "forward", "backward"),
    [
        ({}, RoadClass.PRIMARY, ALL, ALL),
        ({"oneway": "yes"}, RoadClass.PRIMARY, ALL, Access.FOOT),
        ({"oneway": "-1"}, RoadClass.PRIMARY, Access.FOOT, ALL),
        ({"oneway": "no"}, RoadClass.MOTORWAY, Access.CAR | EMERGENCY, Access.CAR | EMERGENCY),
        ({}, RoadClass.MOTORWAY, Access.CAR | EMERGENCY, Access.NONE),
        ({"junction": "roundabout"}, RoadClass.TERTIARY, ALL, Access.FOOT),
        ({"access": "private"}, RoadClass.SERVICE, ALL, ALL),
        ({"access": "no"}, RoadClass.SERVICE, EMERGENCY, EMERGENCY),
        ({"access": "no", "foot": "yes"}, RoadClass.SERVICE, EMERGENCY | Access.FOOT, EMERGENCY | Access.FOOT),
        ({"access": "no", "emergency": "no"}, RoadClass.SERVICE, Access.NONE, Access.NONE),
        ({"motor_vehicle": "no"}, RoadClass.RESIDENTIAL, EMERGENCY | Access.FOOT, EMERGENCY | Access.FOOT),
        ({"motorcycle": "no"}, RoadClass.TRUNK, ALL & ~Access.MOTORCYCLE, ALL & ~Access.MOTORCYCLE),
        ({"motor_vehicle": "yes"}, RoadClass.PEDESTRIAN, ALL, ALL),
        ({"motor_vehicle": "delivery"}, RoadClass.PEDESTRIAN, EMERGENCY | Access.FOOT, EMERGENCY | Access.FOOT),
        ({"oneway": "reversible"}, RoadClass.TRUNK, EMERGENCY | Access.FOOT, EMERGENCY | Access.FOOT),
    ],
)
def test_tags_say_who_may_drive_which_way(tags, road_class, forward, backward):
    assert access_of_way(tags, road_class) == (forward, backward)


@pytest.mark.parametrize(
    ("posted", "kmh"),
    [("50", 40.0), ("25 mph", 32.18688), ("25mph", 32.18688), ("60;40", 48.0), ("50 km/h", 40.0)],
)
def test_four_fifths_of_the_posted_limit_are_driven(posted, kmh):
    assert free_speed_kmh({"maxspeed": posted}) == pytest.approx(kmh)


@pytest.mark.parametrize("posted", ["", "none", "walk", "CN:urban", "0", "-50", "999", "9999", "nan"])
def test_a_limit_that_is_no_sensible_number_is_no_limit(posted):
    assert math.isnan(free_speed_kmh({"maxspeed": posted}))


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ({"name": "中山路"}, ("中山路", "")),
        (
            {"name": "中山路 Zhongshan Rd", "name:zh": "中山路", "name:en": "Zhongshan Road"},
            ("中山路", "Zhongshan Road"),
        ),
        ({"name": "Mott Street", "name:zh": "勿街"}, ("勿街", "Mott Street")),
        ({"name": "\u202e中山\u200b\n路\x00 "}, ("中山 路", "")),
        ({"name": "长" * 5_000}, ("长" * 200, "")),
        ({}, ("", "")),
    ],
)
def test_names_are_chinese_first_and_clean(tags, names):
    assert names_of_way(tags) == names


def test_a_file_cut_in_half_says_where_and_leaves_nothing_behind(town):
    whole = town.read_bytes()
    town.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RoadFileBroken) as told:
        road_file_read(town)
    assert told.value.reason is RoadFileFault.CUT_OFF
    assert told.value.path == town
    assert told.value.at_byte is not None
    assert 0 < told.value.at_byte < told.value.size_bytes == len(whole) // 2
    assert [file.name for file in town.parent.iterdir()] == ["town.osm.pbf"]


def test_wherever_a_file_is_cut_no_reading_ends_in_anything_but_a_clear_word(town):
    whole = town.read_bytes()
    for length in range(0, len(whole), 7):
        town.write_bytes(whole[:length])
        with pytest.raises(RoadFileBroken):
            road_file_read(town)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"hello " * 1_000,
        b"<?xml version='1.0'?><osm></osm>",
        b"\x00\x00\x00\x0d" + b"\xff" * 40,
        b"PK\x03\x04" * 30,
    ],
)
def test_a_file_of_another_kind_is_told_apart(tmp_path, content):
    path = tmp_path / "roads.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(RoadFileBroken) as told:
        road_file_read(path)
    assert told.value.reason is RoadFileFault.NOT_A_ROAD_FILE


@pytest.mark.parametrize("from_second_block", [0, 40], ids=["its frame", "its contents"])
def test_a_file_with_spoilt_bytes_inside_is_damaged(town, from_second_block):
    whole = bytearray(town.read_bytes())
    second = whole.index(b"OSMData") - 6
    spoilt = slice(second + from_second_block, second + from_second_block + 20)
    whole[spoilt] = bytes(byte ^ 0x5A for byte in whole[spoilt])
    town.write_bytes(whole)
    with pytest.raises(RoadFileBroken) as told:
        road_file_read(town)
    assert told.value.reason is RoadFileFault.DAMAGED
    # Spoilt framing has a place; spoilt contents are known by what the reader says.
    assert told.value.at_byte == (second if from_second_block == 0 else None)
    assert bool(told.value.detail) is (from_second_block > 0)


def test_a_whole_file_without_roads_says_so(tmp_path):
    path = road_file(tmp_path / "river.osm.pbf", [([1, 2], {"waterway": "river"})])
    with pytest.raises(RoadFileBroken, match=r"river\.osm\.pbf: no_roads"):
        road_file_read(path)


def test_a_graph_comes_back_from_disk_as_it_was(town, tmp_path):
    graph = road_graph_build(road_file_read(town).ways)
    path = tmp_path / "kept" / "roads.npz"
    checksum = graph_save(graph, path)
    again = graph_load(path)
    _same(again, graph)
    assert graph_checksum(again) == checksum
    assert [file.name for file in path.parent.iterdir()] == ["roads.npz"]
    assert again.point_lon.flags.aligned
    assert not again.point_lon.flags.writeable


def _same(one: RoadGraph, other: RoadGraph) -> None:
    for name, value in (vars(one) | vars(one.turns)).items():
        if name != "turns":
            assert np.array_equal(value, (vars(other) | vars(other.turns))[name]), name


def test_a_graph_kept_before_roundabouts_were_told_is_read_with_none(town, tmp_path, monkeypatch):
    graph, path = road_graph_build(road_file_read(town).ways), tmp_path / "old.npz"
    whole, fields_then = road_store._arrays, road_store._fields_of(road_store.BEFORE_ROUND)
    with monkeypatch.context() as then:
        then.setattr(road_store, "_arrays", lambda graph: {name: whole(graph)[name] for name in fields_then})
        then.setattr(road_store, "FORMAT_VERSION", road_store.BEFORE_ROUND)
        graph_save(graph, path)
    _same(graph_load(path), replace(graph, link_is_round=np.zeros(graph.n_links, dtype=bool)))


@pytest.mark.parametrize("version", road_store.BEFORE_SIGNS)
def test_a_graph_kept_before_signs_were_is_read_with_its_turns_worked_out(town, tmp_path, monkeypatch, version):
    ways = road_file_read(town).ways
    nobody = np.zeros(0, dtype=np.uint8)
    ways = replace(ways, restriction_for=nobody, restriction_hours=(), restriction_via_ways=())
    graph, path = road_graph_build(ways), tmp_path / "old.npz"
    whole, fields_then = road_store._arrays, road_store._fields_of(version)

    def as_it_was(graph):
        kept = whole(graph) | {"turns_is_barred": graph.turns.is_barred}
        return {name: kept[name] for name in fields_then}

    with monkeypatch.context() as then:
        then.setattr(road_store, "_arrays", as_it_was)
        then.setattr(road_store, "FORMAT_VERSION", version)
        graph_save(graph, path)
    _same(graph_load(path), graph)


def test_saving_again_replaces_the_graph_whole_while_readers_keep_the_old_one(town, tmp_path):
    path = tmp_path / "roads.npz"
    graph = road_graph_build(road_file_read(town).ways)
    graph_save(graph, path)
    old = graph_load(path)
    graph_save(road_graph_build(road_file_read(road_file(tmp_path / "b.osm.pbf", [([1, 2], EAST_ROAD)])).ways), path)
    assert np.array_equal(old.point_lon, graph.point_lon)
    assert graph_load(path).n_links == 1


def test_a_graph_that_cannot_be_written_leaves_the_old_one_and_no_scrap(town, tmp_path):
    path = tmp_path / "kept" / "roads.npz"
    graph = road_graph_build(road_file_read(town).ways)
    checksum = graph_save(graph, path)
    unwritable = replace(graph, point_at_m=np.array([object()], dtype=object))
    with pytest.raises(ValueError, match="Object arrays"):
        graph_save(unwritable, path)
    assert graph_checksum(graph_load(path)) == checksum
    assert [file.name for file in path.parent.iterdir()] == ["roads.npz"]


@pytest.mark.parametrize("harm", ["cut", "flip", "other"])
def test_a_stored_graph_that_was_harmed_is_never_driven_on(town, tmp_path, harm):
    path = tmp_path / "roads.npz"
    graph_save(road_graph_build(road_file_read(town).ways), path)
    whole = path.read_bytes()
    if harm == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif harm == "flip":
        at = whole.index(np.float64(30.001).tobytes())
        path.write_bytes(whole[:at] + b"\x01" + whole[at + 1 :])
    else:
        shutil.copy(town, path)
    with pytest.raises(RoadStoreBroken, match=r"roads\.npz"):
        graph_load(path)


@pytest.mark.parametrize(
    ("folder", "name", "least_km"),
    [
        ("roads-manhattan", "manhattan", 2_500),
        ("roads-auckland", "auckland", 2_500),
        ("roads-portland", "portland-central", 600),
        ("roads-shenzhen-futian", "shenzhen-futian", 250),
    ],
)
def test_real_cities_are_imported_whole(folder, name, least_km):
    path = SHARED / folder / f"{name}.osm.pbf"
    if not path.exists():
        pytest.skip(f"../shared/data/{folder} is not there")
    read = road_file_read(path)
    graph = road_graph_build(read.ways)
    assert graph.link_length_m.sum() / 1_000 > least_km
    assert (np.diff(graph.point_at_m)[np.diff(graph.point_at_m) < 0] < 0).sum() == graph.n_links - 1
    assert np.allclose(graph.point_at_m[graph.link_point_indptr[1:] - 1], graph.link_length_m)
    if folder == "roads-shenzhen-futian":
        assert any("深南大道" in name for name in graph.names)


def test_a_city_file_cut_in_half_is_refused(tmp_path):
    path = SHARED / "roads-manhattan/manhattan.osm.pbf"
    if not path.exists():
        pytest.skip("../shared/data/roads-manhattan is not there")
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RoadFileBroken, match=r"half\.osm\.pbf: cut_off at byte [\d,]+ of 494,841"):
        road_file_read(half)
