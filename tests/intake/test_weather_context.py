"""What the weather feed says of a matter, beside its words and the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.intake.models import IncidentTag
from anlan.intake.rules import weather_context
from anlan.places.services import Reading, WarningTold, weather_take
from anlan.tagging.selectors import tag_values
from world import T0

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("told", "labels"),
    [
        ({}, set()),
        ({"wind_only": None}, set()),
        ({"temperature_c": 20.0}, set()),  # rain may fall or not: nobody measured it
        ({"temperature_c": 20.0, "rain_mm_h": 0.0}, {"none"}),
        ({"temperature_c": 35.0, "rain_mm_h": 0.0}, {"heat"}),
        ({"temperature_c": 34.9, "rain_mm_h": 0.1}, {"rain"}),
        ({"temperature_c": 36.0, "rain_mm_h": 2.0}, {"rain", "heat"}),
        ({"visibility_m": 999.0}, {"fog"}),
        ({"visibility_m": 1000.0}, set()),
        ({"visibility_m": 300.0, "rain_mm_h": 30.0}, {"rain"}),  # it is the rain through which nobody sees
        ({"warnings": {"cold", "wind"}}, {"cold_wave"}),
        ({"temperature_c": 27.0, "rain_mm_h": 12.0, "warnings": {"typhoon"}}, {"rain", "typhoon"}),
    ],
)
def test_the_weather_is_told_by_what_is_measured_and_by_warnings_in_force(told, labels):
    told.pop("wind_only", None)
    assert set(weather_context(**told)) == labels


def test_every_label_is_a_word_of_the_vocabulary(taxonomy):
    everything = weather_context(temperature_c=40, rain_mm_h=9, warnings={"typhoon", "cold"})
    said = {*everything, *weather_context(visibility_m=1), *weather_context(temperature_c=1, rain_mm_h=0)}
    assert said == {value.value for value in tag_values("weather_context")}


def fed(*readings, warnings=(), at=T0):
    weather_take(source="met", readings=readings, warnings=warnings, by=SYSTEM, at=at)


def by_feed(incident):
    rows = IncidentTag.objects.filter(incident=incident, dimension="weather_context", superseded_by=None)
    return [(row.value, row.state, row.source) for row in rows.order_by("pk")]


def test_a_new_matter_carries_the_weather_with_its_figure_and_source(take):
    fed(Reading(valid_at=T0 - HOUR, temperature_c=24.0, rain_mm_h=3.2))
    incident = take(narrative="两车追尾", code="0302").incident
    assert by_feed(incident) == [("rain", "suggested", "rule")]
    row = IncidentTag.objects.get(incident=incident, dimension="weather_context")
    assert row.evidence == [{"words": "3.2 mm/h · met"}]


def test_without_a_feed_nothing_is_said_of_the_weather(take):
    assert by_feed(take(narrative="两车追尾", code="0302").incident) == []


def test_the_weather_is_that_of_the_moment_it_happened(take):
    dry = Reading(valid_at=T0, temperature_c=20.0, rain_mm_h=0.0)
    fed(dry, Reading(valid_at=T0 - 6 * HOUR, temperature_c=18.0, rain_mm_h=8.0))
    got = take(narrative="昨夜被盗", occurred_from=T0 - 5.5 * HOUR)
    assert by_feed(got.incident) == [("rain", "suggested", "rule")]
    assert by_feed(take(narrative="昨夜被盗", occurred_from=T0 - 3 * HOUR).incident) == []  # nobody measured then


def test_the_measurement_of_its_own_area_comes_first(take):
    fed(
        Reading(valid_at=T0, temperature_c=20.0, rain_mm_h=0.0),
        Reading(valid_at=T0, spot="west", temperature_c=20.0, rain_mm_h=5.0),
    )
    assert by_feed(take(narrative="两车追尾", code="0302").incident) == [("rain", "suggested", "rule")]
    east = take(narrative="两车追尾", code="0302", lon=120.12).incident
    assert by_feed(east) == [("none", "suggested", "rule")]


def test_a_warning_counts_from_its_start_until_it_is_lifted(take):
    storm = {"number": "t1", "kind": "typhoon", "level": "orange", "issued_at": T0, "starts_at": T0 + HOUR}
    fed(warnings=[WarningTold(**storm, ends_at=T0 + 9 * HOUR)])
    assert by_feed(take(narrative="树倒了", at=T0).incident) == []
    assert by_feed(take(narrative="树又倒了", at=T0 + 2 * HOUR).incident) == [("typhoon", "suggested", "rule")]
    fed(warnings=[WarningTold(**storm, is_lifted=True)], at=T0 + 3 * HOUR)
    assert by_feed(take(narrative="屋顶掀了", at=T0 + 4 * HOUR).incident) == []


def test_what_the_taker_chose_stands_alone(take):
    fed(Reading(valid_at=T0, temperature_c=24.0, rain_mm_h=3.2))
    got = take(narrative="两车追尾", code="0302", tags={"weather_context": ["fog"]})
    assert by_feed(got.incident) == [("fog", "confirmed", "taker")]
