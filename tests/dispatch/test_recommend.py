"""The recommendation: all units, by time on the road, each with its reason and the reasons of those left out."""

from __future__ import annotations

import pytest
from django.utils import translation

from anlan.core.actor import SYSTEM
from anlan.dispatch.selectors import minutes, recommend
from anlan.places.models import RoadNetwork
from anlan.units.models import UnitPosition
from anlan.units.services import PositionReport, positions_take, unit_add, unit_capabilities_set, unit_state_set
from dispatch.scene import incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def order(found):
    return [choice.unit.call_sign for choice in found.ranked]


def why(found):
    with translation.override("en"):
        return {row.unit.call_sign: row.reason for row in found.left_out}


def test_the_quickest_by_road_comes_first(world):
    found = recommend(incident_of(world), at=T0)
    assert order(found) == ["P-01", "P-02", "P-03"]
    assert {choice.eta_source for choice in found.ranked} == {"road"}


def test_the_time_is_turnout_and_driving_under_blue_light(world):
    # 120.06 to 120.065: 0.005 degrees of longitude at 28.90 north are 486.8 m; 36 km/h times 4/3
    found = recommend(incident_of(world), at=T0)
    assert found.ranked[0].eta_s == pytest.approx(30 + 486.8 / (10 * 4 / 3), abs=1)


def test_without_urgency_it_drives_like_everybody(world):
    found = recommend(incident_of(world, priority="P3"), at=T0)
    assert found.ranked[0].eta_s == pytest.approx(30 + 486.8 / 10, abs=1)


def test_an_old_position_counts_against_a_unit(world):
    incident = incident_of(world, lon=120.0705)
    assert order(recommend(incident, at=T0))[:2] == ["P-02", "P-01"]
    fresh = PositionReport(
        unit_id=world.units["P-01"].pk, boot="t", seq=2, lon=120.06, lat=28.90, fixed_at=later(minutes=5)
    )
    positions_take(fixes=[fresh], by=SYSTEM, at=later(minutes=5))
    found = recommend(incident, at=later(minutes=5))
    assert order(found)[:2] == ["P-01", "P-02"]
    assert found.ranked[1].eta_s < found.ranked[0].eta_s
    assert found.ranked[1].fix_age_s == 300


def test_those_left_out_are_named_with_their_reason(world):
    ada = world.actor("ada")
    incident = incident_of(world)
    other = incident_of(world)
    send(world, other, "P-02")
    unit_state_set(unit=world.units["P-03"], to="off", by=ada, at=T0)
    boat = unit_add(call_sign="B-01", track="P", vehicle="boat", organisation=world.orgs["west"], by=ada, at=T0)
    unit_state_set(unit=boat, to="available", by=ada, at=T0)
    found = recommend(incident, at=T0)
    assert order(found) == ["P-01"]
    assert why(found) == {
        "P-02": f"Busy with {other.number} since 09:00: assigned.",
        "P-03": "off duty since 09:00.",
        "B-01": "Has never reported a position and has no base.",
        "C-01": "Works on the other track.",
        "C-02": "Works on the other track.",
    }


def test_a_unit_lost_for_ten_minutes_is_left_out_with_when_it_was_seen(world):
    fresh = PositionReport(
        unit_id=world.units["P-03"].pk, boot="t", seq=2, lon=120.14, lat=28.90, fixed_at=later(minutes=11)
    )
    positions_take(fixes=[fresh], by=SYSTEM, at=later(minutes=11))
    found = recommend(incident_of(world), at=later(minutes=11))
    assert order(found) == ["P-03"]
    assert why(found)["P-01"] == "No position since 03-02 09:00."


def test_when_nobody_has_a_position_old_ones_are_better_than_none(world):
    found = recommend(incident_of(world), at=later(minutes=30))
    assert found.is_degraded
    assert order(found) == ["P-01", "P-02", "P-03"]


def test_a_unit_that_never_reported_is_reckoned_from_its_base(world):
    UnitPosition.objects.filter(unit_id=world.units["P-02"].pk).delete()
    found = recommend(incident_of(world), at=T0)
    p2 = next(choice for choice in found.ranked if choice.unit.call_sign == "P-02")
    with translation.override("en"):
        assert "from its base" in p2.reason
    assert p2.fix_age_s is None


def test_only_units_that_can_are_offered(world):
    unit_capabilities_set(unit=world.units["P-03"], capabilities=["drone"], by=SYSTEM, at=T0)
    found = recommend(incident_of(world), at=T0, needs=["drone"])
    assert order(found) == ["P-03"]
    assert why(found)["P-01"] == "Lacks drone."


def test_the_track_decides_who_is_offered(world):
    assert order(recommend(incident_of(world, track="C", priority="P3"), at=T0)) == ["C-01", "C-02"]
    joint = recommend(incident_of(world, track="J", priority="P2"), at=T0)
    assert set(order(joint)) == {"P-01", "P-02", "P-03", "C-01", "C-02"}
    assert order(recommend(incident_of(world, track="J"), at=T0, track="C")) == ["C-01", "C-02"]


def test_without_a_road_network_the_line_is_used_and_said(world):
    RoadNetwork.objects.update(is_active=False)
    found = recommend(incident_of(world), at=T0)
    assert order(found) == ["P-01", "P-02", "P-03"]
    assert {choice.eta_source for choice in found.ranked} == {"line"}
    with translation.override("en"):
        assert "straight line" in found.ranked[0].reason


def test_an_incident_far_from_any_road_is_reckoned_by_the_line(world):
    found = recommend(incident_of(world, lat=28.95), at=T0)
    assert {choice.eta_source for choice in found.ranked} == {"line"}


def test_an_incident_without_a_place_offers_its_own_stations_units_first(world):
    found = recommend(incident_of(world, lon=None, lat=None, station=world.orgs["east"]), at=T0)
    assert order(found) == ["P-03", "P-01", "P-02"]
    assert found.ranked[0].eta_s is None
    with translation.override("en"):
        assert "no place on the map" in found.ranked[0].reason


def test_limit_shortens_the_list_and_not_the_search(world):
    found = recommend(incident_of(world), at=T0, limit=1)
    assert order(found) == ["P-01"]


def test_it_asks_three_questions_however_many_units_there_are(world, settings, django_assert_max_num_queries):
    settings.SNAPSHOT_MAX_AGE_S = 60.0
    incident = incident_of(world)
    recommend(incident, at=T0)
    for k in range(60):
        unit = unit_add(
            call_sign=f"X-{k:02d}",
            track="P",
            organisation=world.orgs["west"],
            base_lon=120.05 + k / 1000,
            base_lat=28.90,
            by=SYSTEM,
            at=T0,
        )
        unit_state_set(unit=unit, to="available", by=SYSTEM, at=T0)
    with django_assert_max_num_queries(3):
        assert len(recommend(incident, at=T0).ranked) == 63


@pytest.mark.parametrize(("seconds", "text"), [(250, "4:10"), (3850, "1:04:10"), (None, "–"), (float("inf"), "–")])
def test_times_read_like_on_the_radio(seconds, text):
    assert minutes(seconds) == text
