"""A citizen follows a report with code and digits, takes it back or objects, and is answered by a date."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from anlan.citizen import events
from anlan.citizen.errors import NothingToTakeBack, NotOverYet, RequestAnswered, WordsMissing
from anlan.citizen.models import CitizenRequest, GuessCount
from anlan.citizen.rules import CLOCKS_TOLD, OF_FILE, OF_INCIDENT, OF_ORDER, SAID, stage_of, wait_after
from anlan.citizen.selectors import CITIZEN, followed, guess_locked, request_for, requests_waiting
from anlan.citizen.services import guess_failed, request_answer, request_make, words_erase
from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput, NotFound, NotPermitted
from anlan.core.models import Event
from anlan.core.state_machine import REGISTRY
from anlan.dispatch.rules import CLOCKS
from anlan.dispatch.services import order_route, order_sign
from anlan.disputes.models import DisputeFile, FileIncident
from anlan.disputes.services import file_close, file_open
from anlan.intake.models import Incident
from anlan.intake.selectors import tracking_code
from anlan.intake.services import incident_state_set, incident_track_override
from anlan.notices.models import OutboundMessage
from anlan.notices.selectors import notices_waiting
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
LATER = T0 + timedelta(hours=2)


def objects(got, text="还在吵", at=LATER):
    return request_make(call=got.call, kind="appeal", text=text, by=CITIZEN, at=at)


def kinds(incident):
    return set(Event.objects.filter(incident_id=incident.pk).values_list("kind", flat=True))


# Where it stands


def test_it_says_who_has_it_by_when_and_what_comes_next(got, code, world):
    shown = followed(code, "1234", at=T0 + timedelta(seconds=5))
    assert (shown.stage, shown.holder.code) == ("open", "bureau")
    assert T0 < shown.due_at <= T0 + timedelta(minutes=30)
    assert not shown.is_late
    assert followed(code, "1234", at=shown.due_at).is_late


def test_a_wrong_code_and_wrong_digits_are_told_alike(got, code):
    for wrong in ((code, "9999"), (code[:-1] + "0", "1234"), ("", ""), (code, ""), (code, "1234567")):
        if wrong[0] != code or wrong[1] != "1234":
            with pytest.raises(NotFound):
                followed(*wrong, at=T0)


def test_while_the_town_room_has_not_signed_the_first_receiver_has_it(got, code, world):
    ada = world.actor("ada")
    incident_track_override(incident=got.incident, track="C", reason="社区事", by=ada, at=T0)
    order = order_route(incident=got.incident, by=ada, at=T0)
    shown = followed(code, "1234", at=T0 + timedelta(seconds=30))
    assert (shown.stage, shown.holder.code) == ("routed", "bureau")
    order_sign(order=order, by=world.actor("dan"), at=T0 + timedelta(seconds=40))
    shown = followed(code, "1234", at=T0 + timedelta(seconds=50))
    assert (shown.stage, shown.holder.code) == ("town", "town-west")
    assert shown.due_at == T0 + timedelta(minutes=3), "the town room rings within three minutes"


def test_once_the_call_is_closed_the_file_of_the_quarrel_is_told(got, code, world, close):
    file = DisputeFile.objects.create(
        number="JF-1",
        code="0501",
        state="mediating",
        state_since=T0,
        level_since=T0,
        holder=world.orgs["mediation"],
        held_since=T0,
        opened_at=T0,
        last_report_at=T0,
        due_at=T0 + timedelta(days=30),
    )
    FileIncident.objects.create(file=file, incident=got.incident, kind="opening", made_at=T0)
    assert followed(code, "1234", at=T0).stage == "open", "while somebody is on the way that comes first"
    close(got.incident)
    shown = followed(code, "1234", at=LATER)
    assert (shown.stage, shown.holder.code, shown.due_at) == ("file_mediation", "mediation", file.due_at)


def test_a_duplicate_is_told_as_the_matter_it_belongs_to(take, code, got):
    twin = take(reporter_phone="139 9999 8888", at=T0 + timedelta(seconds=20))
    if twin.incident.pk != got.incident.pk:
        incident_state_set(incident=twin.incident, to="merged", by=CITIZEN, at=T0, merged_into=got.incident)
        twin.call.refresh_from_db()
    shown = followed(tracking_code(twin.call), "8888", at=LATER)
    assert shown.incident.number == got.incident.number


def test_every_state_of_every_machine_has_its_words():
    assert set(OF_INCIDENT) == set(REGISTRY["intake.incident"].states)
    assert set(OF_FILE) >= set(REGISTRY["disputes.file"].states) - {"merged"}
    assert set(OF_ORDER) <= set(REGISTRY["dispatch.work_order"].states)
    assert {*OF_INCIDENT.values(), *OF_ORDER.values(), *OF_FILE.values()} == set(SAID)
    assert {kind for clocks in CLOCKS_TOLD.values() for kind in clocks} <= set(CLOCKS)


@given(
    st.sampled_from(sorted(OF_INCIDENT)), st.sampled_from(["", *sorted(OF_ORDER)]), st.sampled_from(["", *OF_FILE])
)
def test_whatever_the_states_there_are_words_for_them(incident, order, file):
    assert stage_of(incident=incident, order=order, file=file) in SAID


# Guessing


def test_one_code_is_locked_after_five_wrong_tries_and_longer_each_time(got, code):
    for failures in range(1, 8):
        assert guess_locked(code=code, address="10.0.0.9", at=T0) is None or failures > 5
        guess_failed(code=code, address="10.0.0.1", by=CITIZEN, at=T0)
    row = guess_locked(code=code.lower().replace("-", " "), address="10.0.0.9", at=T0)
    assert (row.failures, row.locked_until) == (7, T0 + timedelta(minutes=4))
    assert guess_locked(code=code, address="10.0.0.9", at=row.locked_until) is None


def test_one_address_that_tries_many_codes_is_slowed_down(code):
    for _ in range(30):
        guess_failed(code="AAAA-AAAA-AAAA", address="10.0.0.1", by=CITIZEN, at=T0)
    assert guess_locked(code=code, address="10.0.0.1", at=T0).locked_until == T0 + timedelta(seconds=30)
    assert guess_locked(code=code, address="10.0.0.2", at=T0) is None


def test_what_was_guessed_and_from_where_is_not_kept(code):
    guess_failed(code=code, address="10.0.0.1", by=CITIZEN, at=T0)
    kept = str(list(GuessCount.objects.values())) + str(list(Event.objects.values()))
    assert code not in kept
    assert "10.0.0.1" not in kept


def test_after_a_day_the_tries_are_forgotten(code):
    guess_failed(code=code, address="10.0.0.1", by=CITIZEN, at=T0)
    (row, _other) = guess_failed(code=code, address="10.0.0.2", by=CITIZEN, at=T0 + timedelta(hours=25))
    assert row.failures == 1


def test_the_waits_never_shrink_and_end():
    waits = [wait_after(n, free=5, first=timedelta(minutes=1), longest=timedelta(hours=6)) for n in range(1, 200)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)
    # Ten thousand sets of digits at the longest wait: who guesses on needs years.
    assert sum(waits, timedelta()) / 200 * 10_000 > timedelta(days=365 * 2)


# Asking


def test_an_objection_is_told_to_whoever_has_the_matter_and_due_in_three_working_days(got, close, world):
    close(got.incident)
    row = objects(got)
    assert (row.state, row.asked_of.code) == ("waiting", "bureau")
    assert row.due_at.isoformat() == "2026-03-05T09:30:00+00:00", "Monday, so Thursday half past five"
    assert row.due_sum["en"]
    (told,) = [n for n in notices_waiting(world.actor("ada"), at=LATER) if got.incident.number in n.text]
    assert "还在吵" not in told.text
    assert {events.REQUEST_MADE} <= kinds(got.incident)


def test_asked_twice_it_waits_once(got, close):
    close(got.incident)
    assert objects(got) == objects(got, text="又吵")
    assert CitizenRequest.objects.get().text == "还在吵"


def test_there_is_no_objecting_to_what_is_not_over_and_no_taking_back_of_what_is(got, close):
    with pytest.raises(NotOverYet):
        objects(got)
    close(got.incident)
    with pytest.raises(NothingToTakeBack):
        request_make(call=got.call, kind="withdrawal", text="", by=CITIZEN, at=LATER)


def test_taking_back_ends_nothing_by_itself(got, world):
    row = request_make(call=got.call, kind="withdrawal", text="", by=CITIZEN, at=T0)
    got.incident.refresh_from_db()
    assert got.incident.state == "open"
    request_answer(request=row, grant=True, answer="知道了", by=world.actor("ada"), at=LATER)
    got.incident.refresh_from_db()
    assert got.incident.state == "open"


@pytest.mark.parametrize("text", ["", "  \n ", "很" * 501])
def test_an_objection_needs_words_and_not_too_many(got, close, text):
    close(got.incident)
    with pytest.raises(WordsMissing), transaction.atomic():
        objects(got, text=text)


def test_what_is_asked_is_one_of_two_things(got):
    with pytest.raises(BadInput):
        request_make(call=got.call, kind="complaint", text="x", by=CITIZEN, at=T0)


def test_granted_the_matter_is_open_again_and_the_notice_gone(got, close, world):
    close(got.incident)
    row = objects(got)
    ada = world.actor("ada")
    request_answer(request=row, grant=True, answer="马上再派人", by=ada, at=LATER)
    incident = Incident.objects.get(pk=got.incident.pk)
    assert (incident.state, incident.closed_at) == ("open", None)
    assert {events.REQUEST_GRANTED, events.MATTER_REOPENED} <= kinds(incident)
    assert not [n for n in notices_waiting(ada, at=LATER) if incident.number in n.text]


def test_where_the_quarrel_has_a_file_that_is_opened_again_and_not_the_call(got, close, world):
    file = file_open(incident=got.incident, by=SYSTEM, at=T0)
    file_close(file=file, result="settled_follow_up", by=SYSTEM, at=T0 + timedelta(minutes=50))
    close(got.incident)
    request_answer(request=objects(got), grant=True, answer="重新调解", by=world.actor("ada"), at=LATER)
    file.refresh_from_db()
    got.incident.refresh_from_db()
    assert (file.state, file.closed_at, got.incident.state) == ("follow_up", None, "closed")
    assert events.MATTER_REOPENED in kinds(got.incident)


def test_refused_it_stays_closed_and_the_citizen_reads_why(got, close, world, code):
    close(got.incident)
    request_answer(request=objects(got), grant=False, answer="已按协议处理", by=world.actor("ada"), at=LATER)
    shown = followed(code, "1234", at=LATER)
    assert (shown.stage, shown.requests[0].state, shown.requests[0].answer) == ("closed", "refused", "已按协议处理")
    assert shown.can_object, "what was refused may be objected to again"


def test_of_two_who_answer_the_first_counts(got, close, world):
    close(got.incident)
    row = objects(got)
    request_answer(request=row, grant=False, answer="不同意", by=world.actor("ada"), at=LATER)
    with pytest.raises(RequestAnswered):
        request_answer(request=row, grant=True, answer="同意", by=world.actor("jia"), at=LATER)


def test_another_station_neither_sees_nor_answers_it_and_a_patrol_may_not(got, close, world):
    close(got.incident)
    row = objects(got)
    assert requests_waiting(world.actor("cleo")) == []
    with pytest.raises(NotFound):
        request_for(world.actor("cleo"), row.pk)
    with pytest.raises(NotFound):
        request_answer(request=row, grant=True, answer="x", by=world.actor("cleo"), at=LATER)
    with pytest.raises(NotPermitted):
        request_answer(request=row, grant=True, answer="x", by=world.actor("eve"), at=LATER)


def test_the_answer_is_announced_by_message_where_that_is_safe(got, close, world, messages_on):
    close(got.incident)
    request_answer(request=objects(got), grant=False, answer="不同意", by=world.actor("ada"), at=LATER)
    message = OutboundMessage.objects.get()
    assert message.recipient.link.startswith("https://anlan.example/track/")
    assert "不同意" not in str(message.blanks)


def test_the_words_go_with_the_words_of_the_matter(got, close):
    close(got.incident)
    objects(got)
    assert words_erase(at=LATER) == 0
    Incident.objects.filter(pk=got.incident.pk).update(erased_at=LATER)
    assert words_erase(at=LATER) == 1
    row = CitizenRequest.objects.get()
    assert (row.text, row.kind, row.erased_at) == ("", "appeal", LATER)
