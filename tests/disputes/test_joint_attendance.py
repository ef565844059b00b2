"""Police and a street team at one door as the town room sees it: whose it is, who comes, who goes, who is called."""

from __future__ import annotations

import pytest

from anlan.console.selectors.town import town_orders
from anlan.core.models import Event
from anlan.dispatch.errors import OrderOpen
from anlan.dispatch.selectors import clocks_of
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_finish,
    assignment_sign,
    feedback_file,
    feedback_review,
    incident_close,
    joint_send,
    order_assign,
    order_close,
    order_contact,
    order_escalate,
    order_settle,
    order_sign,
    unit_assign,
)
from anlan.disputes.handlers import disputes_follow
from anlan.disputes.selectors import file_of_incident, pushes_open_of
from disputes.quarrel import later, people_come, quarrel
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


class Door:
    """Ada sends P-01 and asks the town room; Dan signs, rings and sends C-01; both are there after nine minutes."""

    def __init__(self, west):
        self.west, self.incident = west, quarrel(west, code="0401", priority="P2")
        self.ada, self.dan, self.eve, self.finn = (west.actor(name) for name in ("ada", "dan", "eve", "finn"))
        sent = joint_send(incident=self.incident, unit=west.units["P-01"], by=self.ada, at=T0)
        self.police, self.order = sent.assignment, sent.order
        order_sign(order=self.order, by=self.dan, at=later(seconds=40))
        order_contact(order=self.order, by=self.dan, at=later(minutes=2))
        self.team = order_assign(order=self.order, unit=west.units["C-01"], by=self.dan, at=later(minutes=3))
        for row, by, minutes in ((self.police, self.eve, 7), (self.team, self.finn, 9)):
            assignment_sign(assignment=row, by=by, at=later(minutes=4))
            assignment_arrive(assignment=row, by=by, at=later(minutes=minutes))
        self.read()

    def read(self, minutes=9):
        disputes_follow(at=later(minutes=minutes))
        for row in (self.incident, self.order, self.police, self.team):
            row.refresh_from_db()

    def on_board(self, minutes=9):
        (row,) = town_orders(self.dan, at=later(minutes=minutes))
        return row

    def police_leave(self, minutes=15, result="mediated_none"):
        assignment_finish(assignment=self.police, by=self.eve, at=later(minutes=minutes))
        sheet = feedback_file(
            incident=self.incident,
            assignment=self.police,
            result=result,
            by=self.eve,
            at=later(minutes=minutes + 1),
        )
        self.read(minutes + 2)
        return sheet


@pytest.fixture
def door(west):
    return Door(west)


def test_both_are_there_and_the_matter_stays_with_police_until_the_room_accepts_more_than_going_along(door):
    row = door.on_board()
    there = {a.unit.call_sign: a.state for a in (*row.teams, *row.police)}
    assert there == {"C-01": "arrived", "P-01": "arrived"}
    assert not row.is_ours
    assert (door.incident.holder.code, door.incident.state) == ("bureau", "on_scene")
    assert door.order.state == "on_site"


def test_police_leave_first_and_the_team_stays_with_its_order(door):
    sheet = door.police_leave()
    row = door.on_board(17)
    assert [a.unit.call_sign for a in row.teams] == ["C-01"]
    assert (door.incident.state, door.order.state) == ("on_scene", "on_site")
    file = file_of_incident(door.incident)
    assert (file.state, [push.seq for push in pushes_open_of(file)]) == ("follow_up", [2]), "calm, not settled"
    feedback_review(feedback=sheet, by=door.west.actor("ida"), at=later(minutes=20))
    order_settle(order=door.order, by=door.finn, at=later(minutes=30))
    door.read(30)
    with pytest.raises(OrderOpen):
        incident_close(incident=door.incident, by=door.ada, at=later(minutes=31))
    order_close(order=door.order, by=door.dan, at=later(minutes=32))
    incident_close(incident=door.incident, by=door.ada, at=later(minutes=33))
    door.read(33)
    assert (door.incident.state, town_orders(door.dan, at=later(minutes=33))) == ("closed", [])


def test_the_team_leaves_first_and_the_matter_goes_on_with_police(door):
    order_settle(order=door.order, by=door.finn, at=later(minutes=14))
    order_close(order=door.order, by=door.dan, at=later(minutes=15))
    door.read(15)
    assert town_orders(door.dan, at=later(minutes=15)) == []
    assert (door.incident.state, door.incident.holder.code, door.police.state) == ("on_scene", "bureau", "arrived")


def test_when_it_flares_up_after_police_have_left_the_team_has_them_back_and_nothing_is_lost(door):
    door.police_leave()
    before = list(Event.objects.filter(incident_id=door.incident.pk).values_list("id", flat=True))
    order_escalate(order=door.order, reason="they fight again", by=door.finn, at=later(minutes=21))
    door.read(22)
    assert (door.order.state, door.incident.track, door.incident.holder.code) == ("escalated", "P", "bureau")
    assert "send" in {clock.kind for clock in clocks_of(door.incident, at=later(minutes=22))}, "police are owed anew"
    assert file_of_incident(door.incident).state == "with_police"
    assert set(before) < set(Event.objects.filter(incident_id=door.incident.pk).values_list("id", flat=True))


def test_needs_police_beside_a_unit_that_is_there_is_no_new_waiting_and_the_desk_may_send_more(door):
    order_escalate(order=door.order, reason="a knife", by=door.dan, at=later(minutes=11))
    door.read(12)
    assert (door.order.state, door.incident.track, door.police.state) == ("escalated", "P", "arrived")
    assert town_orders(door.dan, at=later(minutes=12)) == []
    assert "send" not in {clock.kind for clock in clocks_of(door.incident, at=later(minutes=12))}, "P-01 is there"
    unit_assign(incident=door.incident, unit=door.west.units["P-02"], by=door.ada, at=later(minutes=12))
    door.read(13)
    assert "send" not in {clock.kind for clock in clocks_of(door.incident, at=later(minutes=13))}
