"""Units, their statuses, crews and shifts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound, WrongState
from anlan.core.models import Event
from anlan.units.errors import CallSignTaken, CrewElsewhere, UnitNotAvailable
from anlan.units.models import Shift, StatusLog, Unit
from anlan.units.selectors import may_press_for, unit_for, units_crewed_by, units_for_board, units_to_rank
from anlan.units.services import (
    crew_join,
    crew_leave,
    shift_set,
    unit_add,
    unit_capabilities_set,
    unit_claim,
    unit_release,
    unit_state_set,
)
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_new_unit_is_off_duty_and_on_the_record(world):
    unit = unit_add(
        call_sign="B-01",
        track="P",
        vehicle="boat",
        organisation=world.orgs["west"],
        capabilities=["boat", "water_rescue"],
        by=world.actor("ida"),
        at=T0,
    )
    assert (unit.state, unit.capabilities) == ("off", ["boat", "water_rescue"])
    assert Event.objects.get(kind="units.unit_added", subject_id=unit.pk).data["unit"] == "B-01"


def test_a_call_sign_stands_for_one_unit(world):
    with pytest.raises(CallSignTaken):
        unit_add(call_sign="P-01", track="P", organisation=world.orgs["west"], by=world.actor("ida"), at=T0)


@pytest.mark.parametrize("wrong", [{"track": "X"}, {"vehicle": "balloon"}, {"capabilities": ["magic"]}])
def test_a_word_outside_the_lists_is_refused(world, wrong):
    usual = {"call_sign": "X-1", "track": "P", "organisation": world.orgs["west"], "by": world.actor("ida"), "at": T0}
    with pytest.raises(BadInput):
        unit_add(**{**usual, **wrong})


def test_every_status_is_logged_with_who_and_when(world):
    unit = world.units["P-01"]
    later = T0 + timedelta(minutes=1)
    assert unit_state_set(unit=unit, to="busy", by=world.actor("eve"), at=later) == "available"
    row = StatusLog.objects.filter(unit=unit).latest("id")
    assert (row.state_from, row.state_to, row.at) == ("available", "busy", later)
    assert row.actor_id == world.people["eve"].pk
    assert Event.objects.filter(kind="units.status_changed", at=later).get().data["state"] == "busy"


def test_a_move_the_table_does_not_have_is_refused(world):
    with pytest.raises(WrongState):
        unit_state_set(unit=world.units["P-01"], to="on_scene", by=world.actor("eve"), at=T0)


def test_a_unit_is_taken_by_claiming_it_only(world):
    with pytest.raises(BadInput):
        unit_state_set(unit=world.units["P-01"], to="assigned", by=world.actor("ada"), at=T0)


def test_a_claimed_unit_can_not_be_claimed_again(world):
    first, second = Unit.objects.get(call_sign="P-01"), Unit.objects.get(call_sign="P-01")
    unit_claim(unit=first, incident_id=7, incident_number="260302-00007", by=world.actor("ada"), at=T0)
    with pytest.raises(UnitNotAvailable) as refusal:
        unit_claim(unit=second, incident_id=8, by=world.actor("jia"), at=T0 + timedelta(seconds=2))
    assert refusal.value.facts["incident"] == "260302-00007"
    assert refusal.value.facts["sender"] == "艾达"
    assert refusal.value.facts["since"] == T0


def test_a_late_release_does_not_free_a_unit_that_was_sent_elsewhere(world):
    unit = world.units["P-01"]
    unit_claim(unit=unit, incident_id=7, by=world.actor("ada"), at=T0)
    assert not unit_release(unit=unit, incident_id=6, by=world.actor("ada"), at=T0)
    assert unit.state == "assigned"
    assert unit_release(unit=unit, incident_id=7, by=world.actor("ada"), at=T0)
    assert (unit.state, unit.incident_id, unit.incident_number) == ("available", None, "")
    assert not unit_release(unit=unit, by=world.actor("ada"), at=T0)


def test_capabilities_are_replaced_as_a_whole(world):
    unit = world.units["P-01"]
    unit_capabilities_set(unit=unit, capabilities=["drone", "boat"], by=world.actor("ida"), at=T0)
    unit_capabilities_set(unit=unit, capabilities=["boat"], by=world.actor("ida"), at=T0)
    unit.refresh_from_db()
    assert unit.capabilities == ["boat"]


def test_a_person_is_on_one_unit_at_a_time(world):
    eve = world.people["eve"]
    with pytest.raises(CrewElsewhere, match="has been on P-01 since 09:00"):
        crew_join(unit=world.units["P-02"], person=eve, by=world.actor("ida"), at=T0)
    assert crew_leave(person=eve, by=world.actor("ida"), at=T0 + timedelta(hours=8))
    assert not crew_leave(person=eve, by=world.actor("ida"), at=T0 + timedelta(hours=8))
    crew_join(unit=world.units["P-02"], person=eve, by=world.actor("ida"), at=T0 + timedelta(hours=9))
    assert units_crewed_by(world.actor("eve")) == {world.units["P-02"].pk}


def test_joining_twice_is_joining_once(world):
    before = Event.objects.count()
    crew_join(unit=world.units["P-01"], person=world.people["eve"], by=world.actor("ida"), at=T0)
    assert Event.objects.count() == before


def test_a_new_plan_takes_the_place_of_what_it_overlaps(world):
    unit, ida = world.units["P-01"], world.actor("ida")
    for start in (0, 4):
        shift_set(
            unit=unit,
            starts_at=T0 + timedelta(hours=start),
            ends_at=T0 + timedelta(hours=start + 8),
            by=ida,
            at=T0,
        )
    assert Shift.objects.get(unit=unit).starts_at == T0 + timedelta(hours=4)
    with pytest.raises(BadInput):
        shift_set(unit=unit, starts_at=T0, ends_at=T0, by=ida, at=T0)


def test_the_board_shows_what_lies_in_reach_and_nothing_else(world):
    def signs(name):
        return [row.call_sign for row in units_for_board(world.actor(name), at=T0)]

    assert signs("ada") == ["C-01", "C-02", "P-01", "P-02", "P-03"]
    assert signs("cleo") == ["P-03"]
    assert signs("dan") == ["C-01"]
    with pytest.raises(NotFound):
        unit_for(world.actor("cleo"), world.units["P-01"].pk)


def test_the_board_names_the_crew_and_the_age_of_the_fix(world):
    row = next(u for u in units_for_board(world.actor("ada"), at=T0 + timedelta(seconds=90)) if u.call_sign == "P-01")
    assert row.crew == ("伊芙",)
    assert (row.seen.age_s, row.seen.is_stale, row.seen.is_lost) == (90.0, True, False)


def test_the_board_costs_three_questions_whatever_the_number_of_units(world, django_assert_max_num_queries):
    for k in range(40):
        unit_add(call_sign=f"X-{k:02d}", track="P", organisation=world.orgs["west"], by=world.actor("ida"), at=T0)
    ada = world.actor("ada")
    with django_assert_max_num_queries(3):
        assert len(units_for_board(ada, at=T0)) == 45
    with django_assert_max_num_queries(2):
        assert len(units_to_rank(at=T0)) == 45


def test_who_may_press_a_units_buttons(world):
    unit = world.units["P-01"]
    allowed = {name for name in world.people if may_press_for(world.actor(name), unit)}
    assert allowed == {"ada", "eve", "ida", "jia"}
    assert may_press_for(Actor(kind="unit", id=unit.pk), unit)
    assert not may_press_for(Actor(kind="unit", id=world.units["P-02"].pk), unit)
