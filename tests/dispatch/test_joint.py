"""The joint track: one deed sends the unit and asks the town room; both go, or nobody does."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from anlan.core.errors import NotPermitted
from anlan.core.models import Event
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.dispatch.services import assignment_cancel, joint_send, order_sign
from anlan.intake.models import Incident
from anlan.units.errors import UnitNotAvailable
from anlan.units.models import Unit
from dispatch.scene import incident_of, later, send
from dispatch.test_race import at_once
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")


def joint_matter(world, **columns):
    return incident_of(world, **{"code": "0401", "priority": "P2", "track": "J", **columns})


def sent_together(world, incident, unit="P-01", who="ada", at=T0):
    return joint_send(incident=incident, unit=world.units[unit], by=world.actor(who), at=at)


def test_one_deed_sends_the_unit_and_asks_the_town_room(world):
    incident = joint_matter(world)
    sent = sent_together(world, incident)
    incident.refresh_from_db()
    assert (sent.assignment.state, sent.assignment.unit.call_sign) == ("sent", "P-01")
    assert (sent.order.state, sent.order.town_room.code, sent.alone) == ("routed", "town-west", "")
    assert (incident.state, incident.first_sent_at, incident.holder.code) == ("dispatched", T0, "bureau")


def test_each_change_has_its_own_event_and_all_share_one_transaction(world):
    incident = joint_matter(world)
    sent_together(world, incident)
    rows = list(Event.objects.filter(incident_id=incident.pk).order_by("id"))
    kinds = [row.kind for row in rows]
    for kind in ("dispatch.unit_assigned", "dispatch.order_routed", "intake.hand_over_asked"):
        assert kinds.count(kind) == 1
    assert len({(row.txid, row.at) for row in rows}) == 1


def test_without_a_town_room_the_unit_goes_and_it_is_said(world):
    sent = sent_together(world, joint_matter(world, town_room=None))
    assert sent.assignment.state == "sent"
    assert (sent.order, sent.alone) == (None, "no_town_room")
    with override("en"):
        assert str(sent.alone_words) == "No town room answers for this place: only the unit was sent."


def test_a_second_unit_meets_the_town_room_that_has_it_already(world):
    incident = joint_matter(world)
    first = sent_together(world, incident)
    second = sent_together(world, incident, "P-02", at=later(minutes=1))
    assert (second.assignment.part, second.alone) == ("support", "room_has_it")
    assert second.order == first.order
    assert WorkOrder.objects.count() == 1


def test_the_unit_is_not_held_up_when_the_track_has_just_changed(world):
    incident = joint_matter(world)
    Incident.objects.filter(pk=incident.pk).update(track="P")
    sent = sent_together(world, incident)
    assert (sent.assignment.state, sent.order, sent.alone) == ("sent", None, "not_joint")


def test_a_unit_that_can_not_be_had_leaves_no_order_behind(world):
    send(world, incident_of(world), "P-01")
    incident = joint_matter(world)
    with pytest.raises(UnitNotAvailable, match="P-01 can't be sent"):
        sent_together(world, incident)
    incident.refresh_from_db()
    assert (WorkOrder.objects.count(), incident.state, incident.routed_to) == (0, "open", None)


def test_taking_the_unit_back_leaves_the_town_room_on_its_way(world):
    incident = joint_matter(world)
    sent = sent_together(world, incident)
    assignment_cancel(assignment=sent.assignment, reason="undo", by=world.actor("ada"), at=later(seconds=4))
    sent.order.refresh_from_db()
    assert sent.order.state == "routed"
    order_sign(order=sent.order, by=world.actor("dan"), at=later(seconds=30))
    assert sent_together(world, incident, "P-02", at=later(minutes=1)).order == sent.order


def test_who_may_not_send_sends_nobody_and_asks_nobody(world):
    with pytest.raises(NotPermitted):
        sent_together(world, joint_matter(world), who="ben")
    assert not Assignment.objects.exists()
    assert not WorkOrder.objects.exists()


def test_the_same_request_sent_again_takes_effect_once(world):
    from anlan.accounts.services import token_issue
    from anlan.core.actor import SYSTEM
    from anlan.core.clock import now

    incident = joint_matter(world)
    secret = token_issue(person=world.people["ada"], label="test", by=SYSTEM, at=now())
    desk = Client(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "once"})
    body = {"unit_id": world.units["P-01"].pk, "rank": 1}
    url = f"/api/incidents/{incident.pk}/joint"
    answers = [desk.post(url, body, content_type="application/json") for _ in range(10)]
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert answers[0].json()["order"]["town_room_id"] == world.orgs["town-west"].pk
    assert (Assignment.objects.count(), WorkOrder.objects.count()) == (1, 1)


class TestAtTheSameInstant:
    pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

    @staticmethod
    def sending(town, incident, unit, who):
        by, unit_id, incident_id = town.actor(who), town.units[unit].pk, incident.pk
        return lambda: joint_send(
            incident=Incident.objects.get(pk=incident_id), unit=Unit.objects.get(pk=unit_id), by=by, at=T0
        )

    def test_two_desks_send_two_units_and_the_town_room_is_asked_once(self, transactional_db):
        town = build_world()
        incident = joint_matter(town)
        found = at_once(self.sending(town, incident, "P-01", "ada"), self.sending(town, incident, "P-02", "jia"))
        assert sorted(one.alone for one in found) == ["", "room_has_it"]
        assert sorted(row.part for row in Assignment.objects.all()) == ["lead", "support"]
        assert WorkOrder.objects.count() == 1

    def test_one_unit_for_two_matters_goes_to_one_with_its_town_room_and_the_other_gets_neither(
        self, transactional_db
    ):
        town = build_world()
        matters = [joint_matter(town), joint_matter(town)]
        found = at_once(self.sending(town, matters[0], "P-01", "ada"), self.sending(town, matters[1], "P-01", "jia"))
        (won,) = [k for k in (0, 1) if not isinstance(found[k], UnitNotAvailable)]
        assert isinstance(found[1 - won], UnitNotAvailable)
        assert WorkOrder.objects.get().incident_id == matters[won].pk
        assert Assignment.objects.get().incident_id == matters[won].pk
