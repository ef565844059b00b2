"""The live console's picture: each desk its own, told to all its desks alike, in both languages."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse

from anlan.console import island_words
from anlan.console.pages import island
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.dispatch.services import unit_assign
from anlan.intake.models import Incident
from anlan.places.services import Reading, WarningTold, point_put, weather_take
from anlan.units.services import PositionReport, positions_take
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")
FRONTEND = Path(__file__).resolve().parents[2] / "frontend" / "src"


@pytest.fixture(autouse=True)
def nothing_held():
    island._shared._held.clear()


def picture(client):
    answer = client.get(reverse("console:island_data"))
    assert answer.status_code == 200
    return json.loads(answer.content)


def rows(client, group=None):
    groups = picture(client)["groups"]
    return [row for each in groups if group in (None, each["key"]) for row in each["rows"]]


def seen_at(town, name, lon, lat):
    fix = PositionReport(unit_id=town.units[name].pk, boot="b9", seq=1, lon=lon, lat=lat, fixed_at=now())
    positions_take(fixes=[fix], by=SYSTEM, at=now())


def test_an_incident_stands_in_the_queue_with_its_point_and_its_clock(desk, take):
    incident = take("有人拿刀追人", lon=120.06, code="0101")
    (row,) = rows(desk("ada"), "unsent")
    assert (row["number"], row["priority"]) == (incident.number, incident.priority)
    assert row["at"] == [120060000, round(incident.lat * 1e6)]
    assert row["since"] == int(incident.received_at.timestamp() * 1000)
    assert row["red_s"] > row["amber_s"] > 0


def test_why_somebody_is_called_back_is_said_in_the_pages_language(desk, take):
    take("", call_type="silent", reporter_phone="13800001234")
    ada = desk("ada")
    assert [task["reason"] for task in picture(ada)["call_backs"]] == ["silent call"]
    ada.cookies["anlan_language"] = "zh-hans"
    assert "silent" not in picture(ada)["call_backs"][0]["reason"]


def test_another_station_sees_neither_incident_nor_unit(town, desk, take):
    take("两车追尾", lon=120.06, code="0302")
    assert rows(desk("ada"))
    other = picture(desk("cleo"))
    assert [row for group in other["groups"] for row in group["rows"]] == []
    assert "P-01" not in {unit["sign"] for unit in other["units"]}


def test_a_desk_is_never_told_what_was_read_for_another_reach(town, desk, take):
    take("两车追尾", lon=120.06, code="0302")
    for _ in range(2):
        assert len(rows(desk("ada"))) == 1
        assert rows(desk("cleo")) == []


# The picture is kept by the place in the stream, and on PostgreSQL that moves at a commit only.
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_write_is_in_the_very_next_picture(town, desk, take):
    incident = take("两车追尾", lon=120.06, code="0302")
    ada = desk("ada")
    assert [row["sent"] for row in rows(ada)] == [[]]
    unit_assign(incident=incident, unit=town.units["P-01"], by=town.actor("ada", now()), at=now())
    (row,) = rows(ada)
    assert row["sent"][0][2:4] == ["P-01", "sent"]


def test_positions_are_whole_numbers_in_the_order_of_the_stream(town, desk):
    seen_at(town, "P-01", 120.0612345, 28.9)
    units = {unit["sign"]: unit for unit in picture(desk("ada"))["units"]}
    unit, lon, lat, *_speed_heading, fixed = units["P-01"]["seen"]
    assert (unit, lon, lat) == (town.units["P-01"].pk, 120061234, 28900000)
    assert isinstance(fixed, int)


def test_every_figure_at_the_foot_has_its_records(desk, take):
    take("两车追尾", code="0302")
    for cell in json.loads(desk("gus").get(reverse("console:island_figures")).content):
        assert desk("gus").get(cell["href"]).status_code == 200


def test_who_can_be_there_is_asked_of_the_roads(town, desk):
    seen_at(town, "P-01", 120.06, 28.9)
    answer = (
        desk("ada").get(reverse("console:island_reach"), {"lon": "120.065", "lat": "28.9", "minutes": "1,5"}).json()
    )
    assert answer["source"] == "road"
    assert [area["properties"]["minutes"] for area in answer["areas"]["features"]] == [5, 1]
    assert town.units["P-01"].pk in [unit for unit, _seconds, _source in answer["units"]]
    assert all(seconds <= 300 for _unit, seconds, _source in answer["units"])


@pytest.mark.parametrize(
    "asked", [{"lon": "x"}, {"lat": "91"}, {"minutes": "0"}, {"minutes": "1,99"}, {"minutes": ""}]
)
def test_it_refuses_a_question_it_can_not_read(desk, asked):
    query = {"lon": "120.06", "lat": "28.9", "minutes": "1,3,5", **asked}
    answer = desk("ada").get(reverse("console:island_reach"), query, headers={"accept": "application/json"})
    assert answer.status_code == 422


def test_a_call_saved_in_the_panel_is_saved_once_and_told_by_number(desk):
    key = str(uuid4())
    sheet = {"narrative": "两车追尾", "address_text": "安澜大道18号", "then": "send"}
    url = reverse("console:island_call_save")
    told = [desk("ben").post(url, sheet, headers={"Idempotency-Key": key}).json() for _ in range(2)]
    assert told[0] == told[1]
    assert told[0]["incident"] == Incident.objects.get().number


def test_a_chief_sees_the_queue_but_is_offered_no_deed(desk):
    facts = desk("gus").get(reverse("console:island")).context["facts"]
    if facts is None:
        pytest.skip("the map console was not built here")
    assert "dispatch.send" not in facts["may"]
    assert "send" not in {command["key"] for command in facts["commands"]}


def test_a_command_is_known_by_its_chinese_its_initials_and_its_english(town):
    found = {each["key"]: each for each in island_words.commands(town.actor("ada", now()))}
    assert (found["send"]["zh"], found["send"]["py"], found["send"]["en"]) == ("派警", "pj", "Send")


def test_where_it_was_not_built_the_page_says_so_and_leads_to_the_list(desk, monkeypatch):
    monkeypatch.setattr("anlan.console.built.MANIFEST", "console/island/never-built.json")
    page = desk("ada").get(reverse("console:island")).content.decode()
    assert "was not built" in page
    assert reverse("console:queue") in page


def test_every_word_the_program_asks_for_is_given_and_none_for_nothing():
    of_the_console = [*FRONTEND.glob("*.ts"), *FRONTEND.glob("map/*.ts")]
    source = "".join(path.read_text(encoding="utf-8") for path in of_the_console)
    asked = set(re.findall(r'\bt\("(\w+)"', source))
    assert asked <= set(island_words.WORDS)
    assert not [
        word
        for word in island_words.WORDS
        if f'"{word}"' not in source and word not in ("stale", "lost") and not re.search(rf"\b{word}: \[", source)
    ]


def test_the_page_refuses_who_may_not_see_a_queue(desk):
    assert press(desk("finn"), reverse("console:island_data")).status_code in (403, 405)
    assert desk("finn").get(reverse("console:island_data")).status_code == 403


@pytest.mark.parametrize(
    ("wish", "built", "page"),
    [("", True, "/console/map?begin=1"), ("list", True, "/console"), ("", False, "/console")],
)
def test_a_dispatcher_begins_with_the_map_unless_it_is_missing_or_the_list_was_chosen(
    desk, monkeypatch, wish, built, page
):
    monkeypatch.setattr("anlan.console.pages.queue.island_built", lambda: built)
    client = desk("ada")
    if wish:
        assert client.post(reverse("console:begin", args=[wish])).url == reverse("console:queue")
    assert client.get(reverse("console:home")).url == page


def test_who_takes_no_calls_at_the_desk_begins_where_they_work(desk):
    assert desk("finn").get(reverse("console:home")).url == reverse("console:phone")


def test_the_weather_is_told_with_its_age_and_source_or_said_to_be_missing(desk):
    url = reverse("console:island_weather")
    assert desk("ada").get(url).json()["fed"] is False
    at = now()
    rain = Reading(valid_at=at + timedelta(hours=1), issued_at=at, rain_mm_h=12.0)
    storm = WarningTold(number="1", kind="rainstorm", level="orange", issued_at=at)
    told = (Reading(valid_at=at, temperature_c=19.5), rain)
    weather_take(source="met", readings=told, warnings=[storm], is_synthetic=True, by=SYSTEM, at=at)
    sky = desk("ada").get(url).json()
    assert (sky["measured"]["temperature_c"], sky["measured"]["source"], sky["measured"]["synthetic"]) == (
        19.5, "met", True
    )  # fmt: skip
    assert sky["measured"]["at"] == sky["issued"] == int(at.timestamp() * 1000)
    assert [row["rain_mm_h"] for row in sky["hours"]] == [12.0]
    assert [row["level"] for row in sky["warnings"]] == ["orange"]


def test_booths_and_must_cover_points_stand_beside_the_areas(desk):
    for kind in ("booth", "must_cover"):
        point_put(kind=kind, code="1", name_zh="汽车站", lon=120.05, lat=28.9, source="t", by=SYSTEM, at=now())
    features = desk("ada").get(reverse("console:island_areas")).json()["features"]
    found = {each["properties"]["kind"]: each["geometry"]["type"] for each in features}
    assert (found["booth"], found["must_cover"]) == ("Point", "Point")
    assert found["beat"] == "Polygon"


def test_who_has_taken_a_unit_is_told_to_who_may_see_it_and_to_nobody_else(town, desk, take):
    incident, unit = take("两车追尾", lon=120.06, code="0302"), town.units["P-01"]
    unit_assign(incident=incident, unit=unit, by=town.actor("ada", now()), at=now())
    told = desk("ben").get(reverse("console:island_taken", args=[unit.pk])).json()
    assert (told["by"], told["number"]) == (town.people["ada"].name, incident.number)
    assert desk("cleo").get(reverse("console:island_taken", args=[unit.pk])).status_code == 404
