"""The screen at a door: the words of the last passage, for minutes; corrections; a voice, or why there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotPermitted
from anlan.core.models import Event
from anlan.engines.epcis import problems_of
from anlan.equipment import events, selectors_gate, voice
from anlan.equipment.errors import DoorMayNotClose, NoDoorLoan, TooLateToCorrect, VoiceMissing
from anlan.equipment.gate_epcis import epcis_of
from anlan.equipment.models import Gate, GateQuestion, Loan, Passage
from anlan.equipment.selectors import story_of
from anlan.equipment.services import door_loan_add, door_loan_deny, loan_issue
from world import T0

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LIVE = "/equipment/gates/door-1/live"


@pytest.fixture
def passage(gate):
    Gate.objects.update(heard_at=T0)
    return Passage.objects.create(gate=gate, begin_us=0, end_us=1, ended_at=T0, judged_at=T0, has_change=True)


@pytest.fixture
def lent(world, thing, passage):
    """A baton that the door lent to Eve."""
    return loan_issue(
        item=thing("B-1"), holder=world.people["eve"], by=SYSTEM, at=T0, passage=passage, confidence=0.999
    )


def shown(world, gate, at=T0, who="ida"):
    return selectors_gate.gate_live(world.actor(who), gate, at=at, language="zh-hans")


def test_the_last_passage_is_told_for_five_minutes_and_then_nobody_s(world, gate, lent):
    assert shown(world, gate, T0 + MINUTE).prompt.done == ("伊警官，已领：警棍1根",)
    assert shown(world, gate, T0 + 6 * MINUTE).prompt is None


def test_words_are_said_only_while_whoever_they_concern_is_near(world, gate, lent):
    assert shown(world, gate, T0 + MINUTE / 4).may_speak
    assert not shown(world, gate, T0 + MINUTE).may_speak


def test_what_was_corrected_is_no_longer_told(world, gate, lent):
    door_loan_deny(loan=lent, by=world.actor("ida"), at=T0 + MINUTE)
    assert shown(world, gate, T0 + MINUTE).prompt is None


def test_what_nobody_took_is_reversed_declared_wrong_and_stands_in_the_story(world, gate, thing, passage):
    item = thing("B-1", epc="3416047B1F6C4A0000000001")
    loan = loan_issue(item=item, holder=world.people["eve"], by=SYSTEM, at=T0, passage=passage, confidence=0.999)
    door_loan_deny(loan=loan, by=world.actor("ida"), at=T0 + MINUTE)
    item.refresh_from_db()
    loan.refresh_from_db()
    newest = Event.objects.get(pk=story_of(item).lines[0].key)
    assert (item.state, loan.state, newest.kind) == ("in_store", "reversed", events.LOAN_REVERSED)
    document = epcis_of(since=T0 - MINUTE, until=T0 + MINUTE, at=T0 + MINUTE)
    assert problems_of(document) == []
    wrong = [one for one in document["epcisBody"]["eventList"] if "errorDeclaration" in one]
    assert [one["errorDeclaration"]["reason"] for one in wrong] == ["did_not_occur"]


def test_the_taker_s_own_word_holds_for_ten_minutes_then_the_keeper_s(world, lent):
    eve = world.actor("eve")
    with pytest.raises(TooLateToCorrect):
        door_loan_deny(loan=lent, by=eve, at=T0 + 11 * MINUTE)
    assert door_loan_deny(loan=lent, by=eve, at=T0 + 9 * MINUTE).state == "reversed"
    assert Event.objects.get(kind=events.LOAN_REVERSED).data["is_own_word"] is True


def test_nobody_denies_another_s_loan_nor_one_of_the_counter(world, thing, lent):
    with pytest.raises(NotPermitted):
        door_loan_deny(loan=lent, by=world.actor("ben"), at=T0)
    by_hand = loan_issue(item=thing("B-2"), holder=world.people["eve"], by=SYSTEM, at=T0)
    with pytest.raises(NoDoorLoan):
        door_loan_deny(loan=by_hand, by=world.actor("ida"), at=T0)


def test_one_more_than_was_heard_is_lent_by_the_same_passage_but_nothing_controlled(
    world, thing, pistol, passage, lent
):
    ida, eve = world.actor("ida"), world.people["eve"]
    more = door_loan_add(passage=passage, item=thing("B-2"), holder=eve, by=ida, at=T0 + MINUTE)
    assert (more.passage_out, more.confidence, more.made_by) == (passage, None, world.people["ida"])
    with pytest.raises(DoorMayNotClose):
        door_loan_add(passage=passage, item=thing("P-1", pistol), holder=eve, by=ida, at=T0 + MINUTE)


def test_whoever_has_no_part_in_the_store_sees_no_screen(world, gate, lent, client):
    for who, status in (("eve", 403), ("cleo", 404), ("ida", 200)):
        client.force_login(world.people[who])
        assert client.get(LIVE).status_code == status, who
    assert client.get("/equipment/gates/no-such-door/live").status_code == 404


def test_a_blind_door_says_so_before_anything_else(world, gate, client):
    Gate.objects.update(heard_at=T0, blind="deaf", blind_since=T0)
    client.force_login(world.people["ida"])
    for page in (LIVE, "/equipment"):
        assert "gate-blind" in client.get(page).content.decode()


def test_without_a_voice_it_is_said_where_to_read(monkeypatch, world, gate, lent, client):
    monkeypatch.setattr(voice.shutil, "which", lambda name: None)
    with pytest.raises(VoiceMissing) as refused:
        voice.wav_of("已领", "zh-hans")
    assert "espeak-ng" in refused.value.detail("zh-hans") + refused.value.detail("en")
    client.force_login(world.people["ida"])
    assert client.get("/equipment/gates/door-1/speech").status_code == 204, "nothing to say, long after"


@pytest.mark.skipif(voice.shutil.which(voice.PROGRAM) is None, reason="espeak-ng is not installed here")
@pytest.mark.parametrize("text", ["伊警官，已领：警棍一根。", "--version"])
def test_the_machine_says_a_sentence_and_takes_no_text_for_an_option(text):
    sound = voice.wav_of(text, "zh-hans")
    assert sound[:4] == b"RIFF"
    assert b"eSpeak" not in sound


def test_a_keeper_answers_at_the_door_and_names_who_took_it(world, thing, passage, client):
    asked = GateQuestion.objects.create(
        passage=passage, epc="A", item=thing("B-1"), claim="loan", reason="no_badge", confidence=0.99, state_since=T0
    )
    client.force_login(world.people["ida"])
    fields = {"so": "yes", "holder": "eve", "idempotency_key": "one"}
    for _ in range(2):  # The second press is the first one's echo.
        answer = client.post(f"/equipment/gates/questions/{asked.pk}", fields)
        assert (answer.status_code, answer["Location"]) == (302, LIVE)
    assert Loan.objects.get().holder == world.people["eve"]
