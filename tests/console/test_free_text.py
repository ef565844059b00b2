"""What callers and colleagues wrote: marks that turn the direction stay in their own place; nothing is cut."""

from __future__ import annotations

import json
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from anlan.accounts.services import token_issue
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.dispatch import services as dispatch
from anlan.dispatch.models import WorkOrder
from anlan.intake import services as intake
from anlan.intake.models import Call, Incident
from anlan.places.services import note_add
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")

TURN = "\u202e"  # right-to-left override, never closed
KEPT_BY_CSS = ("narrative", "phone-text")
VOID = ("meta", "link", "input", "br", "img", "path", "circle", "use")


class Places(HTMLParser):
    """Every piece of shown text with a turning mark that stands in no place of its own."""

    def __init__(self):
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.loose: list[str] = []
        self.seen = 0

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            classes = (dict(attrs).get("class") or "").split()
            alone = tag in ("bdi", "textarea", "option", "title") or any(c in KEPT_BY_CSS for c in classes)
            self.open.append((tag, alone))

    def handle_endtag(self, tag):
        while self.open and tag not in VOID:
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data):
        if TURN in data:
            self.seen += 1
            if not any(alone for _tag, alone in self.open):
                self.loose.append(data)


def places(client, url):
    found = Places()
    answer = client.get(url, headers={"HX-Request": "true"} if url.endswith(("/notes", "/units")) else {})
    assert answer.status_code == 200, url
    found.feed(answer.content.decode())
    return found


@pytest.fixture
def turned(town, take):
    """A matter in which everything written by a person turns the direction."""
    incident = take(f"两车追尾{TURN}abc", code="0302")
    Incident.objects.filter(pk=incident.pk).update(address_text=f"安澜大道{TURN}18号")
    incident.refresh_from_db()
    at = now()
    note_add(
        hazard="dog",
        text=f"院内有犬{TURN}",
        address_text=f"安澜大道{TURN}18号",
        lon=incident.lon,
        lat=incident.lat,
        organisation=town.orgs["west"],
        source="station",
        expires_at=at + timedelta(days=5),
        by=SYSTEM,
        at=at,
    )
    return incident


def steps(town, incident):
    """Sent, called off with a reason; sent again, reported, returned with a reason; handed to a partner desk."""
    at = now() - timedelta(seconds=20)
    off = dispatch.unit_assign(incident=incident, unit=town.units["P-02"], by=SYSTEM, at=at)
    dispatch.assignment_cancel(assignment=off, reason=f"不去{TURN}", by=SYSTEM, at=at)
    sent = dispatch.unit_assign(incident=incident, unit=town.units["P-01"], by=SYSTEM, at=at)
    intake.transfer_offer(incident=incident, partner="12345", reason=f"请接{TURN}", by=SYSTEM, at=at)
    return sent


def test_on_every_page_a_turning_mark_turns_only_the_words_it_stands_in(town, desk, turned):
    sent = steps(town, turned)
    number = turned.number
    for who, url, least in [
        ("ada", reverse("console:queue"), 1),
        ("ada", reverse("console:incident", args=[number]), 4),
        ("ada", reverse("console:incident_notes", args=[number]), 1),
        ("ada", reverse("console:find") + f"?q={number}", 0),
        ("ida", reverse("console:station"), 1),
        ("kai", reverse("console:partner"), 3),
        ("eve", reverse("console:phone"), 2),
    ]:
        found = places(desk(who), url)
        assert found.loose == [], url
        assert found.seen >= least, url
    dispatch.assignment_arrive(assignment=sent, by=SYSTEM, at=now())
    dispatch.assignment_finish(assignment=sent, by=SYSTEM, at=now())
    sheet = dispatch.feedback_file(
        incident=turned, result="accident_fast_settled", narrative=f"好{TURN}", by=SYSTEM, at=now()
    )
    dispatch.feedback_return(feedback=sheet, reason=f"写明{TURN}", by=SYSTEM, at=now())
    found = places(desk("ada"), reverse("console:incident", args=[number]))
    assert found.loose == []
    assert found.seen >= 6


def test_on_the_town_board_too(desk, take):
    incident = take(f"邻居噪声{TURN}abc", code="0410")
    Incident.objects.filter(pk=incident.pk).update(address_text=f"安澜大道{TURN}18号")
    press(desk("ada"), reverse("console:incident_do", args=[incident.number, "route"]))
    assert WorkOrder.objects.exists()
    found = places(desk("dan"), reverse("console:town"))
    assert found.loose == []
    assert found.seen >= 2


def test_a_million_chinese_characters_come_through_the_form_whole(desk):
    told = "他在河边喊救命" * 143_000
    body = urlencode({"idempotency_key": str(uuid4()), "narrative": told, "then": "save"})
    assert len(told) > 1_000_000
    answer = desk("ben").post(reverse("console:call_save"), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    assert Call.objects.get().narrative == told


@pytest.mark.parametrize("escaped", [True, False])
def test_a_million_chinese_characters_come_through_the_api_whole(town, escaped):
    told = "他在河边喊救命" * 143_000
    issued = token_issue(person=town.people["ben"], label="switch", by=SYSTEM, at=now())
    answer = Client().post(
        "/api/calls",
        json.dumps({"narrative": told, "address_text": "安澜大道18号"}, ensure_ascii=escaped),
        content_type="application/json",
        headers={"Authorization": f"Bearer {issued}", "Idempotency-Key": "k1"},
    )
    assert answer.status_code in (200, 201)
    assert Call.objects.get().narrative == told
