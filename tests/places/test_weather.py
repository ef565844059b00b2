"""Weather as it was known: a forecast keeps when it was issued, the impossible is put aside, warnings end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from anlan.accounts.services import token_issue
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.models import Event, QuarantinedRow
from anlan.places.models import WeatherReading, WeatherWarning
from anlan.places.selectors import weather_known
from anlan.places.services import Reading, WarningTold, weather_take
from world import T0, build_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told(*readings, warnings=(), at=T0, **more):
    return weather_take(source="met", readings=readings, warnings=warnings, by=SYSTEM, at=at, **more)


def rain(mm, *, ahead, issued=T0, spot=""):
    return Reading(valid_at=issued + ahead * HOUR, issued_at=issued, rain_mm_h=mm, spot=spot)


def warning(number="w1", **more):
    facts = {"kind": "rainstorm", "level": "orange", "issued_at": T0, "ends_at": T0 + 6 * HOUR, **more}
    return WarningTold(number=number, **facts)


def test_without_a_feed_nothing_is_known_and_that_is_told():
    known = weather_known(at=T0)
    assert not known.is_fed
    assert known.is_old


def test_what_was_forecast_at_eight_can_be_told_at_noon():
    told(rain(2.0, ahead=6), at=T0)
    told(rain(30.0, ahead=2, issued=T0 + 4 * HOUR), at=T0 + 4 * HOUR)
    assert [row.rain_mm_h for row in weather_known(at=T0 + HOUR).hours] == [2.0]
    assert [row.rain_mm_h for row in weather_known(at=T0 + 5 * HOUR).hours] == [30.0]
    assert WeatherReading.objects.count() == 2


def test_a_report_told_twice_counts_once():
    rows = (rain(1.0, ahead=1), rain(2.0, ahead=2), Reading(valid_at=T0, temperature_c=21.0))
    assert (told(*rows).taken, told(*rows).taken, told(*rows).repeated) == (3, 0, 3)
    assert Event.objects.filter(kind="places.weather_taken").count() == 1


def test_a_measurement_grows_old():
    told(Reading(valid_at=T0, temperature_c=21.0))
    assert not weather_known(at=T0 + HOUR).is_old
    assert weather_known(at=T0 + 2 * HOUR).is_old


def test_the_weather_of_an_area_stands_before_that_of_the_whole():
    told(Reading(valid_at=T0, temperature_c=21.0), Reading(valid_at=T0 - HOUR, temperature_c=17.0, spot="hill"))
    assert weather_known(at=T0, spot="hill").measured.temperature_c == 17.0
    assert weather_known(at=T0, spot="valley").measured.temperature_c == 21.0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (Reading(valid_at=T0), "empty"),
        (Reading(valid_at=T0, temperature_c=294.0), "temperature_c"),
        (Reading(valid_at=T0, wind_mps=-1.0), "wind_mps"),
        (Reading(valid_at=T0 + HOUR, rain_mm_h=1.0), "future"),
        (rain(1.0, ahead=-1), "order"),
        (rain(1.0, ahead=24 * 16), "order"),
    ],
)
def test_what_can_not_be_is_put_aside_with_its_reason_and_the_rest_is_taken(row, reason):
    done = told(row, Reading(valid_at=T0 - HOUR, temperature_c=20.0))
    assert (done.taken, done.put_aside, done.reasons) == (1, 1, [reason])
    assert QuarantinedRow.objects.get().code == f"weather_{reason}"


def test_a_warning_stands_until_it_ends_or_is_lifted():
    assert told(warnings=[warning(), warning("w2", kind="fog")]).warnings == 2
    assert [row.kind for row in weather_known(at=T0 + HOUR).warnings] == ["rainstorm", "fog"]
    assert told(warnings=[warning(is_lifted=True)], at=T0 + 2 * HOUR).lifted == 1
    assert [row.kind for row in weather_known(at=T0 + 2 * HOUR).warnings] == ["fog"]
    assert weather_known(at=T0 + 6 * HOUR).warnings == []


def test_a_warning_that_is_raised_is_one_warning_and_news():
    told(warnings=[warning()])
    assert told(warnings=[warning()], at=T0 + HOUR).warnings == 0
    assert told(warnings=[warning(level="red")], at=T0 + HOUR).warnings == 1
    assert WeatherWarning.objects.get().level == "red"
    assert Event.objects.filter(kind="places.warning_issued").count() == 2


def test_a_warning_nobody_knows_or_without_an_end_after_its_start_is_put_aside():
    done = told(warnings=[warning(kind="locusts"), warning("w2", ends_at=T0)])
    assert (done.warnings, done.put_aside, done.reasons) == (0, 2, ["kind", "times"])


def test_it_refuses_a_report_without_a_source_or_without_end():
    with pytest.raises(BadInput):
        weather_take(source="", readings=[], warnings=[], by=SYSTEM, at=T0)
    with pytest.raises(BadInput):
        told(*[rain(1.0, ahead=1)] * 501)


def test_a_feed_hands_it_in_and_a_desk_reads_it():
    county = build_world(units=False, roads=False)
    at = now()
    body = {
        "source": "county-met",
        "observations": [{"at": at.isoformat(), "temperature_c": 19.5, "rain_mm_h": 4}],
        "forecasts": [{"issued_at": at.isoformat(), "hours": [{"at": (at + HOUR).isoformat(), "rain_mm_h": 9}]}],
        "warnings": [{"number": "1", "kind": "rainstorm", "level": "yellow", "issued_at": at.isoformat()}],
        "synthetic": True,
    }
    for who, status in (("ada", 403), ("feed", 200)):
        client = Client(
            headers={"Authorization": f"Bearer {_token(county, who)}", "Idempotency-Key": f"weather-{who}"}
        )
        answer = client.post("/api/weather", json.dumps(body), content_type="application/json")
        assert answer.status_code == status, answer.content
    assert answer.json() == {
        "taken": 2, "repeated": 0, "put_aside": 0, "warnings": 1, "lifted": 0, "reasons": []
    }  # fmt: skip
    desk = Client(headers={"Authorization": f"Bearer {_token(county, 'ada')}"})
    known = desk.get("/api/weather").json()
    assert (known["measured"]["temperature_c"], known["measured"]["is_synthetic"]) == (19.5, True)
    assert [row["rain_mm_h"] for row in known["hours"]] == [9]
    assert [row["level"] for row in known["warnings"]] == ["yellow"]


def _token(county, who):
    from anlan.accounts.services import person_add, role_grant

    if who == "feed":
        of = {"organisation": county.orgs["bureau"], "by": SYSTEM, "at": T0}
        feed = person_add(username="met-feed", name="met", password=None, **of)
        role_grant(person=feed, role="integration", by=SYSTEM, at=T0)
        return token_issue(person=feed, label="met", by=SYSTEM, at=T0)
    return token_issue(person=county.people[who], label="desk", by=SYSTEM, at=T0)
