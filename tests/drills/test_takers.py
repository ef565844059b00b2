"""The demo's telephone: lines ring through the switch, somebody answers, a person first where one sits there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.accounts.services import sign_in_record
from anlan.console.prompter import prompt_of
from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.dispatch.models import Assignment
from anlan.dispatch.services import unit_assign
from anlan.drills.fleet import Fleet
from anlan.drills.newcomers import RINGS_AFTER, Newcomers
from anlan.drills.player import Player
from anlan.drills.sheets import spoken_lines
from anlan.drills.stage import Stage
from anlan.drills.takers import HELD_FOR, Desk
from anlan.engines.county.generate import county_generate
from anlan.engines.county.records import HiddenTruth, SyntheticCall
from anlan.intake.models import Call, CallBack, Incident
from anlan.intake.services import CallSheet, call_answer, call_receive
from anlan.integrations.telephony.simulator import CallSimulator
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")
WORDS = "锦绣花园3幢2单元楼上漏水，两家吵起来了，没有动手。想请人来调解一下。"


def seconds(n: float):
    return T0 + timedelta(seconds=n)


def told(**columns) -> SyntheticCall:
    truth = HiddenTruth(columns.pop("code", "0402"), (), "E1", "", "", T0, "")
    values = {
        "call_id": "C1-0",
        "called_at": T0,
        "channel": "phone",
        "caller": "王先生",
        "phone": "138****0042",
        "narrative": WORDS,
        "place_phrase": "锦绣花园3幢",
        "lon": 120.06,
        "lat": 28.90,
        "radius_m": 60.0,
        "ring_s": 5.0,
        "talk_s": 40.0,
        "truth": truth,
    }
    return SyntheticCall(**values | columns)


@pytest.fixture
def world(taxonomy, settings, tmp_path):
    settings.HOME, settings.DEMO = tmp_path, True
    return build_world(roads=False)


@pytest.fixture
def desk(world):
    stage, fleet = Stage(forgives=(DomainError,)), Fleet(roads=None, boot="t2")
    for unit in world.units.values():
        fleet.add(unit.pk, vehicle=unit.vehicle, lon=unit.base_lon, lat=unit.base_lat)
    player = Player(stage=stage, fleet=fleet, by=SYSTEM, seed=1)
    return Desk(stage, player, CallSimulator(1), SYSTEM)


def test_a_simulated_taker_answers_saves_and_the_line_is_free_again(desk):
    desk.expect(told())
    desk.stage.play_until(seconds(4))
    assert Call.objects.get().state == "ringing"
    desk.stage.play_until(seconds(60))
    call = Call.objects.get()
    assert (call.ringing_at, call.answered_at, call.ended_at) == (T0, seconds(5), seconds(45))
    assert (call.state, call.incident.narrative) == ("incident_open", WORDS)
    assert call.recording_ref
    assert desk.switch.caller_on(call.line) is None


def test_a_ring_left_to_a_person_waits_and_then_a_simulated_taker_takes_it(desk):
    desk.expect(told(), is_left=True)
    desk.stage.play_until(seconds(44))
    assert Call.objects.get().state == "ringing"
    desk.stage.play_until(seconds(46))
    assert Call.objects.get().answered_at == seconds(45)


def test_what_a_person_answers_no_simulated_taker_touches(desk, world):
    desk.is_attended = lambda at: True
    desk.expect(told())
    desk.stage.play_until(seconds(20))
    call = Call.objects.get()
    assert prompt_of(call.number).lines == tuple(spoken_lines(told()))
    call_answer(call=call, by=world.actor("ben"), at=seconds(20))
    desk.person_answered(call.pk, seconds(20))
    desk.stage.play_until(seconds(300))
    call.refresh_from_db()
    assert (call.state, call.taker.username) == ("answered", "ben")
    assert call.ended_at is not None
    got = call_receive(line=CallSheet(narrative=WORDS, call_id=call.pk), at=seconds(301), by=world.actor("ben"))
    desk.person_saved(call.pk)
    assert got.call == call
    assert prompt_of(call.number) is None
    desk.stage.play_until(seconds(301) + HELD_FOR)
    assert Incident.objects.count() == 1


def test_a_call_answered_by_somebody_who_went_away_is_not_left_lying(desk, world):
    desk.expect(told(), is_left=True)
    desk.stage.play_until(seconds(3))
    call = Call.objects.get()
    call_answer(call=call, by=world.actor("ben"), at=seconds(3))
    desk.person_answered(call.pk, seconds(3))
    desk.stage.play_until(seconds(3) + HELD_FOR)
    assert Call.objects.get().state == "incident_open"


def test_who_gives_up_while_it_rings_is_called_back(desk):
    desk.expect(told(ring_s=300.0))
    desk.stage.play_until(seconds(25))
    assert (Call.objects.get().state, CallBack.objects.get().done_at) == ("abandoned", None)
    desk.stage.play_until(seconds(120))
    assert CallBack.objects.get().outcome == "reached"
    assert Call.objects.get().state == "invalid"


def test_while_the_lines_are_down_calls_are_entered_by_hand(desk):
    desk.expect(told(ring_s=15.0))
    desk.stage.play_until(seconds(3))
    desk.lines_fail(seconds(3))
    assert Call.objects.get().state == "abandoned"
    desk.expect(told(call_id="C2-0", called_at=seconds(10)))
    desk.stage.play_until(seconds(11))
    by_hand = Call.objects.order_by("-id").first()
    assert (by_hand.ringing_at, by_hand.state) == (None, "incident_open")
    desk.stage.play_until(seconds(90))  # what the dead switch had to tell is due; nothing waits for it
    desk.lines_return(seconds(90))
    desk.expect(told(call_id="C3-0", called_at=seconds(91)))
    desk.stage.play_until(seconds(92))
    assert Call.objects.filter(state="ringing").count() == 1


def test_a_caller_speaks_in_breaths_and_a_silent_one_not_at_all():
    lines = spoken_lines(told())
    assert "".join(lines) == WORDS
    assert max(map(len, lines)) <= 22
    assert spoken_lines(told(narrative="有人摔倒了。"))[-1] == "锦绣花园3幢"
    assert spoken_lines(told(code="9001")) == []


# Who signed in is read from the event stream, which PostgreSQL shows only once it is committed.
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_somebody_who_signs_in_hears_a_line_and_units_answer_what_they_send(desk, world):
    watch = Newcomers(county_generate(1), desk, desk.player, seed=1)
    desk.is_attended = watch.is_there
    ben, ada = world.actor("ben"), world.actor("ada")
    watch.watch(T0)
    assert not watch.is_there(T0)
    sign_in_record(person=world.people["ben"], by=ben, at=T0)
    watch.watch(T0)
    watch.watch(T0 + RINGS_AFTER)
    desk.stage.play_until(seconds(7))
    call = Call.objects.get()
    assert call.state == "ringing"
    assert prompt_of(call.number).left_until
    call_answer(call=call, by=ben, at=seconds(10))
    watch.watch(seconds(11))
    sheet = CallSheet(narrative=WORDS, lon=120.06, lat=28.90, call_id=call.pk)
    incident = call_receive(line=sheet, at=seconds(40), by=ben).incident
    unit_assign(incident=incident, unit=world.units["P-02"], by=ada, at=seconds(45))
    watch.watch(seconds(46))
    desk.stage.play_until(seconds(1200))
    assert Assignment.objects.get(unit=world.units["P-02"]).signed_at is not None
