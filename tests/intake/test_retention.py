"""Words and exact places end with the term of their matter's class; the matter itself and its record stay."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from anlan.core.models import Event, QuarantinedRow
from anlan.core.retention import CERTIFIED
from anlan.core.selectors import event_log_hash
from anlan.dispatch.models import Feedback
from anlan.dispatch.services.retention import words_erase
from anlan.intake.jobs import contents_expire, kept_for
from anlan.intake.models import Call, CallBack, Incident, IncidentLink, IncidentTag, Transfer
from anlan.intake.rules import KEPT_FOR
from anlan.intake.selectors import timeline
from anlan.intake.services import contents_erase, incident_state_set, transfer_accept, transfer_offer
from world import T0

WORDS, ADDRESS = "两家邻居因楼上漏水吵起来了", "锦绣花园3幢2单元"
DAY = timedelta(days=1)


def after(days: float):
    return T0 + timedelta(days=days)


@pytest.fixture
def ended(take, ben):
    """A community matter told at T0 and closed at once."""
    got = take(narrative=WORDS, address_text=ADDRESS, code="0402", track="C", reason="邻里", recording_ref="rec/7")
    incident_state_set(incident=got.incident, to="closed", by=ben, at=T0, closed_at=T0)
    return got


def term(incident: Incident) -> timedelta:
    return KEPT_FOR[{"C": "community", "T": "transfer"}.get(incident.track, "police")]


def test_it_keeps_the_words_until_the_term_is_over_and_not_a_day_longer(ended):
    over = T0 + term(ended.incident)
    assert contents_erase(at=over - DAY) == 0
    assert Incident.objects.get().narrative == WORDS
    assert contents_erase(at=over + DAY) == 1
    assert contents_erase(at=over + DAY) == 0


def test_words_and_exact_place_go_and_the_matter_stays(ended):
    before = ended.incident
    contents_erase(at=after(4000))
    row, call = Incident.objects.get(), Call.objects.get()
    assert (row.narrative, row.address_text, row.lon, row.lat, row.place_id) == ("", "", None, None, None)
    assert (call.narrative, call.address_text, call.lon, call.cell, call.recording_ref) == ("", "", None, None, "")
    assert not IncidentTag.objects.exclude(evidence=[]).exists()
    kept = ("number", "code", "priority", "track", "state", "cell", "beat_code", "station_id", "received_at")
    assert [getattr(row, name) for name in kept] == [getattr(before, name) for name in kept]
    assert row.erased_at == call.erased_at == after(4000)


def test_no_trace_of_the_words_is_left_in_any_table(ended):
    from django.apps import apps

    QuarantinedRow.objects.create(
        source=f"call {ended.call.number} tags", raw=WORDS, code="x", reason_zh="x", reason_en="x", at=T0
    )
    contents_erase(at=after(4000))
    for model in apps.get_models():
        if model._meta.app_label in ("intake", "dispatch", "core"):
            held = json.dumps(list(model._default_manager.values()), ensure_ascii=False, default=str)
            assert WORDS not in held, model
            assert ADDRESS not in held, model


@pytest.mark.parametrize(("receipt", "kept"), [("已告知王女士", ""), ("R-77/2026#1", "R-77/2026#1")])
def test_a_partner_desks_sentence_goes_and_its_number_stays(take, ben, county, receipt, kept):
    got = take(narrative="咨询居住证怎么办理", code="1101", track="T", reason="非警务")
    offered = transfer_offer(incident=got.incident, partner="12345", by=ben, at=T0)
    transfer_accept(transfer=offered, receipt=receipt, by=county.actor("kai"), at=T0)
    got.incident.refresh_from_db()
    incident_state_set(incident=got.incident, to="closed", by=ben, at=T0, closed_at=T0)
    contents_erase(at=after(4000))
    assert Transfer.objects.get().receipt == kept


def test_the_record_keeps_its_rows_and_its_hash_and_tells_of_the_erasing(ended, county):
    rows, before = list(Event.objects.order_by("pk").values()), event_log_hash()
    contents_erase(at=after(4000))
    assert list(Event.objects.order_by("pk").values()[: len(rows)]) == rows
    told = Event.objects.exclude(kind=CERTIFIED).get(pk__gt=rows[-1]["id"])
    assert (told.kind, told.data["keeping"], told.data["days"]) == ("intake.content_erased", "community", 730)
    assert "730" in timeline(county.actor("ada"), ended.incident.pk)[-1].sentence
    Event.objects.filter(pk__gt=rows[-1]["id"]).delete()
    assert event_log_hash() == before


def test_an_open_matter_keeps_its_words_however_old(take):
    take(narrative=WORDS)
    assert contents_erase(at=after(40_000)) == 0
    assert Incident.objects.get().narrative == WORDS


def test_a_matter_that_has_come_back_is_held_while_the_later_one_is_open(ended, take):
    later = take(narrative="又吵起来了", repeat_of=ended.incident.pk, at=after(20)).incident
    assert IncidentLink.objects.filter(earlier=ended.incident, incident=later).exists()
    assert contents_erase(at=after(4000)) == 0


@pytest.mark.parametrize(
    ("sheet", "keeping"),
    [
        ({"code": "0402", "track": "C", "reason": "邻里"}, "community"),
        ({"code": "0106"}, "police"),
        ({"code": "0106", "is_major": True}, "grave"),
        ({"code": "0106", "danger": ("injury",)}, "grave"),
    ],
)
def test_each_class_has_its_own_term(take, ben, sheet, keeping):
    got = take(narrative="有人反映情况", **sheet)
    incident_state_set(incident=got.incident, to="closed", by=ben, at=T0, closed_at=T0)
    over = T0 + KEPT_FOR[keeping]
    assert contents_erase(at=over - DAY) == 0
    assert contents_erase(at=over + DAY) == 1
    assert Event.objects.get(kind="intake.content_erased").data["keeping"] == keeping


def test_a_call_that_led_to_nothing_is_erased_sooner_but_never_before_the_call_back(take):
    got = take(narrative="", address_text="", lon=None, lat=None, call_type="silent", reporter_phone="13800000001")
    over = T0 + KEPT_FOR["void"] + DAY
    assert contents_erase(at=over) == 0
    CallBack.objects.update(done_at=T0)
    assert contents_erase(at=over) == 1
    assert Call.objects.get(pk=got.call.pk).erased_at == over


def test_what_units_wrote_goes_with_it(ended):
    Feedback.objects.create(incident=ended.incident, code="0402", result="helped", narrative=WORDS, filed_at=T0)
    assert words_erase(at=after(1)) == 0
    contents_erase(at=after(4000))
    assert words_erase(at=after(4000)) == 1
    assert words_erase(at=after(4000)) == 0
    assert Feedback.objects.get().narrative == ""


def test_the_job_works_by_night_only_and_the_settings_may_shorten_a_term(ended, settings):
    settings.KEEP_DAYS = {"community": 10}
    assert kept_for()["community"] == timedelta(days=10)
    noon, night = after(12) + timedelta(hours=3), after(12) + timedelta(hours=18)  # 12:00 and 03:00 in Shanghai
    assert contents_expire(at=noon) == 0
    assert contents_expire(at=night) == 1
