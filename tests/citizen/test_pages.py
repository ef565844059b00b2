"""The pages of a citizen: no sign-in, no script, nothing in the address, and nobody else's business."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from anlan.citizen.models import CitizenRequest, GuessCount
from anlan.citizen.rules import CODE_FREE
from anlan.citizen.selectors import CITIZEN, rating_token
from anlan.citizen.services import rating_ask, request_make
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.intake.selectors import tracking_code
from world import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def fresh(take):
    """Taken just now: the pages go by the real clock."""
    return take(at=now(), narrative="隔壁王强又来吵", reporter_name="李四")


@pytest.fixture
def entered(fresh):
    return {"code": tracking_code(fresh.call), "digits": "1234"}


def text(answer):
    return answer.content.decode()


def test_the_address_alone_opens_nothing(client, entered):
    answer = client.get(f"/track/{entered['code']}")
    assert entered["code"] in text(answer)
    assert "My report" not in text(answer)
    assert answer.headers["Cache-Control"].count("no-store") == 1


def test_with_code_and_digits_it_tells_about_this_report_and_nobody_else(client, entered, fresh):
    page = text(client.post("/track", {**entered, "code": entered["code"].lower()}))
    assert fresh.incident.number in page
    assert "安澜县公安局" in page
    for hidden in ("王强", "李四", "1380000", "138 0000", fresh.call.number):
        assert hidden not in page


def test_it_is_told_in_english_too(client, entered):
    client.cookies["anlan_language"] = "en"
    page = text(client.post("/track", entered))
    assert "Who has it now" in page
    assert "Anlan County Bureau" in page


def test_too_many_wrong_digits_and_one_has_to_wait_even_with_the_right_ones(client, entered):
    for _ in range(CODE_FREE):
        assert client.post("/track", {**entered, "digits": "9999"}).status_code == 404
    answer = client.post("/track", entered)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert GuessCount.objects.count() == 2


@pytest.mark.parametrize("wrong", ["", "<script>", "𝕏" * 500, "٠١٢٣", "%00", "\x00"])
def test_nonsense_is_a_wrong_code_and_is_not_repeated_as_markup(client, entered, wrong):
    answer = client.post("/track", {"code": wrong, "digits": wrong})
    assert answer.status_code == 404
    assert "<script>" not in text(answer).replace('<script type="module"', "")
    assert client.get("/track/%00").status_code in (200, 404)


def test_taking_back_from_the_page_is_asked_once_and_shown(client, entered):
    for _ in range(2):
        answer = client.post("/track/ask", {**entered, "kind": "withdrawal", "text": "弄错了"})
        assert answer.status_code == 200
    assert "弄错了" in text(answer)
    assert CitizenRequest.objects.count() == 1


def test_a_refusal_stands_on_the_page_of_the_report(client, entered, fresh):
    answer = client.post("/track/ask", {**entered, "kind": "appeal", "text": "x"})
    assert answer.status_code == 409
    assert fresh.incident.number in text(answer)


def test_a_form_of_another_site_is_refused(entered):
    assert Client(enforce_csrf_checks=True).post("/track", entered).status_code == 403


def test_opening_the_link_uses_nothing_up_and_answering_does(client, fresh, close, messages_on):
    close(fresh.incident, at=now())
    path = reverse("citizen:rate", args=[rating_token(rating_ask(incident=fresh.incident, by=SYSTEM, at=now()))])
    assert client.get(path).status_code == client.get(path).status_code == 200
    assert client.post(path, {"rating": "11"}).status_code == 422
    assert client.post(path, {"rating": "2", "reason": "slow"}).status_code == 200
    assert client.post(path, {"rating": "5"}).status_code == client.get(path).status_code == 409
    assert client.get("/r/1-nothing").status_code == 404


def test_a_link_past_its_time_says_so(client, fresh, close, messages_on):
    close(fresh.incident, at=now() - timedelta(days=8))
    row = rating_ask(incident=fresh.incident, by=SYSTEM, at=now() - timedelta(days=8))
    assert client.get(f"/r/{rating_token(row)}").status_code == 410


@pytest.fixture
def whole_site(settings):
    settings.ROOT_URLCONF = "anlan.config.urls"


def test_the_desk_sees_what_was_asked_and_answers_it(client, fresh, world, whole_site):
    row = request_make(call=fresh.call, kind="withdrawal", text="<b>弄错了</b>", by=CITIZEN, at=now())
    assert client.get("/citizens").status_code == 302, "who is not signed in is sent to the door"
    client.login(username="ada", password=PASSWORD)
    page = text(client.get("/citizens"))
    assert "&lt;b&gt;弄错了" in page
    sent = {"grant": "yes", "answer": "好的", "idempotency_key": "k1"}
    assert client.post(f"/citizens/{row.pk}", sent).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answer) == ("granted", "好的")
    assert "好的" in text(client.get("/citizens"))


def test_who_may_not_answer_is_shown_no_button(client, fresh, world, whole_site):
    request_make(call=fresh.call, kind="withdrawal", text="", by=CITIZEN, at=now())
    client.login(username="hua", password=PASSWORD)
    assert 'name="grant"' not in text(client.get("/citizens"))
