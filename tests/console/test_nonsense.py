"""What nobody means and somebody types: impossible times, endless numbers, other scripts. No page falls over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from http import HTTPStatus
from urllib.parse import quote

import pytest
from django.test import RequestFactory
from django.urls import reverse

from anlan.console.asked import day_asked, moment, number_asked, whole
from anlan.dispatch.models import Assignment
from console.conftest import press

ENDLESS = "9" * 5000
NONE_OF_THESE = [
    "",
    "-1",
    "--5",
    "²",
    "1e3",
    "nan",
    "9" * 19,
    ENDLESS,
    "💥",
    "\u202eشغل",
    "\ud83d",
    "'; drop table unit",
]


@pytest.mark.parametrize("text", NONE_OF_THESE)
def test_what_is_no_number_is_not_asked_for(text):
    assert whole(text) is None
    assert number_asked(RequestFactory().get("/", {"n": text.encode("utf-8", "replace")}), "n") is None


@pytest.mark.parametrize(
    "text", [*NONE_OF_THESE, "2026-02-31", "2026-13-01T25:61", "0001-01-01", "9999-12-31", ENDLESS]
)
def test_what_is_no_day_and_no_moment_is_not_asked_for(text):
    assert moment(text) is None
    assert day_asked(RequestFactory().get("/", {"d": text.encode("utf-8", "replace")}), "d") is None


def test_a_day_a_number_and_both_ways_to_write_a_moment_are_read():
    asked = RequestFactory().get("/", {"n": "12", "d": "2026-11-23"})
    assert (number_asked(asked, "n"), day_asked(asked, "d")) == (12, date(2026, 11, 23))
    assert moment("1763863510000") == datetime.fromtimestamp(1763863510, UTC)
    assert moment("2026-11-23T14:05:10") == datetime(2026, 11, 23, 6, 5, 10, tzinfo=UTC)


FALLEN_OVER = [
    ("jia", "kpi", "from=0001-01-01&to=9999-12-31"),
    ("jia", "clock_hours", "to=9999-12-31"),
    ("jia", "dispute_figures", "from=0001-01-01&to=0001-01-01"),
    ("jia", "arrivals", f"days={ENDLESS}"),
    ("jia", "handover", f"desk={ENDLESS}"),
    ("jia", "replay", "at=9999-12-31T23:59:59%2B08:00"),
    ("jia", "replay", f"at={ENDLESS}"),
    ("ada", "wall", f"organisation={quote('💥')}%00"),
    ("ada", "island_reach", f"lon=120&lat=28.9&minutes={ENDLESS}"),
]


@pytest.mark.django_db(databases="__all__")
def test_a_page_asked_for_the_impossible_stands(desk):
    answers = {
        f"{page}?{query[:40]}": desk(who).get(f"{reverse(f'console:{page}')}?{query}").status_code
        for who, page, query in FALLEN_OVER
    }
    assert {asked: status for asked, status in answers.items() if status >= HTTPStatus.INTERNAL_SERVER_ERROR} == {}


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("text", [ENDLESS, "9" * 17, "--5", "-1", "nan", "1e400", "💥"])
def test_no_sending_fails_for_what_a_list_can_not_have_shown(desk, take, town, text):
    incident = take("两车追尾", code="0302")
    shown = dict.fromkeys(("rank", "advised_unit", "eta_s", "travel_s", "eta_p90_s", "fix_age_s"), text)
    url = reverse("console:incident_do", args=[incident.number, "send"])
    press(desk("ada"), url, unit=town.units["P-01"].pk, advice="quickest", **shown)
    sent = Assignment.objects.get(incident=incident)
    assert (sent.rank, sent.advised_unit, sent.advice, sent.eta_s, sent.fix_age_s) == (None, None, "", None, None)


NOTHING = "%00"
"""No key writes it, and only one of the two stores takes it in a text."""


@pytest.mark.django_db(databases="__all__")
def test_a_letter_that_no_key_writes_is_as_if_it_had_not_come(desk, take, town):
    incident, ada = take("两车追尾", code="0302"), desk("ada")
    pages = (("queue", "incident="), ("find", "q=P"), ("wall", "organisation="))
    asked = [f"{reverse(f'console:{page}')}?{query}{NOTHING}" for page, query in pages]
    assert [ada.get(url).status_code for url in asked] == [200, 200, 200]
    part = ada.get(f"/console/incidents/{incident.number}{NOTHING}")
    assert part.status_code in (HTTPStatus.OK, HTTPStatus.NOT_FOUND)
    url = reverse("console:incident_do", args=[incident.number, "send"])
    press(ada, url, unit=town.units["P-01"].pk, reason="a\0b", advice="\0")
    assert Assignment.objects.get(incident=incident).reason == "ab"


@pytest.mark.django_db(databases="__all__")
def test_what_a_list_showed_is_kept_with_the_sending(desk, take, town):
    incident, quicker = take("两车追尾", code="0302"), town.units["P-02"]
    url = reverse("console:incident_do", args=[incident.number, "send"])
    shown = {"rank": 2, "eta_s": "142.5", "advised_unit": quicker.pk, "advice": "quickest"}
    press(desk("ada"), url, unit=town.units["P-01"].pk, **shown)
    sent = Assignment.objects.get(incident=incident)
    assert (sent.rank, sent.eta_s, sent.advised_unit, sent.advice) == (2, 142.5, quicker.pk, "quickest")
