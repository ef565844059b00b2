"""Who has the matter: the first receiver, until another has accepted it; seen by them, and by nobody else."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from anlan.core.errors import NotFound
from anlan.core.models import Event
from anlan.core.selectors import event_visible
from anlan.dispatch.errors import BounceRefused
from anlan.dispatch.selectors import order_for
from anlan.dispatch.services import (
    order_bounce,
    order_close,
    order_contact,
    order_escalate,
    order_move_on,
    order_route,
    order_settle,
    order_sign,
)
from anlan.intake.errors import HolderChanged
from anlan.intake.selectors import incident_for, queue, timeline
from anlan.intake.services import incident_holder_set
from dispatch.scene import incident_of, later
from world import CAST, T0

pytestmark = pytest.mark.django_db(databases="__all__")

# Who sees a matter of the west: the bureau, the station and the town room there.
ALWAYS = {"ada", "ben", "gus", "hua", "jia", "dan", "finn", "eve", "ida"}


@pytest.fixture
def quarrel(world):
    """A quarrel in the west, taken at the bureau, for the community."""
    return incident_of(world, code="0402", priority="P3", track="C")


@pytest.fixture
def dina(world):
    """The operator of the town room next door."""
    from anlan.accounts.services import person_add, role_grant
    from anlan.core.actor import SYSTEM

    person = person_add(
        username="dina", name="迪娜", organisation=world.orgs["town-east"], password=None, by=SYSTEM, at=T0
    )
    role_grant(person=person, role="town_operator", by=SYSTEM, at=T0)
    world.people["dina"] = person
    return world.actor("dina")


def route(world, incident, room="town-west"):
    return order_route(incident=incident, town_room=world.orgs[room], by=world.actor("ada"), at=T0)


def held(incident):
    incident.refresh_from_db()
    return incident.holder.code, incident.held_since


def who_sees(world, incident):
    seen = set()
    for name in [person[0] for person in CAST] + (["dina"] if "dina" in world.people else []):
        try:
            incident_for(world.actor(name), incident.pk)
        except NotFound:
            continue
        seen.add(name)
    return seen


def test_the_sender_keeps_it_until_the_town_room_has_signed(world, quarrel):
    order = route(world, quarrel)
    assert held(quarrel) == ("bureau", None)
    order_sign(order=order, by=world.actor("dan"), at=later(seconds=40))
    assert held(quarrel) == ("town-west", later(seconds=40))


def test_signing_twice_changes_hands_once(world, quarrel):
    order = route(world, quarrel)
    order_sign(order=order, by=world.actor("dan"), at=later(seconds=40))
    assert Event.objects.filter(kind="intake.holder_set", incident_id=quarrel.pk).count() == 1
    assert not incident_holder_set(
        incident=quarrel,
        holder=world.orgs["town-west"],
        held_by=world.orgs["bureau"].pk,
        by=world.actor("dan"),
        at=later(minutes=1),
    )
    assert Event.objects.filter(kind="intake.holder_set", incident_id=quarrel.pk).count() == 1


def test_another_towns_room_sees_what_was_routed_to_it_before_and_after_it_signs(world, quarrel, dina):
    assert who_sees(world, quarrel) == ALWAYS
    order = route(world, quarrel, "town-east")
    assert who_sees(world, quarrel) == {*ALWAYS, "dina"}
    assert order_for(dina, order.pk) == order
    assert [row["id"] for row in queue(dina).rows] == [quarrel.pk]
    order_sign(order=order, by=dina, at=later(seconds=50))
    assert who_sees(world, quarrel) == {*ALWAYS, "dina"}
    assert held(quarrel)[0] == "town-east"


def test_a_room_that_was_not_asked_sees_nothing(world, quarrel, dina):
    order = route(world, quarrel)
    order_sign(order=order, by=world.actor("dan"), at=later(seconds=50))
    assert who_sees(world, quarrel) == ALWAYS
    assert queue(dina).rows == []
    with pytest.raises(NotFound):
        order_for(dina, order.pk)


def test_what_happens_is_streamed_to_the_room_that_was_asked_and_not_to_others(world, quarrel, dina):
    route(world, quarrel, "town-east")
    rows = list(Event.objects.filter(incident_id=quarrel.pk))
    assert rows
    assert all(event_visible(row.org_ids, dina) for row in rows)
    assert not any(event_visible(row.org_ids, world.actor("cleo")) for row in rows)


@pytest.mark.parametrize("has_signed", [False, True])
def test_sent_back_it_is_with_the_first_receiver_and_out_of_the_rooms_sight(world, quarrel, dina, has_signed):
    order = route(world, quarrel, "town-east")
    if has_signed:
        order_sign(order=order, by=dina, at=later(seconds=30))
    order_bounce(order=order, reason="not our town", by=dina, at=later(minutes=1))
    assert held(quarrel)[0] == "bureau"
    assert who_sees(world, quarrel) == ALWAYS
    again = route(world, quarrel)
    order_sign(order=again, by=world.actor("dan"), at=later(minutes=3))
    assert held(quarrel) == ("town-west", later(minutes=3))


def test_a_second_sending_back_is_refused_and_changes_no_hands(world, quarrel, dina):
    order_bounce(order=route(world, quarrel, "town-east"), reason="no", by=dina, at=later(minutes=1))
    order = route(world, quarrel)
    order_sign(order=order, by=world.actor("dan"), at=later(minutes=2))
    with pytest.raises(BounceRefused):
        order_bounce(order=order, reason="no", by=world.actor("dan"), at=later(minutes=3))
    assert held(quarrel) == ("town-west", later(minutes=2))


def test_moved_on_it_stays_with_the_town_room_for_nobody_has_signed_there(world, quarrel):
    dan, order = world.actor("dan"), route(world, quarrel)
    order_sign(order=order, by=dan, at=later(seconds=30))
    order_contact(order=order, by=dan, at=later(minutes=2))
    order_move_on(order=order, moved_on_to="县社会治理中心", by=dan, at=later(minutes=9))
    assert held(quarrel) == ("town-west", later(seconds=30))


def test_when_police_are_called_whoever_routed_it_has_it_again(world, quarrel, dina):
    order = route(world, quarrel, "town-east")
    order_sign(order=order, by=dina, at=later(seconds=30))
    order_escalate(order=order, reason="they fight", by=dina, at=later(minutes=4))
    assert held(quarrel) == ("bureau", later(minutes=4))
    assert "dina" in who_sees(world, quarrel)  # its team stays until police take over


def test_settled_and_closed_it_was_theirs_to_the_end(world, quarrel):
    dan, order = world.actor("dan"), route(world, quarrel)
    order_sign(order=order, by=dan, at=later(seconds=30))
    order_contact(order=order, by=dan, at=later(minutes=2))
    order_settle(order=order, by=dan, at=later(minutes=8))
    order_close(order=order, by=dan, at=later(minutes=9))
    assert (held(quarrel)[0], quarrel.state) == ("town-west", "closed")


def test_on_the_joint_track_police_keep_it_and_both_see_it(world, dina):
    joint = incident_of(world, code="0401", priority="P2", track="J")
    order_sign(order=route(world, joint, "town-east"), by=dina, at=later(seconds=30))
    assert held(joint) == ("bureau", None)
    assert "dina" in who_sees(world, joint)


def test_the_timeline_says_in_words_who_has_it(world, quarrel):
    order_sign(order=route(world, quarrel), by=world.actor("dan"), at=later(seconds=30))
    with override("en"):
        said = [line.sentence for line in timeline(world.actor("ada"), quarrel.pk)]
    assert "West town room was asked to act; Anlan County Bureau keeps the matter meanwhile." in said
    assert "West town room has the matter from now on; before it was with Anlan County Bureau." in said


def test_who_takes_over_from_somebody_who_has_it_no_more_is_told_who_has_it(world, quarrel):
    order_sign(order=route(world, quarrel), by=world.actor("dan"), at=later(seconds=30))
    with pytest.raises(HolderChanged, match="has been with West town room since 09:00:30"):
        incident_holder_set(
            incident=quarrel,
            holder=world.orgs["12345"],
            held_by=world.orgs["bureau"].pk,
            by=world.actor("ada"),
            at=later(minutes=1),
        )
    assert held(quarrel)[0] == "town-west"


def test_hands_change_in_the_transaction_of_the_signing(world, quarrel):
    order_sign(order=route(world, quarrel), by=world.actor("dan"), at=later(seconds=30))
    rows = Event.objects.filter(incident_id=quarrel.pk, kind__in=("dispatch.order_signed", "intake.holder_set"))
    assert len({(row.txid, row.at) for row in rows}) == 1
    assert rows.count() == 2
