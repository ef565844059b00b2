"""A way to move is a row of data: a boat comes to the canals of a map without a line of code."""

from dataclasses import replace

import numpy as np
import osmium
import pytest

from anlan.engines.roads import (
    VEHICLES,
    DriveMode,
    DriveRules,
    RoadLine,
    Snapper,
    Vehicle,
    graph_from_lines,
    road_graph_build,
    route,
    search_to,
    travel_weights,
    vehicles_of,
    ways_from_lines,
)
from anlan.engines.roads.vehicle_rows import SHIPPED
from anlan.engines.roads.ways import Access, RoadClass, access_by_default
from anlan.places.osm_import import access_of_way, road_file_read

BOAT = """
[boat]
access = 32
emergency_access = 64
only_on = ["waterway"]
tags = ["boat"]
turns = false
speed_kmh = 18.0
emergency_speed_kmh = 36.0
"""
WITH_BOAT = vehicles_of(SHIPPED + BOAT)
RULES = DriveRules(vehicles=WITH_BOAT)
STEP_M = 111.195
WEST, MIDDLE, EAST, QUAY = (0.0, 0.0), (0.002, 0.0), (0.004, 0.0), (0.002, 0.001)


def canal_town():
    """A canal from west to east, a road beside it a block north, and a quay road that touches the canal."""
    lines = [
        RoadLine("大运河", "waterway", [WEST, MIDDLE, EAST]),
        RoadLine("沿河路", "residential", [(0.0, 0.001), QUAY, (0.004, 0.001)], speed_kmh=36.0),
        RoadLine("码头路", "residential", [QUAY, MIDDLE], speed_kmh=36.0),
    ]
    return road_graph_build(ways_from_lines(lines, vehicles=WITH_BOAT))


def way_s(graph, vehicle, start, goal, mode=DriveMode.NORMAL):
    weights, snapper = travel_weights(graph, vehicle, mode, rules=RULES), Snapper(graph)
    source, target = (snapper.snap(*place, usable=weights.usable) for place in (start, goal))
    found = route(graph, weights, source, target)
    return None if found is None else found.travel_s


def test_the_shipped_rows_say_what_code_names():
    assert {str(vehicle) for vehicle in Vehicle} == set(VEHICLES)
    for vehicle in ("car", "motorcycle", "foot"):
        assert VEHICLES[vehicle].access == int(Access[vehicle.upper()])
    assert access_by_default(RoadClass.MOTORWAY) == Access.CAR | Access.CAR_EMERGENCY | Access.MOTORCYCLE_EMERGENCY
    assert not access_by_default(RoadClass.WATERWAY), "without a boat's row no canal is a road"


def test_a_boat_drives_the_canal_at_its_own_speed_and_nobody_else_does():
    graph = canal_town()
    assert way_s(graph, "boat", WEST, EAST) == pytest.approx(4 * STEP_M / 5.0, rel=1e-4)
    assert way_s(graph, "boat", WEST, EAST, DriveMode.EMERGENCY) == pytest.approx(4 * STEP_M / 10.0, rel=1e-4)
    assert way_s(graph, "car", (0.0, 0.001), MIDDLE) == pytest.approx(3 * STEP_M / 10.0, rel=0.1)
    for vehicle in Vehicle:
        usable = travel_weights(graph, vehicle, rules=RULES).usable
        assert {graph.names[name] for name in graph.link_name[usable].tolist()} == {"沿河路", "码头路"}


def test_a_boat_of_another_speed_is_another_number_in_the_row():
    faster = DriveRules(vehicles=WITH_BOAT | {"boat": replace(WITH_BOAT["boat"], speed_kmh=36.0)})
    graph = canal_town()
    slow, fast = (travel_weights(graph, "boat", rules=rules) for rules in (RULES, faster))
    canal = slow.usable
    assert (slow.forward_s[canal] == 2.0 * fast.forward_s[canal]).all()


def test_closures_reach_a_boat_like_any_other():
    graph = canal_town()
    weights = travel_weights(graph, "boat", rules=RULES, slowdown=np.full(graph.n_links, np.inf))
    search = search_to(graph, weights, Snapper(graph).snap(*EAST, usable=weights.usable))
    assert not np.isfinite(search.state_s).any()


def test_a_map_file_brings_its_canals_once_a_row_asks_for_them(tmp_path):
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for ref, (lon, lat) in enumerate((WEST, MIDDLE, EAST, QUAY), start=1):
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=(120.0 + lon, 30.0 + lat)))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3], tags={"waterway": "canal", "name": "大运河"}))
        writer.add_way(osmium.osm.mutable.Way(id=2, nodes=[1, 2], tags={"waterway": "canal", "boat": "no"}))
        writer.add_way(osmium.osm.mutable.Way(id=3, nodes=[4, 2], tags={"highway": "residential"}))
        writer.add_way(osmium.osm.mutable.Way(id=4, nodes=[1, 4], tags={"waterway": "drain"}))
    assert road_file_read(path).ways.way_id.tolist() == [3]
    ways = road_file_read(path, vehicles=WITH_BOAT).ways
    assert ways.way_id.tolist() == [1, 2, 3]
    assert [int(bits) & 96 for bits in ways.way_access_forward] == [96, 64, 0]
    assert not access_of_way({"boat": "no", "emergency": "no"}, RoadClass.WATERWAY, WITH_BOAT)[0]
    opened = access_of_way({"boat": "yes"}, RoadClass.RESIDENTIAL, WITH_BOAT)[0]
    assert opened & Access(32), "a tag opens what the class does not"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("[raft]\naccess = 32", "missing"),
        ("[raft]\naccess = 32\nemergency_access = 64\ntags = []\nwings = 2", "wings"),
        ("[raft]\naccess = 8\nemergency_access = 64\ntags = []", "another vehicle's"),
        ("[raft]\naccess = 48\nemergency_access = 64\ntags = []", "one bit"),
        ("[raft]\naccess = 256\nemergency_access = 64\ntags = []", "one bit"),
        ("[raft]\naccess = 32\nemergency_access = 64\ntags = []\nspeed_kmh = -1.0", "above zero"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_name(row, problem):
    with pytest.raises(ValueError, match=problem) as refused:
        vehicles_of(SHIPPED + row)
    assert "raft" in str(refused.value)


def test_a_network_without_any_road_for_the_new_vehicle_refuses_it_a_place():
    graph = graph_from_lines([RoadLine("街", "residential", [WEST, EAST])])
    weights = travel_weights(graph, "boat", rules=RULES)
    with pytest.raises(ValueError, match="no link is usable"):
        Snapper(graph).snap(*WEST, usable=weights.usable)
