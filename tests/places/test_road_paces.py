"""What was learned of the time of the week counts from the next question on, and never without enough drives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.engines.roads import DriveMode, RoadLine, Vehicle, graph_from_lines, travel_times_to
from anlan.places.models import RoadPace
from anlan.places.road_paces import band_of
from anlan.places.rules import PACE_DRIVES_LEAST
from anlan.places.selectors import (
    RoadDrive,
    pace_levels,
    paces_shown,
    road_graph,
    road_graph_bare,
    road_graph_usual,
)
from anlan.places.services import network_activate, road_condition_set, road_paces_learn

pytestmark = pytest.mark.django_db
MONDAY_8 = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
MONDAY_10 = MONDAY_8 + timedelta(hours=2)
WEST, EAST, FARM = (120.0, 30.0), (120.02, 30.0), (120.03, 30.0)


@pytest.fixture(autouse=True)
def network(settings, tmp_path):
    """A main road of two kilometres and a lane behind it."""
    settings.ROADS_DIR = tmp_path
    settings.SNAPSHOT_MAX_AGE_S = 0.0
    lines = [
        RoadLine("大路", "primary", [WEST, EAST], speed_kmh=36.0),
        RoadLine("农场路", "residential", [EAST, FARM], speed_kmh=36.0),
    ]
    graph = graph_from_lines(lines)
    return network_activate(name="n", source="tests", graph=graph, attribution="©", by=SYSTEM, at=MONDAY_8)


def drives(n, slower, *, began_at=MONDAY_8 - timedelta(days=7), vehicle="car"):
    """Drives over the main road, so many times as long as the map says."""
    at_s = np.arange(0.0, 190.0 * slower, 12.0)
    fixes = [(120.0 + 0.02 * second / (192.6 * slower), 30.0, float(second)) for second in at_s]
    return [RoadDrive(vehicle, True, began_at, fixes)] * n


def drive_s(at, *, graph=road_graph, mode=DriveMode.EMERGENCY):
    roads = graph(at=at)
    weights = roads.weights(Vehicle.CAR, mode)
    sources = roads.snapper.snap_many([120.001], [30.0])
    return float(travel_times_to(roads.graph, weights, roads.snapper.snap(120.019, 30.0), sources)[0])


def test_rush_hours_take_as_long_as_units_really_took_and_other_hours_go_by_the_class():
    free_s = drive_s(MONDAY_8)
    row = road_paces_learn(drives=drives(52, 2.0), at=MONDAY_8)
    assert row.drives == 52
    factor = {(pace.road_class, pace.band): pace for pace in paces_shown()}["primary", "workday_morning"]
    # Under blue light the map says three quarters of the time: twice the map is what was driven.
    assert factor.factor == pytest.approx(2.0 * 4 / 3, rel=0.1)
    assert factor.n == 52
    assert drive_s(MONDAY_8) == pytest.approx(factor.factor * free_s, rel=1e-3)
    assert free_s < drive_s(MONDAY_10) < drive_s(MONDAY_8)
    assert drive_s(MONDAY_8, mode=DriveMode.NORMAL) == pytest.approx(free_s * 4 / 3), (
        "nobody drove without blue light"
    )
    assert Event.objects.filter(kind="places.road_paces_learned").count() == 1


def test_until_enough_drives_are_known_roads_are_driven_as_the_map_says():
    assert road_paces_learn(drives=drives(PACE_DRIVES_LEAST - 1, 2.0), at=MONDAY_8) is None
    assert not RoadPace.objects.exists()
    assert road_graph(at=MONDAY_8) is road_graph_bare()
    assert paces_shown() == []


def test_the_same_again_is_no_news_and_walkers_and_standing_units_teach_nothing():
    learned = road_paces_learn(drives=drives(52, 1.5), at=MONDAY_8)
    assert road_paces_learn(drives=drives(52, 1.5), at=MONDAY_8 + timedelta(days=1)) is None
    still = RoadDrive("car", True, MONDAY_8, [(120.01, 30.0, float(k)) for k in range(60)])
    assert road_paces_learn(drives=[still] * 52 + drives(52, 3.0, vehicle="foot"), at=MONDAY_8) is None
    later = road_paces_learn(drives=drives(52, 2.5), at=MONDAY_8 + timedelta(days=2))
    assert [row.pk for row in RoadPace.objects.order_by("pk")] == [learned.pk, later.pk]


def test_a_closure_comes_on_top_and_the_usual_network_knows_none():
    road_paces_learn(drives=drives(52, 2.0), at=MONDAY_8)
    usual_s = drive_s(MONDAY_8)
    road_condition_set(
        kind="slow", cause="works", factor=2.0, lon=120.01, lat=30.0, by=SYSTEM, at=MONDAY_8,
        ends_at=MONDAY_10,
    )  # fmt: skip
    assert drive_s(MONDAY_8) == pytest.approx(2.0 * usual_s, rel=1e-6)
    assert drive_s(MONDAY_8, graph=road_graph_usual) == usual_s
    assert drive_s(MONDAY_10) == drive_s(MONDAY_10, graph=road_graph_usual)


def test_trips_reckoned_before_and_after_are_told_apart_by_the_level_of_their_hours():
    assert pace_levels([MONDAY_8], ["car"], ["urgent"]) == [1.0]
    road_paces_learn(drives=drives(52, 2.0), at=MONDAY_8)
    then, now = MONDAY_8 - timedelta(days=7), MONDAY_8 + timedelta(days=7)
    told = pace_levels([then, now, then], ["car", "car", "foot"], ["emergency", "emergency", "emergency"])
    assert told == pytest.approx([2.0 * 4 / 3, 1.0, 1.0], rel=0.1)


@pytest.mark.parametrize(
    ("local", "band"),
    [
        ("2026-03-09T08:00", "workday_morning"),
        ("2026-03-08T08:00", "free_day"),
        ("2026-10-01T08:00", "free_day"),
        ("2099-01-01T08:00", "workday_morning"),
    ],
)
def test_a_holiday_on_a_weekday_is_a_free_day_where_the_calendar_knows_it(local, band):
    assert band_of(datetime.fromisoformat(local)) == band
