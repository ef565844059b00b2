"""A desk is handed from one person to another: what stands, what is noted, who signed, who took it."""

from __future__ import annotations

import pytest

from anlan.core.errors import NotFound, NotPermitted, WrongState
from anlan.core.models import Event
from anlan.dispatch import events
from anlan.dispatch.errors import HandoverNeedsTwo, HandoverSigned, NoteTooLong
from anlan.dispatch.models import HandoverNote
from anlan.dispatch.selectors.handover import handover_open_of, handovers_before, standing
from anlan.dispatch.services.handovers import (
    handover_note,
    handover_open,
    handover_reopen,
    handover_sign,
    handover_take,
)
from anlan.dispatch.services.retention import words_erase
from anlan.intake.models import Incident
from anlan.units.selectors import duties_now
from anlan.units.services import duty_leave, duty_take
from dispatch.scene import incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def begun(world, desk="bureau", by="ada"):
    return handover_open(organisation=world.orgs[desk], by=world.actor(by), at=T0)


def numbers(part):
    return [row.incident.number for row in part.rows]


def test_what_stands_is_read_from_the_books(world):
    waiting, going = incident_of(world, priority="P3"), incident_of(world)
    send(world, going)
    stands = standing(world.orgs["bureau"], None, at=later(minutes=1))
    assert numbers(stands.matters) == [going.number, waiting.number]
    assert [unit.call_sign for unit in stands.units] == ["P-01"]
    awaited = {row.incident.number: row.awaited.kind for row in stands.matters.rows if row.awaited}
    assert awaited == {going.number: "sign", waiting.number: "send"}


def test_another_station_hands_over_its_own_only(world):
    incident_of(world)
    assert standing(world.orgs["east"], None, at=T0).matters.total == 0
    with pytest.raises(NotFound):
        handover_open(organisation=world.orgs["west"], by=world.actor("cleo"), at=T0)


def test_beginning_twice_is_beginning_once(world):
    assert begun(world).pk == begun(world, by="ben").pk


def test_notes_stand_with_their_matter_until_signed(world):
    row, matter = begun(world), incident_of(world)
    handover_note(handover=row, incident=matter, note=" 报警人八点后再联系 ", by=world.actor("ada"), at=T0)
    handover_note(handover=row, incident=matter, note="已联系", by=world.actor("ada"), at=later(minutes=1))
    (stands,) = standing(world.orgs["bureau"], row, at=later(minutes=1)).matters.rows
    assert stands.note == "已联系"
    with pytest.raises(NoteTooLong):
        handover_note(handover=row, incident=matter, note="长" * 501, by=world.actor("ada"), at=T0)
    handover_sign(handover=row, by=world.actor("ada"), at=later(minutes=2))
    with pytest.raises(HandoverSigned):
        handover_note(handover=row, incident=matter, note="再补", by=world.actor("ada"), at=later(minutes=3))


def test_it_takes_two_persons(world):
    row = begun(world)
    with pytest.raises(WrongState):
        handover_take(handover=row, role="dispatcher", by=world.actor("jia"), at=later(minutes=1))
    handover_sign(handover=row, by=world.actor("ada"), at=later(minutes=1))
    with pytest.raises(HandoverNeedsTwo):
        handover_take(handover=row, role="dispatcher", by=world.actor("ada"), at=later(minutes=2))
    handover_take(handover=row, role="duty_leader", by=world.actor("jia"), at=later(minutes=3))
    assert (row.state, row.outgoing.username, row.incoming.username) == ("taken", "ada", "jia")
    assert handover_open_of(world.orgs["bureau"]) is None
    assert [past.pk for past in handovers_before(world.orgs["bureau"])] == [row.pk]


def test_the_desk_changes_hands_with_it(world):
    ada = world.actor("ada")
    duty_take(person=world.people["ada"], organisation=world.orgs["bureau"], role="dispatcher", by=ada, at=T0)
    row = handover_sign(handover=begun(world), by=ada, at=later(minutes=1))
    handover_take(handover=row, role="duty_leader", by=world.actor("jia"), at=later(minutes=2))
    (now_there,) = duties_now([world.orgs["bureau"].pk])
    assert (now_there.person.username, now_there.role) == ("jia", "duty_leader")


def test_one_sits_at_one_desk(world):
    ida, at_west = world.actor("ida"), world.orgs["west"]
    duty_take(person=world.people["ida"], organisation=world.orgs["bureau"], role="station_room", by=ida, at=T0)
    duty_take(person=world.people["ida"], organisation=at_west, role="station_room", by=ida, at=later(minutes=1))
    assert [row.organisation_id for row in duties_now(org.pk for org in world.orgs.values())] == [at_west.pk]
    assert duty_leave(person=world.people["ida"], by=ida, at=later(minutes=2))
    assert not duty_leave(person=world.people["ida"], by=ida, at=later(minutes=3))


def test_what_was_signed_is_what_stood_then(world):
    matter, row = incident_of(world), begun(world)
    handover_sign(handover=row, by=world.actor("ada"), at=later(minutes=1))
    incident_of(world)
    assert [each["number"] for each in row.stood["incidents"]] == [matter.number]
    handover_reopen(handover=row, by=world.actor("ada"), at=later(minutes=2))
    assert (row.state, row.outgoing, row.stood) == ("open", None, {})


def test_no_event_holds_a_word_of_a_note(world):
    handover_note(handover=begun(world), incident=incident_of(world), note="张某家", by=world.actor("ada"), at=T0)
    event = Event.objects.get(kind=events.HANDOVER_NOTED)
    assert event.data["chars"] == 3
    assert "张" not in str(event.data)


def test_notes_go_with_the_words_of_their_matter(world):
    matter = incident_of(world)
    handover_note(handover=begun(world), incident=matter, note="词", by=world.actor("ada"), at=T0)
    Incident.objects.filter(pk=matter.pk).update(erased_at=T0)
    assert words_erase(at=later(minutes=1)) == 1
    assert HandoverNote.objects.get().note == ""


def test_a_patrol_hands_over_no_desk(world):
    with pytest.raises(NotPermitted):
        begun(world, desk="west", by="eve")
