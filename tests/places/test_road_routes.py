"""The way to a place, said as one says it in the car, in both languages; and whole towns that come broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation

from anlan.core.actor import SYSTEM
from anlan.engines.roads import RoadLine, graph_from_lines
from anlan.places.road_routes import distance_words, road_route, step_words
from anlan.places.services import network_activate, road_condition_set
from world import build_world

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WEST, CROSS, NORTH, FARM = (120.0, 30.0), (120.01, 30.0), (120.01, 30.01), (120.02, 30.01)


@pytest.fixture
def network(settings, tmp_path):
    """West to the crossing, left up Liberation Road, and right into a lane without a name."""
    settings.ROADS_DIR = tmp_path
    lines = [
        RoadLine("人民路", "primary", [WEST, CROSS], name_en="People Road", speed_kmh=36.0),
        RoadLine("解放路", "primary", [CROSS, NORTH], name_en="Liberation Road", speed_kmh=36.0),
        RoadLine("", "residential", [NORTH, FARM], speed_kmh=36.0),
    ]
    network_activate(name="n", source="tests", graph=graph_from_lines(lines), attribution="©", by=SYSTEM, at=T0)


def said(language):
    found = road_route((120.0001, 30.0), (120.0199, 30.0101), at=T0)
    assert found is not None
    with translation.override(language):
        return [step_words(step) for step in found.steps]


def test_a_way_is_told_turn_by_turn_in_chinese_and_in_english(network):
    assert said("zh-hans") == [
        "向东出发，沿人民路行驶 950 米。",
        "左转进入解放路，行驶 1.1 公里。",
        "右转，行驶 950 米。",
        "到达目的地。",
    ]
    assert said("en") == [
        "Set out east on People Road and drive 950 m.",
        "Turn left into Liberation Road and drive 1.1 km.",
        "Turn right and drive 950 m.",
        "You have arrived.",
    ]


@pytest.mark.store_free
def test_a_roundabout_is_told_by_its_exit_in_both_languages(settings, tmp_path):
    settings.ROADS_DIR = tmp_path
    south, east, north, west = (120.0, 30.0), (120.0003, 30.0003), (120.0, 30.0006), (119.9997, 30.0003)
    lines = [
        RoadLine("", "primary", [south, east, north, west, south], oneway=True, speed_kmh=36.0, is_round=True),
        RoadLine("南街", "primary", [(120.0, 29.998), south], name_en="South Street", speed_kmh=36.0),
        RoadLine("东街", "primary", [east, (120.002, 30.0003)], name_en="East Street", speed_kmh=36.0),
        RoadLine("北街", "primary", [north, (120.0, 30.0026)], name_en="North Street", speed_kmh=36.0),
        RoadLine("", "primary", [west, (119.998, 30.0003)], speed_kmh=36.0),
    ]
    network_activate(name="n", source="tests", graph=graph_from_lines(lines), attribution="©", by=SYSTEM, at=T0)

    def told(goal, language):
        with translation.override(language):
            return step_words(road_route((120.0, 29.998), goal, at=T0).steps[1])

    assert told((120.0, 30.0026), "zh-hans") == "进入环岛，从第二出口驶出，进入北街，行驶 310 米。"
    assert told((120.0, 30.0026), "en") == "At the roundabout take the second exit into North Street and drive 310 m."
    assert told((119.998, 30.0003), "zh-hans") == "进入环岛，从第三出口驶出，行驶 300 米。"
    assert told((120.00015, 30.00045), "en") == "Enter the roundabout and drive 70 m."
    assert told((120.00015, 30.00045), "zh-hans") == "进入环岛，行驶 70 米。"


def test_a_closed_road_leaves_no_way_and_without_a_network_none_is_known(network, settings):
    road_condition_set(
        kind="closed", cause="water", lon=120.01, lat=30.005, ends_at=T0 + timedelta(hours=2), by=SYSTEM, at=T0
    )
    assert road_route(WEST, FARM, at=T0) is None
    assert road_route(WEST, FARM, at=T0 + timedelta(hours=3)) is not None


def test_distances_are_said_as_on_the_road():
    with translation.override("en"):
        said = [distance_words(metres) for metres in (0.0, 14.9, 354.0, 994.9, 995.0, 1049.0, 23_456.0)]
    assert said == ["10 m", "10 m", "350 m", "990 m", "1.0 km", "1.0 km", "23.5 km"]


def test_whoever_may_search_places_is_told_the_way_over_http(network):
    world = build_world(units=False, roads=False)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(world.people["ada"])
    ends = {"from_lon": 120.0001, "from_lat": 30.0, "to_lon": 120.0199, "to_lat": 30.0101}
    told = client.get("/api/places/roads/route", ends).json()
    assert told["has_way"] is True
    assert [step["maneuver"] for step in told["steps"]] == ["depart", "left", "right", "arrive"]
    assert told["length_m"] == pytest.approx(sum(step["length_m"] for step in told["steps"]), abs=1.0)
    assert len(told["line"]) == 4
    assert client.get("/api/places/roads/route", {**ends, "to_lat": 91.0}).status_code == 422
