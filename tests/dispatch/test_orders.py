"""The community track: sign, ring, send, settle, close; back once at most; police at any moment."""

from __future__ import annotations

import pytest

from anlan.core.errors import NotFound, NotPermitted, WrongState
from anlan.core.models import Event
from anlan.dispatch.errors import BounceRefused, OrderOpen, ReasonMissing, TownRoomUnknown, TrackIsPolice, WrongTrack
from anlan.dispatch.models import Feedback, WorkOrder
from anlan.dispatch.selectors import clocks_of
from anlan.dispatch.selectors.clocks_due import clocks_due
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_refuse,
    feedback_file,
    feedback_review,
    incident_close,
    order_assign,
    order_bounce,
    order_close,
    order_contact,
    order_escalate,
    order_move_on,
    order_route,
    order_settle,
    order_sign,
)
from anlan.units.errors import UnitNotAvailable
from dispatch.scene import go, incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def quarrel(world, **columns):
    return incident_of(world, **{"code": "0402", "priority": "P3", "track": "C", **columns})


def routed(world, incident=None, **more):
    return order_route(incident=incident or quarrel(world), by=world.actor("ada"), at=T0, **more)


def signed(world, incident=None):
    order = routed(world, incident)
    return order_sign(order=order, by=world.actor("dan"), at=later(seconds=40))


def team_sent(world, incident=None):
    order = signed(world, incident)
    order_contact(order=order, by=world.actor("dan"), at=later(minutes=2))
    team = order_assign(order=order, unit=world.units["C-01"], by=world.actor("dan"), at=later(minutes=3))
    order.refresh_from_db()
    return order, team


def test_the_order_follows_the_team(world):
    order, team = team_sent(world)
    seen = [order.state]
    assignment_arrive(assignment=team, by=world.actor("finn"), at=later(minutes=12))
    order.refresh_from_db()
    seen.append(order.state)
    order_settle(order=order, by=world.actor("finn"), at=later(minutes=30))
    seen.append(order.state)
    order_close(order=order, by=world.actor("dan"), at=later(minutes=40))
    assert [*seen, order.state] == ["assigned", "on_site", "settled", "closed"]
    assert (order.assigned_at, order.arrived_at) == (later(minutes=3), later(minutes=12))


def test_settling_frees_the_team_and_closing_closes_the_incident(world):
    order, team = team_sent(world)
    assignment_arrive(assignment=team, by=world.actor("finn"), at=later(minutes=12))
    order_settle(order=order, by=world.actor("finn"), at=later(minutes=30))
    team.refresh_from_db()
    assert (team.state, team.unit.state) == ("finished", "available")
    order_close(order=order, by=world.actor("dan"), at=later(minutes=40))
    order.incident.refresh_from_db()
    team.refresh_from_db()
    assert (order.incident.state, team.state) == ("closed", "closed")
    assert Feedback.objects.get().result == "settled_on_site"


def test_a_matter_settled_by_telephone_needs_no_team(world):
    order = signed(world)
    order_contact(order=order, by=world.actor("dan"), at=later(minutes=2))
    order_settle(order=order, by=world.actor("dan"), at=later(minutes=8))
    order_close(order=order, by=world.actor("dan"), at=later(minutes=9))
    order.incident.refresh_from_db()
    assert order.incident.state == "closed"


def test_what_is_not_settled_moves_on_by_name(world):
    order, team = team_sent(world)
    assignment_arrive(assignment=team, by=world.actor("finn"), at=later(minutes=12))
    with pytest.raises(ReasonMissing):
        order_move_on(order=order, moved_on_to=" ", by=world.actor("finn"), at=later(minutes=20))
    order_move_on(order=order, moved_on_to="县社会治理中心", by=world.actor("finn"), at=later(minutes=20))
    assert (order.state, order.result) == ("moved_on", "to_mediation_centre")


def test_a_police_matter_is_not_routed_without_changing_its_track_first(world):
    with pytest.raises(TrackIsPolice, match=r"\(rule danger:weapon\)"):
        routed(world, incident_of(world, track_rule="danger:weapon"))


