"""Booths and must-cover points: versions in time; what was in force then can be told now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput
from anlan.core.models import Event
from anlan.places.errors import PointOver
from anlan.places.selectors import points_in_force
from anlan.places.services import point_end, point_put
from world import T0, build_world

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def county():
    return build_world(units=False, roads=False)


def put(code="G-1", *, kind="booth", lon=120.05, at=T0, **more):
    return point_put(
        kind=kind, code=code, name_zh="城西岗亭", lon=lon, lat=28.9, source="test", by=SYSTEM, at=at, **more
    )


def test_a_booth_that_moves_is_two_versions_and_the_past_keeps_the_first(county):
    put(organisation=county.orgs["west"])
    put(lon=120.06, at=T0 + DAY)
    assert [row.lon for row in points_in_force(at=T0 + DAY / 2)] == [120.05]
    assert [row.lon for row in points_in_force(at=T0 + 2 * DAY)] == [120.06]
    assert Event.objects.filter(kind="places.point_set").count() == 2


def test_the_very_same_again_changes_nothing():
    first, is_news = put()
    again, is_news_again = put(at=T0 + DAY)
    assert (first.pk, is_news, is_news_again) == (again.pk, True, False)


def test_a_point_that_ended_is_out_of_force_and_can_not_end_twice():
    row, _ = put(kind="must_cover")
    point_end(point=row, by=SYSTEM, at=T0 + DAY)
    assert points_in_force(at=T0 + DAY) == []
    with pytest.raises(PointOver):
        point_end(point=row, by=SYSTEM, at=T0 + 2 * DAY)


def test_a_version_does_not_begin_before_the_one_it_replaces():
    put()
    with pytest.raises(BadInput):
        put(lon=120.07, at=T0 + DAY, valid_from=T0 - DAY)


@pytest.mark.parametrize("wrong", [{"kind": "camera"}, {"code": ""}, {"code": "x" * 33}, {"lon": 200.0}])
def test_it_refuses_what_is_no_point(wrong):
    with pytest.raises(BadInput):
        put(**wrong)
