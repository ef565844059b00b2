"""The owner of a file gives it to one of its teams or officers; who has it sees it first."""

from __future__ import annotations

import pytest
from django.utils import translation

from anlan.console.selectors.disputes import files_of_tab, files_shown
from anlan.console.selectors.visits import visits_of
from anlan.core.errors import NotPermitted
from anlan.core.models import Event
from anlan.core.sentences import sentence_for
from anlan.disputes import events
from anlan.disputes.charge_errors import NobodyInCharge, NotOfTheOwner, NotTheOwner
from anlan.disputes.errors import FileOver
from anlan.disputes.models import FileCharge
from anlan.disputes.selectors.charges import charges_of
from anlan.disputes.selectors.revisits import hands_of
from anlan.disputes.services import file_close
from anlan.disputes.services.charges import file_charge_give, file_charge_take
from disputes.quarrel import at_town, later, opened, people_come

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


@pytest.fixture
def two(west):
    """Two files Dan's town room has accepted, the second due later."""
    return [at_town(west, opened(west, at=later(hours=k)), at=later(hours=k), to="accepted") for k in (0, 1)]


def give(world, file, *, to="C-01", by="dan", at=None):
    units = {"unit": world.units[to]} if to in world.units else {"person": world.people[to]}
    return file_charge_give(file=file, by=world.actor(by), at=at or later(hours=2), **units)


def test_a_file_given_to_a_team_comes_first_on_the_phones_of_its_crew_and_nowhere_else(west, two):
    finn = west.actor("finn")
    assert visits_of(finn, at=later(hours=2)) == []
    first, second = two
    give(west, second)
    (shown,) = visits_of(finn, at=later(hours=2))
    assert (shown.push.file, shown.is_given) == (second, True)
    give(west, second, to="dan")
    assert visits_of(finn, at=later(hours=2)) == []
    rows = visits_of(west.actor("dan"), at=later(hours=2))
    assert [(row.push.file, row.is_given) for row in rows] == [(second, True), (first, False)]


def test_the_queue_and_the_timeline_say_who_has_it_in_charge(west, two):
    give(west, two[0])
    rows, _more = files_shown(files_of_tab(west.actor("dan"), "ours", at=later(hours=2)))
    assert {row.file: row.charge.to if row.charge else "" for row in rows} == {two[0]: "C-01", two[1]: ""}
    told = Event.objects.get(kind=events.CHARGE_GIVEN)
    with translation.override("en"):
        assert "team C-01" in sentence_for(told)
    assert told.subject_id == two[0].pk


def test_given_again_to_who_has_it_nothing_is_written(west, two):
    assert give(west, two[0]) == give(west, two[0])
    assert Event.objects.filter(kind=events.CHARGE_GIVEN).count() == 1


def test_it_refuses_a_team_that_does_not_belong_to_the_owner_and_names_those_that_do(west, two):
    with pytest.raises(NotOfTheOwner) as refused:
        give(west, two[0], to="P-01")
    assert "C-01" in str(refused.value)


def test_only_the_owner_gives_and_only_by_the_table(west, two):
    with pytest.raises(NotTheOwner):
        give(west, two[0], to="rui", by="rui")
    with pytest.raises(NotPermitted):
        give(west, two[0], by="finn")


def test_it_is_taken_back_and_what_nobody_has_is_not(west, two):
    give(west, two[0])
    file_charge_take(file=two[0], by=west.actor("dan"), at=later(hours=3))
    assert charges_of([two[0].pk]) == {}
    with pytest.raises(NobodyInCharge):
        file_charge_take(file=two[0], by=west.actor("dan"), at=later(hours=3))


def test_once_another_organisation_owns_it_nobody_has_it_in_charge(west, two):
    give(west, two[0])
    type(two[0]).objects.filter(pk=two[0].pk).update(holder=west.orgs["mediation"])
    assert charges_of([two[0].pk]) == {}
    assert visits_of(west.actor("finn"), at=later(hours=3)) == []
    assert FileCharge.objects.count() == 1


def test_a_file_that_is_over_is_given_to_nobody(west, two):
    file_close(file=two[0], result="withdrawn", by=west.actor("dan"), at=later(hours=2))
    with pytest.raises(FileOver):
        give(west, two[0], at=later(hours=3))


def test_who_had_it_in_charge_does_not_ask_its_parties_afterwards(west, two):
    give(west, two[0], to="finn")
    hands = hands_of(two[0])
    assert hands.people[west.people["finn"].pk] == "charge"
    assert west.orgs["town-west"].pk in hands.organisations
