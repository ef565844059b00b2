"""Each sentence of the oracle: true of a sound store, and found broken where somebody broke it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from anlan.assurance.findings import Look
from anlan.assurance.history import CALL, PROBE, SEND, Recorder
from anlan.assurance.invariants import ALL
from anlan.assurance.invariants.conduct import seeker
from anlan.assurance.verify import report_json, report_text, store_verify
from anlan.core.clock import now
from anlan.core.models import Counter, Event, HandlerCursor, IdempotencyKey, ImportBatch, QuarantinedRow
from anlan.dispatch.models import Assignment
from anlan.intake.models import Call, Incident
from anlan.intake.services import call_answer, call_ring
from anlan.units.models import PositionFix, StatusLog, Unit

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def told(desk):
    """Two calls, one of them with an unreadable part, a unit sent and its positions taken."""
    first = desk.call("a")
    desk.call("b", lon="east of the bridge")
    desk.send("c", first["incident"]["id"])
    desk.positions("d")
    return desk


def look(desk, **more) -> dict[str, str]:
    found = store_verify(Look(at=now(), history=desk.recorder.history, **more))
    return {finding.invariant.id: finding.state for finding in found}


def broken(desk, **more) -> set[str]:
    return {name for name, state in look(desk, **more).items() if state == "broken"}


def test_there_are_sixteen_of_them_in_the_order_of_their_numbers():
    assert [one.id for one in ALL] == [f"I{n}" for n in range(1, 17)]


def test_a_sound_store_breaks_none_and_says_what_it_could_not_look_at(told):
    states = look(told)
    assert {name for name, state in states.items() if state == "broken"} == set()
    assert {name for name, state in states.items() if state == "not_applicable"} == {"I10", "I11", "I13", "I14"}


def test_without_a_history_what_needs_one_is_not_applicable_and_says_why(told):
    found = store_verify(Look(at=now()))
    states = {finding.invariant.id: finding.state for finding in found}
    assert [name for name, state in states.items() if state == "held"] == ["I2", "I4", "I5", "I6", "I8", "I9", "I15"]
    assert "不适用：没有给出收发记录" in report_text(found)
    assert all("why" in one for one in report_json(found, at=now())["invariants"] if one["state"] == "not_applicable")


def test_i1_finds_an_acknowledged_call_that_is_lost(told):
    told.recorder.sent(CALL, "gone", {"narrative": "…"})
    told.recorder.told(CALL, "gone", 201, {"call": {"id": 999, "number": "J000000-00001"}})
    assert "I1" in broken(told)


def test_i1_finds_a_call_whose_words_are_not_those_acknowledged(told):
    row = Call.objects.order_by("id").first()
    Call.objects.filter(pk=row.pk).update(narrative=row.narrative.replace("打架", "吵架"))
    assert broken(told) == {"I1"}


def test_i1_finds_a_refused_command_that_took_effect(told):
    told.recorder.history.entries[(SEND, "c")].statuses[:] = [409]
    assert broken(told) == {"I1"}


def test_i1_finds_acknowledged_positions_that_are_lost(told):
    PositionFix.objects.filter(boot="d", seq=2).delete()
    assert broken(told) == {"I1"}


def test_i1_finds_acknowledged_positions_that_are_kept_twice(told):
    fix = PositionFix.objects.get(boot="d", seq=2)
    fix.pk = None
    fix.save(force_insert=True)
    assert broken(told) == {"I1"}


def test_i2_finds_a_command_that_took_effect_twice(told):
    row = Call.objects.order_by("id").first()
    Call.objects.create(
        number="J000000-00009", narrative=row.narrative, state="recorded", state_since=row.state_since
    )
    assert broken(told) == {"I2"}


def test_i3_finds_a_call_that_nobody_sent(told):
    del told.recorder.history.entries[(CALL, "b")]
    assert broken(told) == {"I3"}


def test_i4_finds_a_reaction_that_has_read_what_has_not_happened(told):
    HandlerCursor.objects.create(handler="hasty", event_id=10**9, txid=10**9)
    assert broken(told) == {"I4"}


def test_i5_finds_a_busy_unit_that_nobody_sent(told):
    Unit.objects.filter(call_sign="P-02").update(state="en_route")
    assert "I5" in broken(told)


def test_i6_finds_a_number_that_was_drawn_and_is_not_there(told):
    Counter.objects.filter(name__startswith="call-").update(value=7)
    assert broken(told) == {"I6"}


def test_i6_finds_a_state_no_arrow_leads_to_and_a_log_that_does_not_join(told):
    Event.objects.filter(kind="intake.incident_state_changed").update(
        data={"state_from": "merged", "state": "closed"}
    )
    assert broken(told) == {"I6"}
    StatusLog.objects.filter(unit__call_sign="P-01", state_to="assigned").update(state_from="en_route")
    lines = next(f for f in store_verify(Look(at=now())) if f.invariant.id == "I6").verdict.broken
    assert any("though it was available" in line for line in lines)


def test_i6_finds_times_that_run_backwards(told):
    Assignment.objects.update(signed_at=Assignment.objects.get().sent_at - timedelta(seconds=1))
    assert broken(told) == {"I6"}


def test_i7_finds_a_key_without_its_effect(told):
    IdempotencyKey.objects.create(scope="person:1", key="e", body_hash="", status=201, created_at=now())
    told.recorder.sent(CALL, "e", {"narrative": "…"})
    assert broken(told) == {"I7"}


def test_i7_finds_an_effect_whose_key_is_gone(told):
    IdempotencyKey.objects.filter(key="a").delete()
    assert broken(told) == {"I7"}


def test_i8_finds_a_change_that_no_event_tells_of(told):
    Event.objects.filter(subject_type="dispatch.assignment").delete()
    assert broken(told) == {"I8"}


@pytest.mark.sqlite
def test_i9_finds_a_reference_that_leads_nowhere(told):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys=ON")
        cursor.execute("UPDATE intake_incident SET station_id = 987654")
    assert "I9" in broken(told)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE intake_incident SET station_id = NULL")


def test_i11_finds_a_door_that_stood_open_and_a_refusal_that_told_too_much(told):
    told.recorder.sent(PROBE, "anonymous GET /api/calls", {})
    told.recorder.told(PROBE, "anonymous GET /api/calls", 401, None)
    assert look(told)["I11"] == "held"
    told.recorder.told(PROBE, "anonymous GET /api/calls", 200, {"leaked": False})
    assert broken(told) == {"I11"}


def test_a_telephone_is_found_alone_within_a_longer_number_and_with_signs_of_its_own():
    holds = seeker({"13900001111", "120", "+86 571-8888"})
    assert [text for text in TEXTS if holds(text)] == TEXTS[:4]


TEXTS = [
    '{"told": "13900001111"}',
    "0086139000011110",
    "rang 120 first",
    "from +86 571-8888",
    "139 0000 1111",
    "1390000111",
    "",
]


def test_i12_finds_a_callers_telephone_in_an_event_and_in_a_log(told, tmp_path):
    log = tmp_path / "log"
    log.write_text("nothing\ncalled back 13800138000\n", encoding="utf-8")
    assert broken(told, logs=[log]) == {"I12"}
    log.write_text("nothing\n", encoding="utf-8")
    assert broken(told, logs=[log]) == set()
    Event.objects.filter(kind="intake.incident_opened").update(data={"reporter": "13800138000"})
    assert broken(told) == {"I12"}


def test_i13_finds_a_report_that_counts_otherwise(told, monkeypatch):
    at = now()
    ringing = call_ring(line="1", at=at, by=told.world.actor("ben"))
    call_answer(call=ringing, seat="1", at=at + timedelta(seconds=3), by=told.world.actor("ben"))
    assert look(told)["I13"] == "held"
    from anlan.assurance.invariants import conduct

    monkeypatch.setattr(conduct, "ANSWERED_WITHIN", timedelta(seconds=1))
    assert broken(told) == {"I13"}


def test_i14_finds_what_only_grows(told):
    told.recorder.gauge(rss_kb=200_000, files=40, wal_bytes=0)
    told.recorder.gauge(rss_kb=210_000, files=44, wal_bytes=4096)
    assert look(told)["I14"] == "held"
    told.recorder.gauge(rss_kb=200_000, files=400, wal_bytes=0)
    assert broken(told) == {"I14"}


def test_i15_finds_a_part_put_aside_and_not_kept(told):
    QuarantinedRow.objects.all().delete()
    assert broken(told) == {"I15"}


def test_i15_finds_an_import_whose_parked_rows_are_gone(told):
    at = now()
    ImportBatch.objects.create(
        kind="units", source="x", started_at=at, finished_at=at, received=3, accepted=2, quarantined=1
    )
    assert broken(told) == {"I15"}


def test_i16_finds_a_failure_that_was_not_declared(told):
    told.recorder.sent(CALL, "f", {"narrative": "…"})
    told.recorder.told(CALL, "f", 503, None)
    assert look(told)["I16"] == "held"
    told.recorder.told(CALL, "f", 500, None)
    assert broken(told) == {"I16"}


def test_a_history_reads_as_it_was_written_even_with_its_last_line_torn(tmp_path):
    path = tmp_path / "history.jsonl"
    recorder = Recorder(path)
    recorder.sent(CALL, "a", {"narrative": "…"})
    recorder.told(CALL, "a", 201, {"call": {}})
    recorder.sent(CALL, "b", {"narrative": "…"})
    recorder.told(CALL, "b", None)
    recorder.sent(CALL, "b", {"narrative": "…"})
    recorder.close()
    with path.open("a", encoding="utf-8") as out:
        out.write('{"line": "told", "kind": "ca')
    read = recorder.history.read(path)
    assert [(e.key, e.outcome, e.was_unknown) for e in read.of(CALL)] == [
        ("a", "acknowledged", False),
        ("b", "unknown", True),
    ]
    assert [entry.key for entry in read.unanswered()] == ["b"]


def test_a_refusal_after_an_unknown_attempt_is_a_refusal_and_a_success_stays_one():
    recorder = Recorder()
    for status in (None, 409):
        recorder.sent(SEND, "a", {})
        recorder.told(SEND, "a", status)
    for status in (201, 503):
        recorder.sent(SEND, "b", {})
        recorder.told(SEND, "b", status)
    assert [entry.outcome for entry in recorder.history.of(SEND)] == ["refused", "acknowledged"]


def test_what_the_store_refuses_to_read_is_broken_and_not_passed_over(told, monkeypatch):
    from django.db import DatabaseError

    monkeypatch.setattr(Incident.objects, "all", lambda: 1 / 0)

    def unreadable(*_args, **_kwargs):
        raise DatabaseError("disk I/O error")

    monkeypatch.setattr(Assignment.objects, "filter", unreadable)
    found = {f.invariant.id: f for f in store_verify(Look(at=now(), history=told.recorder.history))}
    assert found["I5"].state == "broken"
    assert "disk I/O error" in found["I5"].verdict.broken[0]
