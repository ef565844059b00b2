"""One function says who may do what; rows of others answer like rows that are not there."""

from __future__ import annotations

import pytest

from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import NotFound, NotPermitted, NotSignedIn
from anlan.core.permissions import permission_table, permitted, require
from anlan.units.models import Unit

everyone = pytest.mark.django_db(databases="__all__")


def someone(*roles: str) -> Actor:
    return Actor(kind="person", id=1, roles=frozenset(roles))


@pytest.mark.parametrize("action", sorted(permission_table()))
def test_each_action_is_open_to_its_roles_and_closed_to_all_others(action):
    roles = permission_table()[action]
    others = {role for table in permission_table().values() for role in table} - roles
    assert all(permitted(someone(role), action) for role in roles)
    assert not any(permitted(someone(role), action) for role in others)
    assert not permitted(someone(), action)


def test_an_action_nobody_listed_is_nobodys():
    assert not permitted(someone("admin", "duty_leader", "dispatcher"), "dispatch.invented")


def test_the_system_may_act_for_the_rules():
    assert permitted(SYSTEM, "anything.at_all")


def test_the_refusal_names_who_may():
    with pytest.raises(NotPermitted, match=r"accounts\.manage.*admin"):
        require(someone("patrol"), "accounts.manage")


def test_somebody_unknown_is_asked_to_sign_in():
    with pytest.raises(NotSignedIn):
        require(Actor(kind="anonymous"), "accounts.manage")


@everyone
def test_cleo_sees_nothing_of_the_west(world):
    cleo = world.actor("cleo")
    assert {unit.call_sign for unit in Unit.objects.visible_to(cleo)} == {"P-03"}


@everyone
def test_a_neighbours_unit_answers_cleo_like_one_that_does_not_exist(world):
    cleo = world.actor("cleo")
    with pytest.raises(NotFound) as theirs:
        Unit.objects.one_for(cleo, call_sign="P-01")
    with pytest.raises(NotFound) as nobodys:
        Unit.objects.one_for(cleo, call_sign="P-99")
    assert theirs.value.as_json() == nobodys.value.as_json()
    assert Unit.objects.one_for(world.actor("ada"), call_sign="P-01").call_sign == "P-01"


@everyone
@pytest.mark.parametrize("number", ["x", "", "1; drop table", 2**80, -1])
def test_a_number_that_is_none_answers_like_one_that_does_not_exist(world, number):
    with pytest.raises(NotFound):
        Unit.objects.one_for(world.actor("ada"), pk=number)


@everyone
def test_somebody_without_any_organisation_sees_nothing(world):
    assert not Unit.objects.visible_to(someone("dispatcher")).exists()
