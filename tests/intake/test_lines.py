"""The telephone: ring, answer, hang up, by the switch or by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.core.purpose import machine_use
from anlan.intake.errors import CallNotRinging
from anlan.intake.models import Call, CallBack, Incident
from anlan.intake.selectors import call_clocks, call_on_line, calls_waiting
from anlan.intake.services import call_answer, call_hang_up, call_ring
from anlan.integrations.telephony.lines import line_event_take, switch_follow
from anlan.integrations.telephony.port import ANSWER, HANG_UP, RING, LineEvent, TelephonyPort
from anlan.integrations.telephony.simulator import CallSimulator, SimulatedCaller
from world import T0


def seconds(n):
    return T0 + timedelta(seconds=n)


@pytest.fixture
def ringing(ben):
    return call_ring(
        line="110-1", phone="13800001234", lon=120.05, lat=28.90, radius_m=500.0, by=SYSTEM, at=seconds(0)
    )


def test_a_ringing_call_shows_where_it_roughly_comes_from(ringing, county):
    assert (ringing.state, ringing.station, ringing.location_radius_m) == ("ringing", county.orgs["west"], 500.0)
    with machine_use("compare"):
        assert ringing.reporter.phone == "13800001234"
    assert "13800001234" not in str(Event.objects.get(kind="intake.call_rang").data)


def test_the_same_ring_told_twice_is_one_call(ringing):
    assert call_ring(line="110-1", by=SYSTEM, at=seconds(1)) == ringing
    assert call_ring(line="110-2", by=SYSTEM, at=seconds(1)) != ringing


def test_of_two_who_reach_for_a_call_one_gets_it(ringing, county):
    stale = Call.objects.get(pk=ringing.pk)
    call_answer(call=ringing, by=county.actor("ben"), at=seconds(5), seat="3")
    with pytest.raises(CallNotRinging, match="J260302-00001 is answered since 09:00:05"):
        call_answer(call=stale, by=county.actor("ada"), at=seconds(5))
    assert (ringing.taker.username, ringing.seat) == ("ben", "3")


def test_the_sheet_of_an_answered_call_belongs_to_it(ringing, take, ben):
    call_answer(call=ringing, by=ben, at=seconds(5))
    got = take(narrative="有人吵架", lon=None, lat=None, call_id=ringing.pk, at=seconds(50))
    assert got.call == ringing
    assert Call.objects.count() == 1
    assert (got.incident.lon, got.incident.location_source, got.incident.location_radius_m) == (
        120.05,
        "network",
        500.0,
    )
    assert got.incident.received_at == seconds(5)
    with machine_use("compare"):
        assert got.call.reporter.phone == "13800001234"


def test_the_clocks_from_ring_to_sending_stand_in_the_rows(ringing, take, ben):
    call_answer(call=ringing, by=ben, at=seconds(5))
    got = take(narrative="有人吵架", call_id=ringing.pk, at=seconds(50))
    Incident.objects.filter(pk=got.incident.pk).update(first_sent_at=seconds(65))
    clocks = call_clocks(Call.objects.select_related("incident").get(pk=ringing.pk))
    assert clocks.ring_to_answer == timedelta(seconds=5)
    assert clocks.answer_to_recorded == timedelta(seconds=45)
    assert clocks.answer_to_sent == timedelta(seconds=60)


def test_a_sheet_saved_before_the_answer_was_told_answers_the_call(ringing, take):
    got = take(narrative="有人吵架", call_id=ringing.pk, at=seconds(9))
    assert (got.call.state, got.call.answered_at) == ("incident_open", seconds(9))


def test_a_call_that_is_on_the_record_takes_no_second_sheet(ringing, take):
    take(narrative="有人吵架", call_id=ringing.pk)
    again = take(narrative="另一件事", call_id=ringing.pk)
    assert again.call != ringing
    assert [row.code for row in again.quarantined] == ["not_waiting"]


def test_who_hangs_up_before_an_answer_is_called_back(ringing):
    task = call_hang_up(call=ringing, by=SYSTEM, at=seconds(12))
    assert (ringing.state, task.reason, task.due_at) == ("abandoned", "cut_off", seconds(72))
    assert call_hang_up(call=ringing, by=SYSTEM, at=seconds(13)) == task
    assert CallBack.objects.count() == 1


def test_hanging_up_after_the_talk_notes_the_recording(ringing, ben):
    call_answer(call=ringing, by=ben, at=seconds(5))
    assert call_hang_up(call=ringing, recording_ref="rec/1", by=SYSTEM, at=seconds(60)) is None
    assert (ringing.state, ringing.ended_at, ringing.recording_ref) == ("answered", seconds(60), "rec/1")


def test_waiting_calls_stand_in_the_order_of_their_wait(ringing, ben, county, take):
    later = call_ring(line="110-2", by=SYSTEM, at=seconds(3))
    take(narrative="有人吵架")
    assert calls_waiting(county.actor("ben")) == [ringing, later]
    assert calls_waiting(county.actor("cleo")) == []


# The port and the switch behind it


def test_the_simulator_is_a_switch():
    assert isinstance(CallSimulator(1), TelephonyPort)


def test_a_simulated_call_rings_is_answered_and_hung_up(county):
    switch = CallSimulator(7)
    switch.caller_add(SimulatedCaller(seconds(0), "13900000000", 120.05, 28.90))
    kinds = [event.kind for event in switch.events(until=seconds(600))]
    assert kinds == [RING, ANSWER, HANG_UP]


def test_what_the_switch_tells_becomes_calls(county):
    switch = CallSimulator(7)
    switch.caller_add(SimulatedCaller(seconds(0), "13900000000", 120.05, 28.90))
    switch.caller_add(
        SimulatedCaller(
            seconds(2), "13900000001", 120.06, 28.90, timedelta(seconds=60), patience=timedelta(seconds=9)
        )
    )
    switch_follow(switch, until=seconds(600), by=SYSTEM)
    answered, gave_up = Call.objects.order_by("id")
    assert (answered.state, answered.ended_at, answered.recording_ref) == ("answered", seconds(76), "sim/7/2")
    assert (gave_up.state, gave_up.ended_at) == ("abandoned", seconds(11))
    assert CallBack.objects.get().call == gave_up


def test_the_rough_position_is_within_its_radius():
    from anlan.engines.geo import distance_m

    switch = CallSimulator(3)
    for n in range(50):
        switch.caller_add(SimulatedCaller(seconds(600 * n), "1", 120.05, 28.90))
    rings = [event for event in switch.events(until=seconds(600 * 60)) if event.kind == RING]
    assert len(rings) == 50
    assert all(float(distance_m(120.05, 28.90, ring.lon, ring.lat)) <= ring.radius_m + 1 for ring in rings)


def test_one_seed_makes_one_night():
    def night(seed):
        switch = CallSimulator(seed)
        for n in range(9):
            switch.caller_add(SimulatedCaller(seconds(n), str(n), 120.05, 28.90))
        return list(switch.events(until=seconds(900)))

    assert night(5) == night(5)
    assert night(5) != night(6)


def test_with_all_lines_busy_the_next_caller_tries_again():
    switch = CallSimulator(1, lines=("110-1",))
    for n in range(2):
        switch.caller_add(SimulatedCaller(seconds(n), str(n), 120.05, 28.90, talks_for=timedelta(seconds=10)))
    rings = [event.at for event in switch.events(until=seconds(600)) if event.kind == RING]
    assert rings == [seconds(0), seconds(16)]


def test_while_the_switch_is_down_calls_are_entered_by_hand(county, take):
    switch = CallSimulator(1, is_up=False)
    switch.caller_add(SimulatedCaller(seconds(0), "1", 120.05, 28.90))
    assert switch_follow(switch, until=seconds(600), by=SYSTEM) == []
    assert not switch.ring_back("1", line="110-1", at=T0)
    got = take(narrative="有人吵架", line="手机备用")
    assert (got.call.ringing_at, got.call.line, got.incident.state) == (None, "手机备用", "open")


def test_a_partner_is_brought_into_a_call_that_is_going_on(county):
    switch = CallSimulator(7)
    switch.caller_add(SimulatedCaller(seconds(0), "1", 120.05, 28.90))
    assert not switch.conference("110-1", "120", at=T0)
    list(switch.events(until=seconds(10)))
    assert switch.conference("110-1", "120", at=seconds(10))
    assert switch.orders == [("conference", "110-1", "120", seconds(10))]


def test_an_answer_told_too_late_harms_nothing(county):
    assert line_event_take(LineEvent(ANSWER, T0, "110-9"), by=SYSTEM) is None
    assert call_on_line("110-9") is None