def test_a_town_room_sends_no_police_unit(world):
    with pytest.raises(WrongTrack):
        order_assign(order=signed(world), unit=world.units["P-01"], by=world.actor("dan"), at=T0)


def test_a_town_room_sends_its_own_teams_only(world):
    with pytest.raises(NotFound):
        order_assign(order=signed(world), unit=world.units["C-02"], by=world.actor("dan"), at=T0)


def test_no_team_before_the_room_has_signed(world):
    with pytest.raises(WrongState):
        order_assign(order=routed(world), unit=world.units["C-01"], by=world.actor("dan"), at=T0)
    world.units["C-01"].refresh_from_db()
    assert world.units["C-01"].state == "available"


def test_a_team_that_was_sent_elsewhere_is_refused_like_any_unit(world):
    team_sent(world)
    with pytest.raises(UnitNotAvailable, match="C-01 can't be sent: 丹 sent it"):
        order_assign(order=signed(world, quarrel(world)), unit=world.units["C-01"], by=world.actor("dan"), at=T0)


def test_when_the_team_refuses_the_room_must_send_another(world):
    order, team = team_sent(world)
    assignment_refuse(assignment=team, reason="bicycle broken", by=world.actor("finn"), at=later(minutes=4))
    order.refresh_from_db()
    order.incident.refresh_from_db()
    assert (order.state, order.incident.state) == ("contacted", "open")


def test_one_town_room_at_a_time(world):
    order = routed(world)
    with pytest.raises(OrderOpen, match="West town room since 09:00"):
        routed(world, order.incident, town_room=world.orgs["town-east"])


def test_without_a_room_for_the_place_one_must_be_chosen(world):
    with pytest.raises(TownRoomUnknown):
        routed(world, quarrel(world, town_room=None))


def test_another_room_does_not_see_the_order(world):
    order = routed(world, quarrel(world, town_room=world.orgs["town-east"]))
    with pytest.raises(NotFound):
        order_sign(order=order, by=world.actor("dan"), at=T0)
    with pytest.raises(NotPermitted):
        order_sign(order=order, by=world.actor("cleo"), at=T0)


def test_it_is_sent_back_once_and_the_second_time_it_stays(world):
    incident = quarrel(world)
    first = routed(world, incident)
    order_bounce(order=first, reason="not ours", by=world.actor("dan"), at=later(minutes=1))
    incident.refresh_from_db()
    assert (first.state, first.bounce_reason, incident.bounces) == ("bounced", "not ours", 1)
    second = routed(world, incident)
    with pytest.raises(BounceRefused, match="sent back once already, at 09:01"):
        order_bounce(order=second, reason="still not ours", by=world.actor("dan"), at=later(minutes=5))
    second.refresh_from_db()
    assert second.state == "routed"


def test_sending_back_needs_a_reason(world):
    with pytest.raises(ReasonMissing):
        order_bounce(order=routed(world), reason="", by=world.actor("dan"), at=T0)


@pytest.mark.parametrize("state", ["routed", "signed", "contacted", "assigned", "on_site", "settled", "closed"])
def test_police_can_be_called_at_any_moment_and_the_history_stays(world, state):
    incident = quarrel(world)
    dan, finn = world.actor("dan"), world.actor("finn")
    order = routed(world, incident)
    order.incident = incident
    steps = {
        "signed": lambda: order_sign(order=order, by=dan, at=later(seconds=40)),
        "contacted": lambda: order_contact(order=order, by=dan, at=later(minutes=2)),
        "assigned": lambda: order_assign(order=order, unit=world.units["C-01"], by=dan, at=later(minutes=3)),
        "on_site": lambda: assignment_arrive(assignment=incident.assignments.get(), by=finn, at=later(minutes=9)),
        "settled": lambda: order_settle(order=order, by=finn, at=later(minutes=20)),
        "closed": lambda: order_close(order=order, by=dan, at=later(minutes=30)),
    }
    for name, step in steps.items():
        order.refresh_from_db()
        if order.state == state:
            break
        step()
        assert name
    order = WorkOrder.objects.select_related("incident", "town_room").get(pk=order.pk)
    assert order.state == state
    before = Event.objects.filter(incident_id=incident.pk).count()
    order_escalate(order=order, reason="knife seen", by=dan, at=later(minutes=31))
    incident.refresh_from_db()
    assert (order.state, incident.track) == ("escalated", "P")
    assert incident.state != "closed"
    assert Event.objects.filter(incident_id=incident.pk).count() > before
    assert any(clock.kind == "send" for clock in clocks_of(incident, at=later(minutes=31)))


