"""Who answers for a point, and how areas change over time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.accounts.services import organisation_add
from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput
from anlan.core.models import Event
from anlan.engines.geo import cell_of
from anlan.places.errors import AreaFileRefused
from anlan.places.models import Area
from anlan.places.selectors import areas_in_force, locate, locate_many
from anlan.places.services import area_put
from world import T0, box, build_world

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(days=30)


@pytest.fixture
def county():
    return build_world(units=False, roads=False)


def put(kind="station", code="west", polygon=None, at=T0, **more) -> Area:
    polygon = polygon or box(120.0, 28.8, 120.1, 29.0)
    return area_put(kind=kind, code=code, name_zh=code, polygon=polygon, by=SYSTEM, at=at, **more)


def test_a_point_has_its_station_town_room_zone_beat_and_cell(county):
    found = locate(120.05, 28.9)
    assert found.station_id == county.orgs["west"].pk
    assert found.town_room_id == county.orgs["town-west"].pk
    assert found.zone_id == county.orgs["zone"].pk
    assert (found.beat_code, found.setting) == ("beat-west", "town")
    assert found.cell == cell_of(120.05, 28.9)
    assert found.is_inside


def test_outside_every_area_only_the_cell_is_known(county):
    found = locate(121.5, 31.2)
    assert (found.station_id, found.town_room_id, found.zone_id, found.beat_code) == (None, None, None, "")
    assert found.cell == cell_of(121.5, 31.2)
    assert not found.is_inside


def test_a_point_on_the_border_belongs_to_one_station_and_always_the_same(county):
    found = {locate(120.10, 28.80 + 0.01 * k).station_id for k in range(21)}
    assert len(found) == 1
    assert found <= {county.orgs["west"].pk, county.orgs["east"].pk}


def test_the_setting_comes_from_the_finest_area(county):
    put("beat", "farm", box(120.02, 28.82, 120.04, 28.84), setting="rural", organisation=county.orgs["west"])
    assert locate(120.03, 28.83).setting == "rural"
    assert locate(120.05, 28.83).setting == "town"


def test_a_zone_area_of_its_own_outranks_the_stations_parent(county):
    other = organisation_add(
        code="zone-2", kind="zone", name_zh="二战区", name_en="Zone 2", parent=county.orgs["bureau"], by=SYSTEM, at=T0
    )
    put("zone", "zone-2", box(120.0, 28.8, 120.05, 29.0), organisation=other)
    assert locate(120.02, 28.9).zone_id == other.pk
    assert locate(120.08, 28.9).zone_id == county.orgs["zone"].pk


def test_many_points_are_located_as_one_by_one_would_be(county):
    points = [(120.05, 28.9), (None, None), (120.15, 28.85), (0.5, 0.5), (120.05, None)]
    together = locate_many([p[0] for p in points], [p[1] for p in points])
    assert together == [locate(x, y) if x is not None and y is not None else None for x, y in points]
    assert locate_many([], []) == []


def test_a_new_version_of_an_area_ends_the_old_one_and_keeps_it_on_the_record(county):
    assert locate(120.12, 28.9).station_id == county.orgs["east"].pk
    put("station", "east", box(120.15, 28.8, 120.2, 29.0), at=LATER, organisation=county.orgs["east"])
    put("beat", "beat-east", box(120.15, 28.8, 120.2, 29.0), at=LATER, organisation=county.orgs["east"])
    assert locate(120.12, 28.9).station_id is None
    versions = list(Area.objects.filter(kind="station", code="east").order_by("valid_from"))
    assert [(v.valid_from, v.valid_to) for v in versions] == [(T0, LATER), (LATER, None)]
    assert [area.code for area in areas_in_force("station")] == ["west", "east"]


BOW_TIE = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
BROKEN = {
    "crosses itself": {"type": "Polygon", "coordinates": [BOW_TIE]},
    "is a line": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
    "is empty": {"type": "Polygon", "coordinates": []},
    "has two corners": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
    "has no coordinates": {"type": "Polygon"},
    "holds words": {"type": "Polygon", "coordinates": [[["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]]]},
    "is latitude first": box(28.8, 120.0, 29.0, 120.1),
    "is in metres": box(500_000.0, 3_100_000.0, 510_000.0, 3_110_000.0),
}


@pytest.mark.parametrize("polygon", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_outline_is_refused_in_both_languages_and_the_old_one_stays(polygon):
    put()
    with pytest.raises(AreaFileRefused) as caught:
        put(polygon=polygon, at=LATER)
    zh, en = caught.value.detail("zh-hans"), caught.value.detail("en")
    assert "west" in zh
    assert "未作任何改动" in zh
    assert "Nothing was changed" in en
    assert Area.objects.get().valid_to is None


@pytest.mark.parametrize(("kind", "setting"), [("parish", "town"), ("station", "seaside")])
def test_a_kind_or_setting_nobody_knows_is_refused(kind, setting):
    with pytest.raises(BadInput):
        put(kind, setting=setting)
    assert not Area.objects.exists()


def test_an_area_of_several_parts_and_with_a_hole_is_taken():
    outer, hole = box(120.0, 28.8, 120.1, 29.0), box(120.04, 28.88, 120.06, 28.92)
    apart = box(121.0, 28.8, 121.1, 29.0)
    parts = [[outer["coordinates"][0], hole["coordinates"][0]], apart["coordinates"]]
    put("beat", "b", {"type": "MultiPolygon", "coordinates": parts})
    assert locate(121.05, 28.9).beat_code == "b"
    assert locate(120.01, 28.9).beat_code == "b"
    assert locate(120.05, 28.9).beat_code == ""


def test_the_record_tells_which_area_came_into_force():
    row = put()
    event = Event.objects.get(kind="places.area_added")
    assert (event.subject_id, event.data) == (row.pk, {"area_kind": "station", "code": "west"})
