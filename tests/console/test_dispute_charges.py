"""On the page of a file its owner puts a team in charge; on the queue a suggested file is opened or turned down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.disputes.models import FileCharge, OpeningSuggestion
from anlan.disputes.opening_rules import SECOND_REPORT
from anlan.disputes.services import file_accept, file_follow_up, file_open, push_send
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def file(town, take):
    """Dan's town room has accepted it."""
    at = now() - timedelta(minutes=2)
    found = file_open(incident=take("楼上漏水两家吵架", minutes=3, lon=120.065, code="0402"), by=SYSTEM, at=at)
    if found.state == "open":
        file_follow_up(file=found, by=SYSTEM, at=at)
    push_send(file=found, seq=3, reason="by_hand", by=SYSTEM, at=at)
    return file_accept(file=found, by=town.actor("dan", now()), at=now())


def test_the_town_room_puts_its_team_in_charge_and_its_phone_shows_it_first(desk, town, file):
    dan, page = desk("dan"), reverse("console:dispute", args=[file.number])
    choice = f"unit-{town.units['C-01'].pk}"
    assert f'value="{choice}"' in dan.get(page).content.decode()
    press(dan, reverse("console:dispute_do", args=[file.number, "give"]), to=choice)
    assert FileCharge.objects.get().unit == town.units["C-01"]
    assert "C-01" in dan.get(reverse("console:disputes")).content.decode()
    assert "given to you" in desk("finn").get(reverse("console:visits")).content.decode()
    press(dan, reverse("console:dispute_do", args=[file.number, "give_no_more"]))
    assert "given to you" not in desk("finn").get(reverse("console:visits")).content.decode()


def test_nonsense_is_refused_and_who_may_not_give_has_no_button(desk, town, file):
    told = press(desk("dan"), reverse("console:dispute_do", args=[file.number, "give"]), to="horse-1")
    assert told.status_code == 422
    assert 'id="d-give"' not in desk("gus").get(reverse("console:dispute", args=[file.number])).content.decode()


def test_a_suggested_file_stands_on_the_queue_with_its_rule_and_opens_on_a_word(desk, town, take):
    first, again = (take("半夜装修太吵", minutes=m, lon=120.065, code="0410") for m in (4, 1))
    facts = {
        "within_days": 30, "within_m": 60.0,
        "earlier": [{"number": first.number, "days": 0, "metres": 12.0, "same_address": False}],
    }  # fmt: skip
    row = OpeningSuggestion.objects.create(
        incident=again, earlier=first, rule=SECOND_REPORT, facts=facts, made_at=now()
    )
    dan, shown = desk("dan"), None
    for page in (reverse("console:disputes"), reverse("console:incident", args=[again.number])):
        shown = dan.get(page).content.decode()
        assert SECOND_REPORT in shown
        assert "12 m away" in shown
    answer = press(dan, reverse("console:opening_do", args=[row.pk, "accept"]))
    assert answer.url.startswith("/disputes/D-")
    assert SECOND_REPORT not in dan.get(reverse("console:disputes")).content.decode()