def test_the_team_on_site_calls_police_itself(world):
    order, _ = team_sent(world)
    order_escalate(order=order, reason="they fight", by=world.actor("finn"), at=later(minutes=20))
    assert order.state == "escalated"


def test_after_the_hand_over_a_police_unit_stops_the_clock(world):
    order = signed(world)
    order_escalate(order=order, reason="they fight", by=world.actor("dan"), at=later(minutes=5))
    send(world, order.incident, "P-01", later(minutes=6))
    order.incident.refresh_from_db()
    assert "send" not in {clock.kind for clock in clocks_of(order.incident, at=later(minutes=6))}


def test_a_matter_handed_over_waits_for_police_from_then_on_and_not_from_the_call(world):
    order = signed(world)
    order_escalate(order=order, reason="they fight", by=world.actor("dan"), at=later(minutes=25))
    order.incident.refresh_from_db()
    (clock,) = [clock for clock in clocks_of(order.incident, at=later(minutes=25)) if clock.kind == "send"]
    assert (clock.started_at, clock.state) == (later(minutes=25), "ok")
    assert [incident.pk for incident, due in clocks_due(at=later(minutes=26)) if due.kind == "send"] == []


@pytest.mark.parametrize(("is_done_before", "waits"), [(False, False), (True, True)])
def test_where_police_are_already_there_when_the_matter_is_handed_over_nobody_waits_for_them(
    world, is_done_before, waits
):
    order = signed(world, quarrel(world, track="J"))
    sent = send(world, order.incident, "P-01", later(minutes=2))
    go(sent, "finished" if is_done_before else "arrived", by=world.actor("eve"), at=later(minutes=2))
    order_escalate(order=order, reason="they fight", by=world.actor("dan"), at=later(minutes=25))
    order.incident.refresh_from_db()
    late = later(hours=2)
    assert ("send" in {clock.kind for clock in clocks_of(order.incident, at=late)}) is waits
    assert ("send" in {clock.kind for _incident, clock in clocks_due(at=late)}) is waits


def test_a_joint_matter_closes_when_both_are_done(world):
    incident = incident_of(world, code="0401", priority="P2", track="J")
    order, team = team_sent(world, incident)
    assignment_arrive(assignment=team, by=world.actor("finn"), at=later(minutes=8))
    police = send(world, incident, "P-01", later(minutes=1))
    go(police, "finished", by=world.actor("eve"), at=later(minutes=1))
    incident.refresh_from_db()
    assert incident.state == "on_scene"
    sheet = feedback_file(
        incident=incident, assignment=police, result="mediated_agreement", by=world.actor("eve"), at=later(minutes=20)
    )
    feedback_review(feedback=sheet, by=world.actor("ida"), at=later(minutes=30))
    order_settle(order=order, by=world.actor("finn"), at=later(minutes=31))
    with pytest.raises(OrderOpen):
        incident_close(incident=incident, by=world.actor("ada"), at=later(minutes=32))
    order_close(order=order, by=world.actor("dan"), at=later(minutes=33))
    incident.refresh_from_db()
    assert incident.state == "in_review"
    incident_close(incident=incident, by=world.actor("ada"), at=later(minutes=34))
    assert {row.state for row in incident.assignments.all()} == {"closed"}
