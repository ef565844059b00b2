"""Closed and slow roads: they count from the next question on, until they end, and say what they cut off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import numpy as np
import pytest

from anlan.accounts.models import Organisation
from anlan.accounts.services import organisation_add
from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput
from anlan.core.models import Event
from anlan.engines.roads import (
    DriveMode,
    RoadLine,
    Vehicle,
    graph_from_lines,
    search_to,
    travel_times_to,
    travel_weights,
)
from anlan.engines.roads.cells import can_have_cells
from anlan.places import live_roads
from anlan.places.errors import NoRoadNear, NoteAboutPeople, RoadConditionOver
from anlan.places.models import RoadCondition
from anlan.places.selectors import conditions_in_force, road_access, road_graph
from anlan.places.services import network_activate, road_condition_lift, road_condition_set

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
HOUR = timedelta(hours=1)
WEST, EAST, NORTH, FARM = (120.0, 30.0), (120.01, 30.0), (120.005, 30.01), (120.02, 30.0)


@pytest.fixture(autouse=True)
def network(settings, tmp_path):
    """A straight street, a way round it to the north, and a lane east to a farm that has no other way."""
    settings.ROADS_DIR = tmp_path
    lines = [
        RoadLine("直街", "primary", [WEST, EAST], speed_kmh=36.0),
        RoadLine("绕路", "primary", [WEST, NORTH, EAST], speed_kmh=36.0),
        RoadLine("农场路", "residential", [EAST, FARM], speed_kmh=36.0),
    ]
    return network_activate(
        name="n", source="tests", graph=graph_from_lines(lines), attribution="©", by=SYSTEM, at=T0
    )


def close(lon=120.005, lat=30.0, *, at=T0, **more):
    told = {"kind": "closed", "cause": "water", "ends_at": at + 2 * HOUR, **more}
    return road_condition_set(lon=lon, lat=lat, by=SYSTEM, at=at, **told)


def drive_s(at):
    """Seconds from near the west end of the street to near its east end, over the middle."""
    roads = road_graph(at=at)
    weights = travel_weights(roads.graph)
    target = roads.snapper.snap(120.0099, 29.9999)
    return float(search_to(roads.graph, weights, target).travel_s(roads.snapper.snap_many([119.9999], [30.0]))[0])


def test_a_closed_road_is_driven_around_from_the_next_question_on_and_straight_again_once_lifted():
    free_s = drive_s(T0)
    row = close(cause="crash")
    assert np.isinf(drive_s(T0)), "the target itself stands in the closed road"
    road_condition_lift(condition=row, by=SYSTEM, at=T0 + HOUR)
    assert drive_s(T0 + HOUR) == free_s
    assert np.isinf(drive_s(T0 + HOUR / 2)), "what held then can be told now"
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True))[-2:] == [
        "places.road_condition_set",
        "places.road_condition_lifted",
    ]


def test_every_organisations_map_is_told_at_once_that_a_road_is_closed_or_open_again():
    told = {"by": SYSTEM, "at": T0}
    bureau = organisation_add(code="one", kind="bureau", name_zh="局", name_en="one", parent=None, **told)
    organisation_add(code="two", kind="station", name_zh="所", name_en="two", parent=bureau, **told)
    road_condition_lift(condition=close(), by=SYSTEM, at=T0 + HOUR)
    events = Event.objects.filter(kind__startswith="places.road_condition_")
    everybody = sorted(Organisation.objects.values_list("pk", flat=True))
    assert [sorted(event.org_ids) for event in events] == [everybody, everybody]


def test_it_ends_by_itself():
    close()
    assert len(conditions_in_force(at=T0 + 2 * HOUR - timedelta(seconds=1))) == 1
    assert conditions_in_force(at=T0 + 2 * HOUR) == []


def test_without_a_moment_the_stores_own_present_counts():
    present = datetime.now(UTC)
    close(at=present - HOUR)
    close(at=present - 5 * HOUR, ends_at=present + HOUR, starts_at=present + HOUR / 2)
    assert len(conditions_in_force()) == 1
    assert road_graph().graph.conditions is not None


def test_a_slow_road_takes_as_many_times_as_long_and_the_worst_counts():
    free_s = drive_s(T0)
    close(kind="slow", cause="traffic", factor=1.5)
    close(kind="slow", cause="traffic", factor=2.0)
    assert drive_s(T0) == pytest.approx(2.0 * free_s)


def test_rush_hours_come_back_every_week():
    free_s = drive_s(T0)
    ends = T0 + timedelta(days=90)
    close(kind="slow", cause="traffic", factor=2.0, hours="Mo-Fr 07:00-09:30", radius_m=3000.0, ends_at=ends)
    assert drive_s(T0) == pytest.approx(2.0 * free_s), "Monday 09:00 in Shanghai"
    assert drive_s(T0 + HOUR) == free_s
    assert drive_s(T0 + timedelta(days=7)) == pytest.approx(2.0 * free_s)
    assert drive_s(T0 + timedelta(days=5)) == free_s, "Saturday"


def test_a_closure_that_cuts_a_place_off_says_so_and_from_where_one_walks():
    assert road_access(*FARM, at=T0) is None
    close(lon=120.015)
    ends = road_access(*FARM, at=T0)
    assert ends is not None
    assert (ends.lon, ends.lat) == pytest.approx(EAST, abs=1e-6)
    assert ends.on_foot_m == pytest.approx(963.0, rel=0.01)
    assert road_access(*WEST, at=T0) is None, "the rest of the town can be driven to"


def test_a_road_may_be_closed_one_way_and_stay_open_the_other():
    def lane_s(start, goal):
        roads = road_graph(at=T0)
        snaps = roads.snapper.snap_many([start[0]], [start[1]])
        weights = roads.weights(Vehicle.CAR, DriveMode.NORMAL)
        return float(travel_times_to(roads.graph, weights, roads.snapper.snap(*goal), snaps)[0])

    there, town = (120.0199, 30.0), (120.0101, 30.0)
    out_s, back_s = lane_s(town, there), lane_s(there, town)
    row = close(lon=120.015, heading_deg=95.0)
    assert np.isinf(lane_s(town, there)), "eastward it is closed"
    assert lane_s(there, town) == back_s
    road_condition_lift(condition=row, by=SYSTEM, at=T0)
    close(lon=120.015, heading_deg=265.0, kind="slow", cause="traffic", factor=2.0)
    assert lane_s(town, there) == out_s
    assert lane_s(there, town) == pytest.approx(2.0 * back_s)


def test_a_large_network_is_cut_into_cells_behind_whoever_asks(monkeypatch):
    if not can_have_cells():
        pytest.skip("the compiled part is missing here: no cells are made")
    free_s = drive_s(T0)
    monkeypatch.setattr(live_roads, "WORTH_STATES", 1)
    begun = []
    monkeypatch.setattr(live_roads.threading, "Thread", lambda **told: begun.append(Thread(**told)) or begun[-1])
    roads = road_graph(at=T0)
    roads = replace(roads, _priced={})
    weights = roads.weights(Vehicle.CAR, DriveMode.NORMAL)
    begun[0].join()
    assert weights.cells is not None
    target = roads.snapper.snap(120.0099, 29.9999)
    found = travel_times_to(roads.graph, weights, target, roads.snapper.snap_many([119.9999], [30.0]))
    assert float(found[0]) == pytest.approx(free_s, abs=1e-3)


def test_opening_twice_or_too_late_is_refused():
    row = close()
    road_condition_lift(condition=row, by=SYSTEM, at=T0 + HOUR)
    with pytest.raises(RoadConditionOver):
        road_condition_lift(condition=row, by=SYSTEM, at=T0 + HOUR)
    with pytest.raises(RoadConditionOver):
        road_condition_lift(condition=close(), by=SYSTEM, at=T0 + 3 * HOUR)
    assert Event.objects.filter(kind="places.road_condition_lifted").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gone"},
        {"cause": "magic"},
        {"factor": 2.0},
        {"kind": "slow"},
        {"kind": "slow", "factor": 0.5},
        {"kind": "slow", "factor": 500.0},
        {"radius_m": -1.0},
        {"radius_m": 50_000.0},
        {"hours": "every second full moon"},
        {"ends_at": T0 - HOUR},
        {"ends_at": T0 + timedelta(days=900)},
        {"lon": 0.0, "lat": 0.0},
        {"heading_deg": 360.0},
        {"heading_deg": -1.0},
        {"heading_deg": 90.0, "radius_m": 200.0},
    ],
)
def test_what_can_not_be_meant_is_refused(wrong):
    with pytest.raises(BadInput):
        close(**wrong)
    assert not RoadCondition.objects.exists()


def test_a_point_far_from_every_road_is_refused_with_the_metres():
    with pytest.raises(NoRoadNear) as caught:
        close(lat=30.005)
    assert "60 m" in caught.value.detail("en")
    with pytest.raises(NoteAboutPeople):
        close(text="住户闹事")
