"""The phone's deeds: the server's time counts, the phone's own stands beside it, a late press is told the truth."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from anlan.console.pages.phone_app import FILES, _content, _worker
from anlan.core.clock import now
from anlan.core.models import Event
from anlan.dispatch.models import Assignment
from anlan.dispatch.services import assignment_cancel, assignment_depart, unit_assign

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def sent(town, take):
    """P-01, Eve's car, sent to a brawl a minute ago."""
    at = now() - timedelta(minutes=1)
    return unit_assign(
        incident=take("店里有人打架", minutes=2), unit=town.units["P-01"], by=town.actor("ada", at), at=at
    )


def press(client, deed, sent, *, minutes_ago=0.0, key=None, off=timedelta(0)):
    """A press of so many minutes ago, as the phone's script sends it; ``off`` is how wrong the phone's clock is."""
    here = now() + off
    return client.post(
        f"/unit/do/{deed}",
        {
            "assignment": sent.pk,
            "idempotency_key": key or str(uuid4()),
            "device_at": (here - timedelta(minutes=minutes_ago)).isoformat(),
        },
        headers={"Accept": "application/json", "X-Device-Now": here.isoformat()},
    )


def events(kind):
    return list(Event.objects.filter(kind=f"dispatch.{kind}").order_by("id"))


def test_a_press_with_contact_is_one_step_and_says_the_servers_time(desk, sent):
    answer = press(desk("eve"), "arrive", sent)
    assert answer.status_code == 200
    assert answer.json()["is_late"] is False
    sent.refresh_from_db()
    assert sent.arrived_at.isoformat() == answer.json()["at"]
    assert events("press_came_late") == []


def test_a_press_that_waited_counts_when_it_came_and_says_beside_it_when_it_was_pressed(desk, sent):
    wrong = timedelta(hours=3)
    before = now()
    answer = press(desk("eve"), "arrive", sent, minutes_ago=14, off=wrong)
    assert answer.json()["is_late"] is True
    sent.refresh_from_db()
    assert before <= sent.arrived_at <= now()
    (told,) = events("press_came_late")
    # How long it waited is a difference of the phone's own times: a wrong clock does not change it.
    assert told.data["waited_s"] in (839, 840)
    assert told.data["deed"] == "arrive"
    assert told.incident_id == sent.incident_id


def test_the_same_press_sent_ten_times_is_one_step_and_one_note(desk, sent):
    eve, key = desk("eve"), str(uuid4())
    at = (now() - timedelta(minutes=5)).isoformat()
    body = {"assignment": sent.pk, "idempotency_key": key, "device_at": at}
    answers = [
        eve.post("/unit/do/depart", body, headers={"Accept": "application/json", "X-Device-Now": now().isoformat()})
        for _ in range(10)
    ]
    assert len({json.dumps(answer.json(), sort_keys=True) for answer in answers}) == 1
    assert len(events("assignment_departed")) == len(events("press_came_late")) == 1


def test_a_late_press_that_others_overtook_is_told_who_what_and_since_when(desk, sent, town):
    assignment_cancel(assignment=sent, reason="改派", by=town.actor("ada", now()), at=now())
    eve, key = desk("eve"), str(uuid4())
    answer = press(eve, "arrive", sent, minutes_ago=9, key=key)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "press_overtaken")
    for part in ("Arrived", "P-01", "艾达", "cancelled", "radio"):
        assert part in told["detail_i18n"]["en"]
    assert "电台" in told["detail_i18n"]["zh-hans"]
    assert Assignment.objects.get(pk=sent.pk).state == "cancelled"
    (note,) = events("press_changed_nothing")
    assert note.data["deed"] == "arrive"


def test_a_late_call_for_support_from_a_unit_called_off_does_not_send_anybody(desk, sent, town):
    assignment_cancel(assignment=sent, reason="改派", by=town.actor("ada", now()), at=now())
    assert press(desk("eve"), "support", sent, minutes_ago=9).json()["code"] == "press_overtaken"
    assert events("support_requested") == []


def test_a_press_of_this_moment_that_comes_second_is_refused_and_leaves_no_note(desk, sent, town):
    assignment_depart(assignment=sent, by=town.actor("ada", now()), at=now())
    answer = press(desk("eve"), "sign", sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "press_overtaken")
    assert events("press_changed_nothing") == []


@pytest.mark.parametrize("claim", ["", "yesterday", "2026-13-45T99:00:00Z", "2026-01-01T00:00:00", "9" * 400])
def test_nonsense_from_the_phones_clock_does_not_stop_the_step(desk, sent, claim):
    answer = desk("eve").post(
        "/unit/do/sign",
        {"assignment": sent.pk, "idempotency_key": str(uuid4()), "device_at": claim},
        headers={"Accept": "application/json", "X-Device-Now": claim[:100]},
    )
    assert answer.status_code == 200
    assert Assignment.objects.get(pk=sent.pk).state == "signed"


def test_a_sign_in_that_ended_is_told_apart_from_a_step_taken(sent):
    answer = press(Client(), "arrive", sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_the_page_gives_the_place_true_and_shifted_and_nobodys_name(desk, sent):
    page = desk("eve").get("/unit").content.decode()
    assert "geo:28.900000,120.070000?q=28.900000,120.070000" in page
    assert 'data-shifted="geo:28.8' in page or 'data-shifted="geo:28.9' in page
    assert page.count("geo:28.900000,120.070000") == 2
    for deed in ("sign", "depart", "arrive", "support", "finish"):
        assert f'data-deed="{deed}"' in page


def test_the_card_and_the_worker_let_a_phone_install_the_page_and_nothing_beyond_it():
    card = Client().get("/unit/manifest.webmanifest")
    assert card.headers["Content-Type"] == "application/manifest+json"
    told = card.json()
    assert (told["scope"], told["start_url"], told["display"]) == ("/unit", "/unit", "standalone")
    worker = Client().get("/unit/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/unit"
    assert "no-cache" in worker.headers["Cache-Control"]
    assert _worker()[0] in worker.content.decode()


def test_every_file_the_phone_keeps_is_there_and_the_kept_page_is_the_same_for_all(desk, sent):
    assert not [name for name in FILES if not _content(name)]
    shell = desk("eve").get("/unit/offline").content.decode()
    for known in (sent.incident.number, "伊芙", "P-01", "打架"):
        assert known not in shell


def test_the_first_word_from_the_spot_has_its_button_once_and_only_there(desk, sent):
    eve = desk("eve")
    report = 'data-deed="report"'
    assert report in eve.get("/unit").content.decode()
    assert press(eve, "report", sent).json()["code"] == "report_not_due"
    press(eve, "arrive", sent)
    assert press(eve, "report", sent).status_code == 200
    sent.refresh_from_db()
    assert sent.reported_at is not None
    assert report not in eve.get("/unit").content.decode()
    assert press(eve, "report", sent, minutes_ago=3).json()["code"] == "report_given"
