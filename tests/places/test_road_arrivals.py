"""A room that sends units asks here whether they are there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.engines.roads import DriveMode, RoadLine, Vehicle, graph_from_lines, metre_weights
from anlan.places.selectors import Going, drive_seen, road_graph, road_graph_bare
from anlan.places.services import network_activate, road_condition_set

pytestmark = [pytest.mark.django_db, pytest.mark.store_free]
NOON = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)
WEST, EAST = (120.0, 30.0), (120.02, 30.0)
GOAL = (120.01, 30.0001)


@pytest.fixture
def network(settings, tmp_path):
    settings.ROADS_DIR = tmp_path
    settings.SNAPSHOT_MAX_AGE_S = 0.0
    graph = graph_from_lines([RoadLine("大路", "primary", [WEST, EAST], speed_kmh=36.0)])
    return network_activate(name="n", source="tests", graph=graph, attribution="©", by=SYSTEM, at=NOON)


def drive(until_lon, *, stands_s=0):
    """Fixes every five seconds from the west end at ten metres a second, then standing."""
    lons = [120.0 + 0.0005 * step for step in range(round((until_lon - 120.0) / 0.0005) + 1)]
    lons += [until_lon] * (stands_s // 5)
    return [(NOON + timedelta(seconds=5 * step), lon, 30.0) for step, lon in enumerate(lons)]


def test_a_unit_is_there_since_it_stood_whatever_its_vehicle_and_whatever_was_closed_meanwhile(network):
    fixes = drive(GOAL[0], stands_s=60)
    road_condition_set(
        kind="closed",
        cause="water",
        lon=GOAL[0],
        lat=GOAL[1],
        radius_m=50.0,
        ends_at=NOON + timedelta(hours=1),
        by=SYSTEM,
        at=NOON,
    )
    for vehicle in ("car", "motorcycle", "foot", "boat"):
        seen = drive_seen(fixes, GOAL, vehicle=vehicle, at=fixes[-1][0])
        assert (seen.state, seen.last_fix_at) == (Going.ARRIVED, fixes[-1][0])
        assert abs((seen.since - NOON).total_seconds() - 100.0) <= 10.0
    roads, now = road_graph_bare(), road_graph(at=NOON + timedelta(minutes=1))
    assert now is not roads
    assert now.metres(Vehicle.CAR) is roads.metres(Vehicle.CAR)


def test_on_the_way_it_is_told_how_far_it_still_is_and_a_silence_is_told_as_one(network):
    fixes = drive(120.005)
    seen = drive_seen(fixes, GOAL, at=fixes[-1][0])
    assert seen.state is Going.MOVING
    assert seen.left_m == pytest.approx(0.005 * 96_300, rel=0.02)
    assert drive_seen(fixes, GOAL, at=fixes[-1][0] + timedelta(minutes=5)).state is Going.SILENT
    assert drive_seen([], GOAL, at=NOON) is None


def test_metres_shared_with_the_priced_network_are_those_made_from_the_map(network):
    roads = road_graph_bare()
    shared, made = roads.metres(Vehicle.CAR), metre_weights(roads.graph, Vehicle.CAR, DriveMode.EMERGENCY)
    assert shared.moves.come_from is roads.weights(Vehicle.CAR, DriveMode.EMERGENCY).moves.come_from
    for name in ("come_from", "turn_s", "own_s"):
        assert getattr(shared.moves, name).tolist() == getattr(made.moves, name).tolist()


@pytest.mark.usefixtures("settings")
def test_without_a_network_nothing_is_said():
    assert drive_seen(drive(GOAL[0]), GOAL, at=NOON) is None
