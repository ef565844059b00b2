"""A town room's own times with their n, and whose a matter is when nobody wants it."""

from __future__ import annotations

import pytest

from anlan.core.errors import BadInput, NotPermitted, WrongState
from anlan.core.models import Event
from anlan.dispatch.errors import BounceRefused, ReasonMissing
from anlan.dispatch.models import WorkOrder
from anlan.dispatch.selectors import town_shares
from anlan.dispatch.services import (
    assignment_arrive,
    order_assign,
    order_bounce,
    order_close,
    order_contact,
    order_decide,
    order_escalate,
    order_route,
    order_settle,
    order_sign,
)
from dispatch.scene import incident_of, later
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def routed(world, at=T0):
    incident = incident_of(world, code="0402", priority="P3", track="C", received_at=at)
    return order_route(incident=incident, by=world.actor("ada"), at=at)


def worked(world, *, sign, contact, send, arrive, at=T0):
    """An order with its steps so many minutes after it was routed; the team is free again at the end."""
    from datetime import timedelta

    def then(minutes):
        return at + timedelta(minutes=minutes)

    dan, order = world.actor("dan"), routed(world, at)
    order_sign(order=order, by=dan, at=then(sign))
    order_contact(order=order, by=dan, at=then(contact))
    team = order_assign(order=order, unit=world.units["C-01"], by=dan, at=then(send))
    assignment_arrive(assignment=team, by=world.actor("finn"), at=then(arrive))
    order.refresh_from_db()
    order_settle(order=order, by=dan, at=then(arrive + 5))
    order_close(order=order, by=dan, at=then(arrive + 6))
    return order


def shares(world, at):
    return {share.key: (share.kept, share.n) for share in town_shares(world.actor("dan"), at=at)}


def test_each_clock_counts_orders_whose_outcome_is_known_and_says_how_many(world):
    worked(world, sign=0.5, contact=2, send=3, arrive=7)  # all in time: four minutes from sending
    worked(world, sign=2, contact=2.5, send=20, arrive=40, at=later(hours=1))  # signed late, team twenty minutes
    routed(world, at=later(hours=3))  # ten seconds old: nothing is known of it yet
    told = shares(world, later(hours=3, seconds=10))
    assert told["sign"] == (1, 2)
    assert told["contact"] == (2, 2)
    assert told["team"] == (1, 2)
    assert told["arrive"] == (1, 2)
    assert told["close"] == (2, 2)
    assert told["settled"] == (2, 2)


def test_a_step_nobody_made_counts_as_missed_once_its_time_is_over(world):
    routed(world)
    assert shares(world, later(seconds=59))["sign"] == (0, 0)
    told = shares(world, later(minutes=31))
    assert (told["sign"], told["contact"], told["arrive"]) == ((0, 1), (0, 1), (0, 1))
    assert told["close"] == (0, 0)


def test_an_order_sent_back_in_time_owes_nothing_after_that(world):
    order = routed(world)
    order_bounce(order=order, reason="不在辖区", by=world.actor("dan"), at=later(seconds=30))
    escalated = routed(world, at=later(minutes=1))
    order_escalate(order=escalated, reason="动手了", by=world.actor("dan"), at=later(minutes=3))
    told = shares(world, later(days=2))
    assert told["sign"] == (0, 1)  # the second waited two minutes before it went to police
    assert told["close"] == told["arrive"] == (0, 0)


def test_settling_by_telephone_owes_no_arrival(world):
    dan, order = world.actor("dan"), routed(world)
    order_sign(order=order, by=dan, at=later(seconds=30))
    order_contact(order=order, by=dan, at=later(minutes=1))
    order_settle(order=order, by=dan, at=later(minutes=9))
    told = shares(world, later(hours=2))
    assert (told["arrive"], told["settled"]) == ((0, 0), (0, 0))
    order_close(order=order, by=dan, at=later(hours=1))
    assert shares(world, later(hours=2))["arrive"] == (0, 0), "closed later, it still owes none"


def test_another_room_sees_none_of_it(world):
    routed(world)
    other = world.actor("cleo")
    assert all(share.n == 0 for share in town_shares(other, at=later(hours=2)))


def test_the_duty_leader_decides_when_a_second_room_would_send_it_back(world):
    first = routed(world)
    order_bounce(order=first, reason="不属本街道", by=world.actor("dan"), at=later(seconds=30))
    again = order_route(incident=first.incident, by=world.actor("ada"), at=later(minutes=1))
    with pytest.raises(BounceRefused):
        order_bounce(order=again, reason="还是不属", by=world.actor("dan"), at=later(minutes=2))
    with pytest.raises(NotPermitted):
        order_decide(
            order=again,
            town_room=world.orgs["town-east"],
            reason="在河东",
            by=world.actor("dan"),
            at=later(minutes=3),
        )
    there = order_decide(
        order=again, town_room=world.orgs["town-east"], reason="在河东", by=world.actor("jia"), at=later(minutes=3)
    )
    again.refresh_from_db()
    assert (again.state, there.state, there.town_room.code) == ("bounced", "routed", "town-east")
    assert there.routed_at == later(minutes=3)
    assert Event.objects.filter(kind="dispatch.order_decided").count() == 1


def test_until_the_chosen_room_signs_the_first_receiver_has_the_matter(world):
    order = routed(world)
    order_sign(order=order, by=world.actor("dan"), at=later(seconds=40))
    order.incident.refresh_from_db()
    assert order.incident.holder.code == "town-west"
    there = order_decide(
        order=order, town_room=world.orgs["town-east"], reason="在河东", by=world.actor("jia"), at=later(minutes=3)
    )
    there.incident.refresh_from_db()
    assert (there.incident.holder.code, there.incident.routed_to.code) == ("bureau", "town-east")
    assert there.routed_from.code == "bureau"


def test_a_decision_needs_a_reason_another_town_room_and_no_team_out(world):
    order, jia = routed(world), world.actor("jia")
    with pytest.raises(ReasonMissing):
        order_decide(order=order, town_room=world.orgs["town-east"], reason=" ", by=jia, at=later(minutes=1))
    for wrong in ("town-west", "west", "mediation"):
        with pytest.raises(BadInput):
            order_decide(order=order, town_room=world.orgs[wrong], reason="在河东", by=jia, at=later(minutes=1))
    order_sign(order=order, by=world.actor("dan"), at=later(minutes=1))
    order_assign(order=order, unit=world.units["C-01"], by=world.actor("dan"), at=later(minutes=2))
    order.refresh_from_db()
    with pytest.raises(WrongState):
        order_decide(order=order, town_room=world.orgs["town-east"], reason="在河东", by=jia, at=later(minutes=3))
    assert WorkOrder.objects.count() == 1
