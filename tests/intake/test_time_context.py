"""What the clock and the calendar say of a matter, beside what its text says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.core.calendars import office_calendar
from anlan.engines.workclock import CHINA_TIME
from anlan.intake.models import IncidentTag
from anlan.intake.rules import time_context
from anlan.intake.services import incident_tag_confirm
from anlan.tagging.selectors import tag_values
from world import T0


def told(moment, *places):
    return time_context(
        datetime.fromisoformat(moment).replace(tzinfo=CHINA_TIME), office_calendar(), place_types=frozenset(places)
    )


@pytest.mark.parametrize(
    ("moment", "value"),
    [
        ("2026-03-02T00:00", "early_morning"),
        ("2026-03-02T05:59", "early_morning"),
        ("2026-03-02T06:00", "daytime"),
        ("2026-03-02T07:00", "commute"),
        ("2026-03-02T08:59", "commute"),
        ("2026-03-02T09:00", "daytime"),
        ("2026-03-02T18:59", "commute"),
        ("2026-03-02T19:00", "evening"),
        ("2026-03-02T23:59", "evening"),
        ("2026-03-07T08:00", "daytime"),  # a Saturday: nobody is on the way to work
        ("2026-02-28T08:00", "commute"),  # a Saturday worked in exchange for the Spring Festival
        ("2026-02-17T08:00", "holiday"),  # Spring Festival, whatever the hour
        ("2026-02-17T03:00", "holiday"),
        ("2099-10-01T08:00", "commute"),  # not announced yet: no holiday is known
    ],
)
def test_the_hour_is_told_by_the_wall_clock_and_the_calendar(moment, value):
    assert told(moment) == value


def test_a_late_evening_where_stalls_stand_is_night_market():
    assert told("2026-03-02T21:00", "market") == "night_market"
    assert told("2026-03-02T20:59", "market") == "evening"
    assert told("2026-03-02T21:00", "school") == "evening"


def test_another_zone_tells_the_same_moment():
    moment = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # 07:30 on Monday in China
    assert time_context(moment, office_calendar()) == "commute"


def by_clock(incident):
    rows = IncidentTag.objects.filter(incident=incident, dimension="time_context", superseded_by=None)
    return [(row.value, row.state, row.source) for row in rows]


def test_every_hour_of_a_week_is_told_by_a_word_of_the_vocabulary(taxonomy):
    words = {value.value for value in tag_values("time_context")}
    week = {
        time_context(T0 + timedelta(hours=h), office_calendar(), place_types=frozenset({"market"}))
        for h in range(168)
    }
    assert week < words
    assert words - week == {"holiday", "exam_period"}


def test_a_new_matter_carries_the_time_of_day_as_a_suggestion(take):
    assert by_clock(take(narrative="楼上漏水", code="0402").incident) == [("daytime", "suggested", "rule")]


def test_when_it_happened_counts_before_when_it_was_told(take):
    night = T0 - timedelta(hours=6)  # 03:00
    assert by_clock(take(narrative="昨夜被盗", occurred_from=night).incident) == [
        ("early_morning", "suggested", "rule")
    ]


def test_what_the_taker_chose_stands_alone(take):
    got = take(narrative="楼上漏水", code="0402", tags={"time_context": ["exam_period"]})
    assert by_clock(got.incident) == [("exam_period", "confirmed", "taker")]


def test_a_person_may_correct_the_clock(take, ben):
    incident = take(narrative="楼上漏水", code="0402").incident
    incident_tag_confirm(incident=incident, dimension="time_context", value="holiday", by=ben, at=T0)
    assert by_clock(incident) == [("holiday", "corrected", "officer")]
