"""A clock is chosen by what kind of matter it runs for, and the chain of who is told next goes with it.

GLPI #13585: escalation levels knew no criterion for the project or category of a ticket, so that all kinds ran alike.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.citizen.due import answer_due
from anlan.citizen.rules import ANSWER_WORKDAYS
from anlan.disputes.due import due_after, due_again
from anlan.disputes.models import Push
from anlan.disputes.rules import LEVELS, term_of, visit_term
from anlan.disputes.services.telling import chain_of
from disputes.quarrel import opened, people_come
from world import T0


def test_criteria_on_projects_and_categories_choose_the_term_and_each_keeps_its_own_sum():
    visits = {level: due_after(visit_term(level), T0) for level in LEVELS}
    assert [visits[level].due_at - T0 for level in ("red", "yellow", "blue")] == [
        timedelta(hours=24), timedelta(hours=72), timedelta(days=7),
    ]  # fmt: skip
    assert {due.total["rule"] for due in visits.values()} == {f"visit_{level}" for level in LEVELS}
    assert all(due_again(due.total) == due.due_at for due in visits.values())
    assert term_of("follow_up", "red") != term_of("follow_up", "blue")
    assert term_of("pushed", "red") == term_of("pushed", "blue") == "sign"


def test_a_citizens_request_is_due_by_its_kind():
    days = {kind: answer_due(kind, T0).due_at for kind in ANSWER_WORKDAYS}
    ordered = sorted(ANSWER_WORKDAYS, key=lambda kind: ANSWER_WORKDAYS[kind])
    assert [days[kind] for kind in ordered] == sorted(days.values())
    assert len(set(days.values())) == len(set(ANSWER_WORKDAYS.values()))


@pytest.mark.django_db(databases="__all__")
def test_who_is_told_next_goes_by_the_step_and_whose_it_is(world, taxonomy):
    people_come(world)
    file = opened(world)
    chains = {}
    for seq, org, person in ((2, "west", world.people["lin"]), (3, "town-west", None)):
        push = Push(file=file, seq=seq, to_organisation=world.orgs[org], to_person=person, to_role="town_operator")
        chains[seq] = [(one.kind, one.role) for rung in chain_of(push) for one in rung.to]
    assert chains[2] == [("person", ""), ("role", "station_room"), ("role", "duty_leader")]
    assert chains[3] == [("role", "town_operator"), ("role", "duty_leader")]
