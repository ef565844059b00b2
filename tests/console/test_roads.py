"""Closed roads on a desk's page: set by coordinates or by words, seen as lines, ended by a press."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.console.pages.roads import _map
from anlan.engines.addresses import Candidate, GazetteerRecord
from anlan.places import selectors
from anlan.places.models import RoadCondition
from anlan.places.selectors import condition_drawn, road_graph
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")
FLOOD = {"place": "120.10, 28.90", "kind": "closed", "cause": "water", "for_h": "2", "radius_m": "0", "factor": "2"}


def test_a_desk_closes_a_road_sees_who_and_until_when_and_opens_it_again(desk, town):
    ada, url = desk("ada"), reverse("console:roads")
    assert press(ada, reverse("console:roads_do", args=["set"]), **FLOOD).url == url
    row = RoadCondition.objects.get()
    assert (row.kind, row.factor, row.lon) == ("closed", None, 120.10)
    assert (row.ends_at - row.starts_at).total_seconds() == 7200
    page = ada.get(url).content.decode()
    assert town.people["ada"].name in page
    assert '<polyline class="closed"' in page
    press(ada, reverse("console:roads_do", args=["end"]), condition=row.pk)
    assert "No road is closed or slow." in ada.get(url).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"place": "nowhere at all"}, {"place": "200.0, 28.9"}, {"for_h": "0"}, {"ends_at": "31.2.2026"},
     {"kind": "shut"}, {"radius_m": "nan"}, {"kind": "slow", "factor": "1"}, {"for_h": "9" * 40}],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_and_nothing_is_closed(desk, wrong):
    answer = press(desk("ada"), reverse("console:roads_do", args=["set"]), **{**FLOOD, **wrong})
    assert answer.status_code in (400, 422)
    assert not RoadCondition.objects.exists()


def meant(*names, kind="road", radius_m=100.0, confidence=0.9):
    """What the gazetteer says of some words: places of these names at the flooded spot."""
    records = [GazetteerRecord(k, kind, name, lon=120.10, lat=28.90) for k, name in enumerate(names)]
    return [Candidate(record, 120.10, 28.90, radius_m, confidence) for record in records]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (meant("濯湾大道", "皓林大道", confidence=0.02), "濯湾大道、皓林大道"),
        (meant("濯湾大道", radius_m=3225.0), "濯湾大道"),
        (meant("安澜大道7号", kind="house_number"), None),
    ],
)
def test_no_road_is_closed_on_a_guess(desk, monkeypatch, found, told):
    monkeypatch.setattr(selectors, "address_search", lambda text, **_: found)
    answer = press(desk("ada"), reverse("console:roads_do", args=["set"]), **{**FLOOD, "place": "火星大道"})
    assert RoadCondition.objects.count() == (told is None)
    if told:
        assert answer.status_code == 422
        assert told in answer.content.decode()


def test_a_road_is_closed_one_way_and_the_arrow_points_where_nobody_drives(desk):
    ada = desk("ada")
    for heading, word, pointing in (("90", "eastbound", 1), ("270", "westbound", -1)):
        press(ada, reverse("console:roads_do", args=["set"]), **FLOOD, heading_deg=heading)
        row = RoadCondition.objects.order_by("-pk")[0]
        assert row.heading_deg == float(heading)
        assert f"<b>{word}</b>" in ada.get(reverse("console:roads")).content.decode()
        arrow = [
            tuple(map(float, each.split(",")))
            for each in _map(condition_drawn(road_graph(), row), row)["arrow"].split()
        ]
        assert (arrow[1][0] - arrow[0][0]) * pointing > 0
    answer = press(ada, reverse("console:roads_do", args=["set"]), **{**FLOOD, "radius_m": "300"}, heading_deg="90")
    assert answer.status_code == 422, "a circle means both ways"


def test_the_live_map_is_told_the_roads_why_until_when_and_which_way(desk, seen_at_once):
    ada, url = desk("ada"), reverse("console:island_roads")
    assert ada.get(url).json()["features"] == []
    press(ada, reverse("console:roads_do", args=["set"]), **FLOOD, heading_deg="270")
    (found,) = ada.get(url).json()["features"]
    line = found["geometry"]["coordinates"][0]
    assert (found["geometry"]["type"], found["properties"]["kind"]) == ("MultiLineString", "closed")
    assert found["properties"]["word"] == "water on the road"
    assert found["properties"]["one_way"] is True
    assert line[0][0] > line[-1][0], "drawn the way it is closed: westward"
    press(ada, reverse("console:roads_do", args=["end"]), condition=found["properties"]["id"])
    assert ada.get(url).json()["features"] == []


def test_a_patrol_sees_closures_and_sets_none(desk):
    eve = desk("eve")
    page = eve.get(reverse("console:roads"))
    assert page.status_code == 200
    assert "Close or slow a road" not in page.content.decode()
    assert press(eve, reverse("console:roads_do", args=["set"]), **FLOOD).status_code == 403


def test_the_small_map_keeps_the_closed_road_inside_and_west_to_the_left(desk):
    press(desk("ada"), reverse("console:roads_do", args=["set"]), **FLOOD)
    row = RoadCondition.objects.get()
    drawn = condition_drawn(road_graph(), row)
    told = _map(drawn, row)
    points = [tuple(map(float, point.split(","))) for line in told["meant"] for point in line.split()]
    assert drawn.links == 1
    assert all(0 <= x <= told["wide"] and 0 <= y <= told["high"] for x, y in points)
    west_first = drawn.meant[0][0][0] < drawn.meant[0][-1][0]
    assert (points[0][0] < points[-1][0]) == west_first
