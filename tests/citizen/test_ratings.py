"""Everybody is asked by one rule, answers once, and who asks only the content is found out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.citizen import events
from anlan.citizen.errors import LinkOver, LinkUnknown, LinkUsed
from anlan.citizen.handlers import closings_follow
from anlan.citizen.models import RatingInvite
from anlan.citizen.selectors import (
    CITIZEN,
    asking_compared,
    invite_by_token,
    rating_token,
    ratings_between,
    tracking_link,
)
from anlan.citizen.services import code_send, parties_ask, rating_ask, rating_give, ratings_carry
from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput
from anlan.core.models import Event, ViewLog
from anlan.dispatch.models import Feedback, Revisit
from anlan.disputes import events as disputes
from anlan.disputes.models import DisputeFile, Party, PartyIdentity
from anlan.intake.models import Incident
from anlan.intake.services import reporters_erase
from anlan.notices.models import OutboundMessage
from anlan.notices.selectors import notices_waiting
from anlan.notices.services import message_claim, message_sent
from dispatch.scene import incident_of
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
CLOSED = T0 + timedelta(hours=1)
committed = pytest.mark.django_db(transaction=True, databases="__all__")
"""The record is read as far as it is committed."""


def asked(got, close, **more):
    close(got.incident)
    return rating_ask(incident=got.incident, by=SYSTEM, at=CLOSED, **more)


def give(row, rating=5, at=CLOSED + timedelta(hours=1), **more):
    return rating_give(token=rating_token(row), rating=rating, by=CITIZEN, at=at, **more)


def test_who_reported_gets_one_link_and_the_use_of_their_number_is_logged(got, close, messages_on):
    row = asked(got, close)
    assert rating_ask(incident=got.incident, by=SYSTEM, at=CLOSED) == row
    message = OutboundMessage.objects.get()
    assert message.recipient.address == "13800001234"
    assert message.recipient.link == f"https://anlan.example/r/{rating_token(row)}"
    assert ViewLog.objects.get(purpose="message").incident_id == got.incident.pk


def test_the_answer_counts_once_and_proves_the_message_arrived(got, close, messages_on):
    row = asked(got, close)
    message = OutboundMessage.objects.get()
    message_claim(message=message, by=SYSTEM, at=CLOSED)
    message_sent(message=message, by=SYSTEM, at=CLOSED)
    give(row, 4, reason="good", note="  很快  ")
    with pytest.raises(LinkUsed):
        give(row, 1)
    row.refresh_from_db()
    message.refresh_from_db()
    assert (row.rating, row.note, message.state) == (4, "很快", "delivered")


def test_after_seven_days_it_is_too_late(got, close, messages_on):
    row = asked(got, close)
    give_at = CLOSED + timedelta(days=7)
    with pytest.raises(LinkOver):
        give(row, at=give_at)
    assert give(row, at=give_at - timedelta(seconds=1)).rating == 5


@pytest.mark.parametrize("token", ["", "1", "1-", "zz-1", "٣-1", "1-" + "0" * 32, "f" * 40 + "-1"])
def test_a_link_nobody_made_opens_nothing(got, close, messages_on, token):
    asked(got, close)
    assert invite_by_token(token) is None
    with pytest.raises(LinkUnknown):
        rating_give(token=token, rating=5, by=CITIZEN, at=CLOSED)


@pytest.mark.parametrize("wrong", [{"rating": 0}, {"rating": 6}, {"reason": "because"}])
def test_it_refuses_what_is_no_answer(got, close, messages_on, wrong):
    row = asked(got, close)
    with pytest.raises(BadInput):
        give(row, **wrong)


def test_a_poor_one_is_told_to_whoever_had_the_matter_without_the_words(got, close, messages_on, world):
    give(asked(got, close), 1, note="没人管")
    (told,) = [n for n in notices_waiting(world.actor("ada"), at=CLOSED) if got.incident.number in n.text]
    assert "没人管" not in told.text


def test_the_link_stands_in_no_event_and_no_row(got, close, messages_on):
    row = asked(got, close)
    seal = rating_token(row).partition("-")[2]
    assert seal not in str(list(RatingInvite.objects.values())) + str(list(Event.objects.values()))


# Who is not asked


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"reporter_phone": ""}, "no_number"),
        ({"is_confidential": True}, "not_safe"),
        ({"call_type": "covert"}, "not_safe"),
    ],
)
def test_who_can_not_safely_be_written_to_is_not_and_the_rule_is_kept(take, close, messages_on, fields, why):
    got = take(**fields)
    if got.incident is None:
        pytest.fail("the call opened no incident")
    row = asked(got, close)
    assert (row.not_asked, OutboundMessage.objects.count()) == (why, 0)
    assert invite_by_token(rating_token(row)) is None


def test_nobody_is_asked_while_messages_are_off(got, close, settings):
    assert asked(got, close).not_asked == "no_address"
    settings.PUBLIC_URL = "https://anlan.example"
    Incident.objects.filter(pk=got.incident.pk).update(closed_at=CLOSED + timedelta(seconds=1))
    got.incident.refresh_from_db()
    assert rating_ask(incident=got.incident, by=SYSTEM, at=CLOSED).not_asked == "channel_off"


def test_after_the_number_is_erased_nobody_is_asked(got, close, messages_on):
    reporters_erase(at=T0 + timedelta(days=181))
    assert asked(got, close).not_asked == "no_number"


def test_what_is_not_closed_is_not_asked_about(got, messages_on):
    assert rating_ask(incident=got.incident, by=SYSTEM, at=T0) is None


# By rule, for all


@committed
def test_closings_are_asked_about_as_they_happen_each_once_and_none_of_the_past(take, close, messages_on):
    old = take(reporter_phone="13900000001", narrative="去年的事")
    close(old.incident)
    closings_follow(at=CLOSED)
    new = take(reporter_phone="13900000002", narrative="有人在公园打架", lon=120.09)
    close(new.incident)
    assert closings_follow(at=CLOSED) > 0
    closings_follow(at=CLOSED)
    assert [row.incident_id for row in RatingInvite.objects.all()] == [new.incident.pk]


@committed
def test_who_reported_is_told_once_how_to_follow_it_and_never_where_a_sound_could_betray_them(take, messages_on):
    closings_follow(at=T0)
    calm = take(narrative="广场舞噪声扰民", code="0410")
    take(narrative="有人拿刀砍人", reporter_phone="13900000002", lon=120.09)
    closings_follow(at=T0)
    closings_follow(at=T0)
    message = OutboundMessage.objects.get()
    assert message.recipient.link == tracking_link(calm.call)
    assert code_send(incident=calm.incident, by=SYSTEM, at=T0) == message


def test_closed_again_it_is_asked_about_again(got, close, messages_on):
    first = asked(got, close)
    Incident.objects.filter(pk=got.incident.pk).update(closed_at=CLOSED + timedelta(days=1))
    got.incident.refresh_from_db()
    assert rating_ask(incident=got.incident, by=SYSTEM, at=CLOSED + timedelta(days=1)) != first


@pytest.fixture
def file(world):
    file = DisputeFile.objects.create(
        number="JF-1",
        code="0501",
        state="closed",
        state_since=T0,
        level_since=T0,
        holder=world.orgs["west"],
        held_since=T0,
        opened_at=T0,
        last_report_at=T0,
        closed_at=CLOSED,
    )
    for role, phone, more in (
        ("a", "13811110001", {}),
        ("b", "13811110002", {}),
        ("more", "13811110003", {"is_minor": True}),
        ("witness", "13811110004", {}),
    ):
        party = Party.objects.create(file=file, role=role, joined_at=T0, **more)
        PartyIdentity.objects.create(
            party=party, name=role, phone=phone, created_at=T0, expires_at=T0 + timedelta(days=180)
        )
    return file


def test_each_party_of_a_quarrel_is_asked_apart_and_neither_learns_of_the_other(got, file, messages_on):
    rows = parties_ask(file=file, incident=got.incident, by=SYSTEM, at=CLOSED)
    assert [(row.party_role, row.not_asked) for row in rows] == [("a", ""), ("b", ""), ("more", "not_safe")]
    links = {m.recipient.address: m.recipient.link for m in OutboundMessage.objects.all()}
    assert set(links) == {"13811110001", "13811110002"}
    assert len(set(links.values())) == 2
    give(rows[0], 5)
    give(rows[1], 1)
    assert parties_ask(file=file, incident=got.incident, by=SYSTEM, at=CLOSED) == rows


def test_what_both_parties_gave_rates_the_file_once_it_was_revisited_and_not_before(got, file, messages_on):
    first, second, _minor = parties_ask(file=file, incident=got.incident, by=SYSTEM, at=CLOSED)
    give(first, 5)
    give(second, 3)
    file.refresh_from_db()
    assert file.state == "closed", "nobody has asked them yet"
    DisputeFile.objects.filter(pk=file.pk).update(state="revisited")
    file.refresh_from_db()
    assert ratings_carry(file=file, by=SYSTEM, at=CLOSED + timedelta(days=2))
    assert file.state == "rated"
    rated = Event.objects.get(kind=disputes.FILE_RATED)
    assert (rated.data["rating_a"], rated.data["rating_b"]) == (5, 3)


def test_a_party_that_may_still_answer_is_waited_for(got, file, messages_on):
    first, _second, _minor = parties_ask(file=file, incident=got.incident, by=SYSTEM, at=CLOSED)
    DisputeFile.objects.filter(pk=file.pk).update(state="revisited")
    give(first, 4)
    file.refresh_from_db()
    assert file.state == "revisited"
    assert ratings_carry(file=file, by=SYSTEM, at=CLOSED + timedelta(days=8)), "the other link is over"
    assert file.state == "rated"


def test_where_there_is_violence_at_home_no_party_is_written_to(got, file, messages_on):
    DisputeFile.objects.filter(pk=file.pk).update(exclusion="domestic_violence")
    file.refresh_from_db()
    rows = parties_ask(file=file, incident=got.incident, by=SYSTEM, at=CLOSED)
    assert {row.not_asked for row in rows} == {"not_safe"}
    assert not OutboundMessage.objects.exists()


# Who asks whom


def closings(world, org, *, smooth, rough):
    """``smooth`` and ``rough`` are (asked, not asked)."""
    for settled, (asked_of, rest) in ((True, smooth), (False, rough)):
        for number in range(asked_of + rest):
            incident = incident_of(world, state="closed", closed_at=CLOSED, holder=world.orgs[org])
            result = "settled_on_site" if settled else "cannot_handle"
            Feedback.objects.create(incident=incident, code="0201", priority="P3", result=result, filed_at=T0)
            RatingInvite.objects.create(
                incident=incident,
                rule="closed",
                closing=CLOSED,
                asked_at=CLOSED,
                expires_at=CLOSED,
                holder=world.orgs[org],
                not_asked="" if number < asked_of else "no_number",
            )


def test_a_unit_that_asks_only_where_it_went_well_stands_out_and_its_neighbour_does_not(world):
    closings(world, "west", smooth=(36, 4), rough=(4, 36))
    closings(world, "east", smooth=(20, 20), rough=(20, 20))
    period = {"start": T0, "end": T0 + timedelta(days=1)}
    rows = asking_compared(**period, actor=world.actor("gus"))
    assert {row.organisation.code: row.found.stands_out for row in rows} == {"west": True, "east": False}
    (mine,) = asking_compared(**period, actor=world.actor("cleo"))
    assert mine.organisation.code == "east", "a station sees itself, set against all"
    assert ratings_between(**period, actor=world.actor("gus")) == {
        "asked": 80,
        "answered": 0,
        "not_asked_no_number": 80,
    }


def test_a_matter_left_out_by_a_rule_for_all_says_nothing_of_who_asks(world, django_assert_max_num_queries):
    closings(world, "west", smooth=(30, 0), rough=(0, 30))
    RatingInvite.objects.filter(not_asked="no_number").update(not_asked="not_safe")
    Revisit.objects.create(
        incident=Incident.objects.first(), rule="sample", probability=0.1, created_at=T0, due_at=T0, done_at=T0,
        outcome="satisfied",
    )  # fmt: skip
    gus = world.actor("gus")
    with django_assert_max_num_queries(5):
        (row,) = asking_compared(start=T0, end=T0 + timedelta(days=1), actor=gus)
    assert (row.found.closings, row.found.stands_out) == (30, False)
    assert "whom" in row.found.too_few


def test_what_happened_is_on_the_record(got, close, messages_on):
    give(asked(got, close), 2)
    kinds = list(Event.objects.filter(kind__startswith="citizen.").values_list("kind", flat=True))
    assert kinds == [events.RATING_ASKED, events.RATING_GIVEN]
