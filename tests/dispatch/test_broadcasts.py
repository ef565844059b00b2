"""One sentence to every crew in a ring, and proof of who has seen it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from anlan.core.errors import BadInput, NotFound, NotPermitted
from anlan.dispatch.errors import NobodyInReach
from anlan.dispatch.services import broadcast_send
from anlan.notices.errors import TextNamesSomebody, TextTooLong
from anlan.notices.selectors import followed, notices_waiting
from anlan.notices.services import notice_acknowledge, notice_delivered, notices_tick
from anlan.units.services import unit_state_set
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
# P-01 stands at lon 120.06, C-01 975 m east of it at 120.07, P-02 1,950 m at 120.08, all on lat 28.90.
RING = {"lon": 120.06, "lat": 28.90, "radius_m": 1200.0}


def sent(world, name="ada", at=T0, **more):
    return broadcast_send(**{"text": "前方道路积水，请绕行", **RING, **more}, by=world.actor(name), at=at)


def signs(units):
    return [unit.call_sign for unit in units]


def test_it_reaches_the_units_in_the_ring_and_no_other(world):
    found = sent(world)
    assert signs(found.units) == ["C-01", "P-01"]
    assert found.without_crew == []
    with translation.override("en"):
        assert [row.text for row in notices_waiting(world.actor("eve"), at=T0)] == [
            "To all units: 前方道路积水，请绕行"
        ]
    assert notices_waiting(world.actor("cleo"), at=T0) == []


def test_units_off_duty_are_left_alone(world):
    unit_state_set(unit=world.units["C-01"], to="off", by=world.actor("ada"), at=T0)
    assert signs(sent(world).units) == ["P-01"]


def test_a_unit_nobody_can_place_is_named_as_lost(world):
    late = T0 + timedelta(minutes=11)
    with pytest.raises(NobodyInReach) as refusal:
        sent(world, at=late)
    assert refusal.value.facts["lost"] == 5


def test_it_goes_to_the_units_of_an_organisation(world):
    found = broadcast_send(text="交接班", organisation=world.orgs["zone"], by=world.actor("ada"), at=T0)
    assert signs(found.units) == ["P-01", "P-02", "P-03"]
    assert signs(found.without_crew) == ["P-02", "P-03"]


def test_a_station_room_reaches_its_own_units_only(world):
    assert signs(sent(world, "ida", radius_m=50_000.0).units) == ["P-01", "P-02"]
    with pytest.raises(NotFound):
        sent(world, "ida", organisation=world.orgs["east"])


def test_who_saw_it_and_who_answered_is_on_the_record(world):
    notice = sent(world).notice
    notice_delivered(notice=notice, by=world.actor("eve"), at=T0 + timedelta(seconds=3))
    notice_acknowledge(notice=notice, by=world.actor("eve"), at=T0 + timedelta(seconds=9))
    told = followed([notice])[0]
    assert (told.seen, told.answered, told.told) == (1, 1, 2)
    assert [name for name, _ in told.answers[1].receipts] == ["伊芙"]
    assert notices_waiting(world.actor("eve"), at=T0 + timedelta(seconds=10)) == []
    assert len(notices_waiting(world.actor("finn"), at=T0 + timedelta(seconds=10))) == 1


def test_it_runs_out(world):
    notice = sent(world, stands_for=timedelta(minutes=10)).notice
    assert notices_tick(at=T0 + timedelta(minutes=10)) == 1
    notice.refresh_from_db()
    assert notice.state == "expired"
    assert notices_waiting(world.actor("finn"), at=T0 + timedelta(minutes=10)) == []


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"text": "  "}, BadInput),
        ({"text": "水" * 201}, TextTooLong),
        ({"text": "请回电 13800001234"}, TextNamesSomebody),
        ({"radius_m": None}, BadInput),
        ({"radius_m": float("nan")}, BadInput),
        ({"radius_m": 1e9}, BadInput),
        ({"lat": 99.0}, BadInput),
        ({"stands_for": timedelta(0)}, BadInput),
        ({"lon": 0.0, "lat": 0.0}, NobodyInReach),
    ],
)
def test_it_refuses_what_would_reach_nobody_or_tell_too_much(world, wrong, refusal):
    with pytest.raises(refusal):
        sent(world, **wrong)


def test_a_patrol_may_not_broadcast(world):
    with pytest.raises(NotPermitted):
        sent(world, "eve")
