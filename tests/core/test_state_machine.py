"""States change only along the table, one step at a time, and one winner per step."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.accounts.services import organisation_add
from anlan.core.actor import SYSTEM
from anlan.core.errors import NotFound, Overtaken, WrongState
from anlan.core.row_changes import row_reread
from anlan.core.state_machine import REGISTRY, StateMachine
from anlan.units.models import Unit
from anlan.units.rules import UNIT_STATUS
from world import T0

LATER = T0 + timedelta(minutes=7)


@pytest.fixture
def p01(db):
    west = organisation_add(code="west", kind="station", name_zh="城西派出所", name_en="West", by=SYSTEM, at=T0)
    return Unit.objects.create(call_sign="P-01", track="P", organisation=west, state="available", state_since=T0)


def put(unit, state):
    Unit.objects.filter(pk=unit.pk).update(state=state, state_since=T0)


def move(unit, target, **more):
    return UNIT_STATUS.move(unit, target, at=LATER, subject=unit.call_sign, **more)


def test_a_move_in_the_table_changes_state_time_and_what_goes_with_it(p01):
    assert move(p01, "assigned", incident_id=12) == "available"
    assert (p01.state, p01.state_since, p01.incident_id) == ("assigned", LATER, 12)


def test_it_refuses_a_move_that_is_not_in_the_table_and_says_which_are(p01):
    with pytest.raises(WrongState) as refusal:
        move(p01, "on_scene")
    assert str(refusal.value) == (
        "P-01 is available since 09:00; from there it can't become on scene. "
        "Next possible: assigned, busy with other work, off duty, out of service."
    )
    told = refusal.value.as_json()["detail_i18n"]
    assert re.search("[一-鿿]", told["zh-hans"])
    assert not re.search("[一-鿿]", told["en"]), "each language names the states in its own words"
    p01.refresh_from_db()
    assert (p01.state, p01.state_since) == ("available", T0)


def test_it_refuses_a_state_the_caller_did_not_expect(p01):
    with pytest.raises(WrongState):
        move(p01, "busy", only_from=("on_scene",))


def test_it_looks_at_the_row_not_at_what_the_caller_still_holds(p01):
    put(p01, "off")
    assert p01.state != "off"
    with pytest.raises(WrongState, match="P-01 is off duty"):
        move(p01, "assigned")


def test_it_says_so_when_somebody_came_between_look_and_step(p01, monkeypatch):
    looks = []

    def look_then_lose(row):
        row_reread(row)
        looks.append(row.state)
        if len(looks) == 1:
            put(row, "busy")

    monkeypatch.setattr("anlan.core.state_machine.row_reread", look_then_lose)
    with pytest.raises(Overtaken, match="P-01 has just been changed by someone else and is now busy"):
        move(p01, "assigned", incident_id=12)
    assert (p01.state, p01.incident_id) == ("busy", None)


def test_a_row_that_vanished_answers_like_one_that_never_was(p01, monkeypatch):

    def look_then_vanish(row):
        row_reread(row)
        Unit.objects.filter(pk=row.pk)._raw_delete("default")

    monkeypatch.setattr("anlan.core.state_machine.row_reread", look_then_vanish)
    with pytest.raises(NotFound):
        move(p01, "assigned")


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_instant_one_wins_and_the_other_is_told(crew, p01):
    together = threading.Barrier(2)
    outcomes = []

    def press(incident_id):
        mine = Unit.objects.get(call_sign="P-01")
        together.wait()
        try:
            with transaction.atomic():
                move(mine, "assigned", incident_id=incident_id)
            outcomes.append("won")
        except (WrongState, Overtaken) as refusal:
            outcomes.append(refusal.code)

    crew.start(press, 1)
    crew.start(press, 2)
    crew.finish()
    assert len(outcomes) == 2
    assert outcomes.count("won") == 1
    assert set(outcomes) - {"won"} <= {"wrong_state", "overtaken"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(st.sampled_from(UNIT_STATUS.states), max_size=12))
def test_no_walk_leaves_the_table(p01, walk):
    put(p01, UNIT_STATUS.initial)
    here = UNIT_STATUS.initial
    for target in walk:
        if UNIT_STATUS.can(here, target):
            assert move(p01, target) == here
            here = target
        else:
            with pytest.raises(WrongState):
                move(p01, target)
        p01.refresh_from_db()
        assert p01.state == here


def test_a_table_with_a_state_nobody_named_is_refused_at_birth():
    with pytest.raises(ValueError, match=r"unknown states: \['lost'\]"):
        StateMachine("test.never", labels={"here": "here"}, moves={"here": ("lost",)})
    assert "test.never" not in REGISTRY


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_state_can_be_reached_from_the_first(name):
    machine = REGISTRY[name]
    reached, edge = {machine.initial}, [machine.initial]
    while edge:
        edge = [t for s in edge for t in machine.moves.get(s, ()) if t not in reached]
        reached.update(edge)
    assert reached == set(machine.states)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_the_database_holds_the_states_too(name):
    constraint = f"{name.replace('.', '_')}_states"
    assert constraint in {c.name for model in apps.get_models() for c in model._meta.constraints}


def test_the_database_refuses_a_state_that_is_none(p01):
    with pytest.raises(IntegrityError), transaction.atomic():
        put(p01, "asleep")
