"""Simulated units on the small county's road: one can check on paper where they must be.

The road runs along lat 28.90 at 36 km/h, ten metres a second; a hundredth of a degree of longitude is 974 m there.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.drills.fleet import DETOUR, LINE_SPEED_MPS, Fleet
from anlan.engines.geo import distance_m
from anlan.places.selectors import road_graph
from anlan.units.models import UnitPosition
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def world():
    return build_world()


@pytest.fixture
def fleet(world):
    fleet = Fleet(roads=road_graph(), boot="drill")
    fleet.add(world.units["P-01"].pk, vehicle="car", lon=120.06, lat=28.90)
    return fleet


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def test_a_unit_is_half_way_along_its_road_at_half_its_time(world, fleet):
    unit = world.units["P-01"].pk
    whole_s = fleet.drive(unit, 120.08, 28.90, urgent=False, at=T0)
    rider = fleet.riders[unit]
    assert rider.where(T0)[:2] == pytest.approx((120.06, 28.90), abs=1e-5)
    lon, lat, heading = rider.where(T0 + seconds(whole_s / 2))
    assert (lon, lat) == pytest.approx((120.07, 28.90), abs=1e-4)
    assert heading == pytest.approx(90.0, abs=1.0)
    assert rider.where(T0 + seconds(whole_s))[:2] == pytest.approx((120.08, 28.90), abs=1e-5)
    assert rider.where(T0 + seconds(whole_s + 999))[:2] == pytest.approx((120.08, 28.90), abs=1e-5)


def test_two_stretches_take_their_length_at_ten_metres_a_second(world, fleet):
    metres = float(distance_m(120.06, 28.90, 120.08, 28.90))
    assert metres == pytest.approx(1947, abs=3)
    assert fleet.drive(world.units["P-01"].pk, 120.08, 28.90, urgent=False, at=T0) == pytest.approx(metres / 10.0)


def test_with_siren_a_unit_is_no_slower(world, fleet):
    unit = world.units["P-01"].pk
    calm = fleet.drive(unit, 120.10, 28.90, urgent=False, at=T0)
    fleet.riders[unit].way = None
    assert fleet.drive(unit, 120.10, 28.90, urgent=True, at=T0) <= calm


def test_a_unit_sent_elsewhere_on_its_way_starts_from_where_it_is(world, fleet):
    unit = world.units["P-01"].pk
    whole_s = fleet.drive(unit, 120.10, 28.90, urgent=False, at=T0)
    half = T0 + seconds(whole_s / 2)
    back_s = fleet.drive(unit, 120.06, 28.90, urgent=False, at=half)
    assert back_s == pytest.approx(whole_s / 2, rel=0.02)
    fleet.riders[unit].stand(half + seconds(back_s))
    assert fleet.riders[unit].where(half)[:2] == pytest.approx((120.06, 28.90), abs=1e-5)


def test_without_roads_a_unit_takes_the_straight_line_and_the_detour_roads_would_make(world):
    fleet = Fleet(roads=None, boot="drill")
    fleet.add(1, vehicle="foot", lon=120.06, lat=28.90)
    metres = float(distance_m(120.06, 28.90, 120.07, 28.91))
    assert fleet.drive(1, 120.07, 28.91, urgent=True, at=T0) == pytest.approx(
        metres * DETOUR / LINE_SPEED_MPS["foot"]
    )


def test_terminals_report_where_their_unit_is_and_only_the_moving_ones_when_asked(world, fleet):
    standing = world.units["P-02"].pk
    fleet.add(standing, vehicle="car", lon=120.08, lat=28.90)
    moving = world.units["P-01"].pk
    whole_s = fleet.drive(moving, 120.08, 28.90, urgent=False, at=T0)
    half = T0 + seconds(whole_s / 2)
    assert fleet.report(half, by=SYSTEM, only_moving=True) == 1
    assert fleet.report(half + seconds(1), by=SYSTEM) == 2
    rows = {row.unit_id: row for row in UnitPosition.objects.filter(unit_id__in=[moving, standing])}
    assert rows[moving].lon == pytest.approx(120.07, abs=2e-4)
    assert rows[moving].speed_mps > 0
    assert rows[standing].speed_mps == 0
