"""The wall board: the day honestly compared, the heat that points at nobody, each board its own organisation."""

from __future__ import annotations

import csv
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from anlan.console.built import built
from anlan.console.pages import wall as page
from anlan.console.selectors.wall import Period, compared, heat, past_of, rates
from anlan.console.selectors.wall_live import actor_within, clocks_running, unit_load
from anlan.core.clock import now
from anlan.dispatch.services import assignment_arrive, assignment_finish, assignment_sign, unit_assign
from anlan.engines.geo import cell_of
from anlan.intake.models import Incident
from anlan.reports.selectors import HEAT_LEAST, heat_day, kpi_records
from anlan.tagging.selectors import incident_types
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")

NOON = T0 + timedelta(hours=3)  # Monday 2 March 2026, 12:00 in Shanghai
MINUTE, WEEK = timedelta(minutes=1), timedelta(weeks=1)
HERE = (120.07, 28.9)
WALL = Path(__file__).resolve().parents[2] / "frontend" / "src" / "wall"


@pytest.fixture(autouse=True)
def nothing_held():
    page._held.forget()


@pytest.fixture
def county(db, taxonomy):
    """The small county, there since half a year."""
    return build_world(at=NOON - timedelta(days=180), roads=False)


@pytest.fixture
def report(county):
    """``report("0402", at)``: so many matters of that type, as they would have been taken down then."""

    def put(code: str, at: datetime, times: int = 1, *, place=HERE, station="west", **fields) -> None:
        held = Incident.objects.count()
        Incident.objects.bulk_create(
            Incident(
                number=f"T{held + k:08d}",
                code=code,
                received_at=at,
                state_since=at,
                station=county.orgs[station],
                lon=place[0],
                lat=place[1],
                cell=cell_of(*place),
                **{"priority": "P3", "priority_rule": "type", "track": "P", "track_rule": "type", **fields},
            )
            for k in range(times)
        )

    return put


def day_of(county, name="ada", organisation=None, at=NOON):
    return county.actor(name, at), Period(at, organisation)


def heat_of(county, name="ada", organisation=None, at=NOON):
    actor, period = day_of(county, name, organisation, at)
    return heat_day(actor, start=period.start, end=period.end, organisation=organisation)


# --- what is never drawn on a map ----------------------------------------------------------------------------


def test_drugs_gatherings_tips_and_complaints_about_policing_are_never_drawn(county, report):
    never = [row.code for row in incident_types() if row.code in ("0109", "0801") or row.code[:2] in ("10", "12")]
    assert len(never) >= 7
    for code in never:
        report(code, NOON - MINUTE, 3 * HEAT_LEAST)
    found = heat_of(county)
    assert (found.day.total, found.day.drawn) == (len(never) * 3 * HEAT_LEAST, 0)
    assert not found.day.cells
    assert not found.day.stations
    assert not found.hours[11].cells


def test_violence_at_home_is_told_by_station_area_and_by_no_smaller_place(county, report):
    report("0204", NOON - MINUTE, HEAT_LEAST)
    report("0204", NOON - MINUTE, HEAT_LEAST - 1, station="east", place=(120.14, 28.9))
    found = heat_of(county)
    assert not found.day.cells
    assert found.day.stations == ((county.orgs["west"].pk, 0),)
    assert found.day.not_drawn == HEAT_LEAST - 1


def test_too_few_in_one_place_are_told_of_no_place(county, report):
    report("0402", NOON - MINUTE, HEAT_LEAST - 1)
    assert heat_of(county).day.cells == ()
    report("0402", NOON - MINUTE)
    found = heat_of(county)
    assert [band for _cell, band in found.day.cells] == [0]
    assert found.day.drawn == HEAT_LEAST


def test_what_is_too_few_for_any_cell_is_told_by_station_area(county, report):
    report("0402", NOON - MINUTE, 3, place=(120.02, 28.81))
    report("0402", NOON - MINUTE, 1, place=(120.08, 28.99))
    assert (heat_of(county).day.stations, heat_of(county).day.drawn) == ((), 0)
    report("0204", NOON - MINUTE, 1, place=(120.08, 28.99))
    found = heat_of(county).day
    assert (found.cells, found.stations) == ((), ((county.orgs["west"].pk, 0),))
    assert (found.drawn, found.not_drawn) == (5, 0)


def test_no_report_is_told_both_in_a_cell_and_in_a_station_area(county, report):
    report("0402", NOON - MINUTE, 2 * HEAT_LEAST)
    report("0402", NOON - MINUTE, HEAT_LEAST - 1, place=(120.02, 28.81))
    found = heat_of(county).day
    assert (len(found.cells), found.stations) == (1, ())
    assert (found.drawn, found.not_drawn) == (2 * HEAT_LEAST, HEAT_LEAST - 1)


def test_the_figures_behind_the_charts_are_taken_out_as_a_file(county, report, client):
    at = now()
    report("0402", at, 3)
    client.force_login(county.people["gus"])
    client.cookies["anlan_language"] = "en"
    answer = client.get(reverse("console:wall_figures"))
    assert answer["Content-Disposition"].startswith('attachment; filename="wall-')
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))
    names = [row[0] for row in rows if len(row) == 1]
    assert names == ["Against the same weekday", "Citizens' reports by hour", "Figures", "Unit load by zone"]
    assert sum(int(row[1] or 0) for row in rows if row and re.fullmatch(r"\d\d:00", row[0])) == 3
    client.force_login(county.people["ada"])
    assert client.get(reverse("console:wall_figures")).status_code == 403


def test_what_patrols_found_themselves_is_no_heat(county, report):
    report("0402", NOON - MINUTE, 2 * HEAT_LEAST, origin="patrol")
    report("0402", NOON - MINUTE, 2 * HEAT_LEAST, origin="device")
    assert heat_of(county).day.total == 0


def test_a_matter_without_a_type_waits_for_one_before_it_is_drawn(county, report):
    report("", NOON - MINUTE, 2 * HEAT_LEAST)
    assert heat_of(county).day.cells == ()


def test_heat_is_told_in_bands_so_that_no_two_moments_tell_the_one_between(county, report):
    report("0402", NOON - MINUTE, HEAT_LEAST)
    before = heat_of(county).day.cells
    report("0402", NOON - MINUTE)
    assert heat_of(county).day.cells == before


def test_each_hour_has_its_own_heat(county, report):
    report("0402", NOON - timedelta(hours=4), HEAT_LEAST)
    report("0402", NOON - MINUTE, HEAT_LEAST - 1)
    found = heat_of(county)
    assert [(hour, each.drawn) for hour, each in found.hours.items()] == [(8, HEAT_LEAST), (11, 0)]


def test_no_small_count_leaves_the_server_with_the_board(county, report):
    report("0204", NOON - MINUTE, HEAT_LEAST - 1)
    report("0402", NOON - MINUTE, HEAT_LEAST)
    actor, period = day_of(county)
    told = heat(actor, past_of(actor, period), period)
    assert told["day"]["stations"] == []
    assert [band for _cell, band in told["day"]["cells"]] == [0]
    assert set(told["features"]) == {cell for cell, _band in told["day"]["cells"]}


# --- today against the same weekday --------------------------------------------------------------------------


def against(county, name="incidents", actor="ada", organisation=None, at=NOON):
    who, period = day_of(county, actor, organisation, at)
    return next(each for each in compared(who, past_of(who, period), period) if each.name == name)


def test_the_mean_of_eight_mondays_up_to_the_same_minute(county, report):
    report("0402", NOON - 20 * WEEK)
    for week, count in enumerate((9, 11, 9, 11, 9, 11, 9, 11), 1):
        report("0402", NOON - week * WEEK - MINUTE, count)
        report("0402", NOON - week * WEEK + MINUTE, 50)  # later that day: not to be compared with half a day
        report("0402", NOON - week * WEEK - timedelta(days=1), 70)  # a Sunday
    report("0402", NOON - MINUTE, 14)
    found = against(county).against
    assert (found.now, found.n, found.mean) == (14, 8, 10.0)
    # s = sqrt(8/7), t(0.975, 7) = 2.3646
    assert (round(found.low, 2), round(found.high, 2)) == (9.11, 10.89)
    assert (round(found.usual_low, 2), round(found.usual_high, 2)) == (7.32, 12.68)
    assert found.verdict == "above"


def test_days_before_the_first_record_are_no_quiet_days(county, report):
    report("0402", NOON - 3 * WEEK - timedelta(days=2))
    report("0402", NOON - 2 * WEEK - MINUTE, 4)
    found = against(county).against
    assert [n for _day, n in found.counts] == [0, 4, 0]
    assert against(county, "calls").against.n == 0


def test_one_like_day_gives_no_interval_and_no_verdict(county, report):
    report("0402", NOON - WEEK - timedelta(days=1))
    report("0402", NOON - WEEK - MINUTE, 4)
    found = against(county).against
    assert (found.n, found.mean, found.low, found.verdict) == (1, 4.0, None, "")


def test_p1_is_counted_apart(county, report):
    report("0101", NOON - MINUTE, 2, priority="P1")
    report("0402", NOON - MINUTE, 5)
    assert against(county, "p1").against.now == 2
    assert against(county, "incidents").against.now == 7


def test_every_compared_count_opens_exactly_its_records(county, report, client):
    report("0402", NOON - 20 * WEEK)
    report("0101", NOON - 2 * WEEK - MINUTE, 3, priority="P1")
    report("0101", NOON - 2 * WEEK + MINUTE, 6, priority="P1")
    client.force_login(county.people["gus"])
    days = {f"{day}": (n, href) for day, n, href in against(county, "p1").days}
    n, href = days["2026-02-16"]
    assert n == 3
    assert len(client.get(href).context["page"].rows) == 3


# --- shares, clocks, units -----------------------------------------------------------------------------------


def test_a_share_stands_with_its_counts_its_interval_its_aim_and_its_price(county, report):
    for minutes, times in ((4, 3), (6, 1)):
        at = NOON - timedelta(hours=1)
        sent = {"first_sent_at": at, "first_arrived_at": at + minutes * MINUTE}
        report("0101", at, times, priority="P1", setting="town", **sent)
    actor, period = day_of(county)
    by_key = {each.figure.key: each for each in rates(actor, period)}
    arrive = by_key["arrive_5"]
    assert (arrive.figure.numerator, arrive.figure.denominator) == (3, 4)
    assert arrive.figure.low < 0.75 < arrive.figure.high
    assert (arrive.aim, arrive.verdict) == (0.95, "open")  # four runs tell nothing either way
    assert by_key["divert_rate"].aim == 0.51
    price = {figure.key for figure, _word, _href in by_key["divert_rate"].price}
    assert price == {"diverted_escalated", "diverted_injured", "bounced"}
    rows = kpi_records(actor, "arrive_5", start=period.start, end=period.end).rows
    assert len(rows) == arrive.figure.numerator


def test_an_aim_is_missed_only_when_the_interval_says_so(county, report):
    at = NOON - timedelta(hours=1)
    late = {"first_sent_at": at, "first_arrived_at": at + 9 * MINUTE}
    report("0101", at, 40, priority="P1", setting="town", **late)
    actor, period = day_of(county)
    assert rates(actor, period)[0].verdict == "missed"


def waiting(actor, at):
    return {each.key: each for each in clocks_running(actor, at=at)}


def test_the_oldest_of_each_clock_stands_on_top(town, take):
    at = now()
    ada = town.actor("ada", at)
    first, second = take("电动车被偷", code="0106", minutes=4), take("邻居吵架", code="0402", minutes=2)
    found = waiting(ada, at)["unsent"]
    assert (found.total, [each.number for each in found.rows]) == (2, [first.number, second.number])
    job = unit_assign(incident=first, unit=town.units["P-01"], by=ada, at=at - 2 * MINUTE)
    found = waiting(ada, at)
    assert [each.unit for each in found["unsigned"].rows] == ["P-01"]
    assert [each.since for each in found["unarrived"].rows] == [job.sent_at]
    assert found["unsigned"].rows[0].red_s == 60
    assignment_sign(assignment=job, by=ada, at=at - MINUTE)
    assignment_arrive(assignment=job, by=ada, at=at - MINUTE)
    assignment_finish(assignment=job, by=ada, at=at - MINUTE)
    found = waiting(ada, at)
    assert [found[key].total for key in ("unsent", "unsigned", "unarrived", "feedback")] == [1, 0, 0, 1]


@pytest.mark.parametrize("code", ["0204", "0109", "0801", "1001", "1201"])
def test_a_visitor_does_not_read_what_a_delicate_matter_is(town, take, code):
    take("有人报警", code=code)
    (row,) = waiting(town.actor("ada", now()), now())["unsent"].rows
    assert row.kind == ""


def test_free_and_on_duty_are_counted_by_organisation(town, take):
    at = now()
    unit_assign(incident=take("邻居吵架"), unit=town.units["P-01"], by=town.actor("ada", at), at=at)
    loads = {load.code: load for load in unit_load(town.actor("ada", at))}
    assert (loads["west"].free, loads["west"].on_duty) == (1, 2)
    assert sum(width for _state, _start, width, _n in loads["west"].bars) == pytest.approx(100)


# --- each board its own --------------------------------------------------------------------------------------


def test_a_zones_board_shows_the_zone_and_nothing_beside_it(county, report):
    west = county.orgs["west"]
    report("0402", NOON - MINUTE, 3)
    report("0402", NOON - MINUTE, 2, station="east", place=(120.14, 28.9))
    assert against(county).against.now == 5
    assert against(county, organisation=west).against.now == 3
    assert heat_of(county, organisation=west).day.total == 3
    within = actor_within(county.actor("ada", NOON), west)
    assert waiting(within, NOON)["unsent"].total == 3
    assert {load.code for load in unit_load(within)} == {"west"}


def test_another_station_sees_its_own_day_only(county, report):
    report("0402", NOON - MINUTE, 2 * HEAT_LEAST)
    assert against(county, actor="cleo").against.now == 0
    assert heat_of(county, "cleo").day.total == 0
    assert waiting(county.actor("cleo", NOON), NOON)["unsent"].total == 0


@pytest.mark.parametrize("url_name", ["console:wall", "console:wall_data"])
def test_a_board_beyond_ones_reach_is_as_good_as_none(desk, url_name):
    assert desk("cleo").get(reverse(url_name), {"organisation": "west"}).status_code == 404
    assert desk("cleo").get(reverse(url_name), {"organisation": "no-such"}).status_code == 404
    assert desk("ada").get(reverse(url_name), {"organisation": "west"}).status_code == 200


@pytest.mark.parametrize("url_name", ["console:wall", "console:wall_data"])
def test_a_patrol_officer_has_no_wall_board(desk, url_name):
    assert desk("eve").get(reverse(url_name)).status_code == 403


def test_one_board_is_never_told_what_was_read_for_another_reach(desk, take):
    take("邻居吵架", lon=120.06)
    told = [desk(who).get(reverse("console:wall_data")).json()["live"]["html"]["clocks"] for who in ("ada", "cleo")]
    assert [Incident.objects.get().number in html for html in told] == [True, False]


# --- the page ------------------------------------------------------------------------------------------------


def test_without_the_browsers_program_every_figure_stands_and_opens(desk, take, monkeypatch):
    take("邻居吵架", lon=120.06)
    monkeypatch.setattr(page, "built", lambda entry: None)
    ada = desk("ada")
    html = ada.get(reverse("console:wall")).content.decode()
    assert 'http-equiv="refresh"' in html
    assert "<script" not in html[html.index("<main") :]
    links = set(re.findall(r'href="(/[^"#]+)', html[html.index("<main") : html.index("</main")]))
    assert len(links) > 10
    assert {ada.get(link.replace("&amp;", "&")).status_code for link in links} == {200}


def test_the_board_says_how_old_it_is(desk):
    told = desk("ada").get(reverse("console:wall_data")).json()
    for half in (told["live"], told["day"]):
        assert all(f'data-since="{half["read_ms"]}"' in html for html in half["html"].values())
        assert 0 <= told["now_ms"] - half["read_ms"] < 20_000


def test_the_board_speaks_both_languages(desk):
    gus = desk("gus")
    for language, words in (("en", "Against the same weekday"), ("zh-hans", "同一星期几")):
        gus.cookies["anlan_language"] = language
        assert words in gus.get(reverse("console:wall")).content.decode()


def test_every_word_the_program_asks_for_is_given(desk):
    source = "".join(path.read_text(encoding="utf-8") for path in WALL.glob("*.ts"))
    asked = set(re.findall(r'\bword\("(\w+)"', source))
    with translation.override("en"):
        assert asked == set(page._words())


def test_the_board_costs_the_same_questions_for_many_matters_as_for_few(county, report, client, settings):
    settings.SNAPSHOT_MAX_AGE_S = 0.0  # what reference data cost is counted each time

    def questions() -> int:
        page._held.forget()
        actor, period = day_of(county)
        with CaptureQueriesContext(connections["default"]) as asked:
            heat(actor, past_of(actor, period), period)
            compared(actor, past_of(actor, period), period)
            rates(actor, period)
            clocks_running(actor, at=NOON)
            unit_load(actor)
        return len(asked)

    report("0402", NOON - 20 * WEEK)
    report("0402", NOON - MINUTE, 4)
    questions()  # reference data is read once and held
    few = questions()
    for week in range(9):
        report("0402", NOON - week * WEEK - MINUTE, 60)
    assert questions() == few


def test_the_past_is_read_once_for_many_boards(desk, monkeypatch):
    asked = []
    monkeypatch.setattr(page.day, "past_of", lambda *args: asked.append(1) or past_of(*args))
    for who in ("ada", "gus", "ada"):
        page._held._rows = {key: row for key, row in page._held._rows.items() if key[0] == "past"}
        assert desk(who).get(reverse("console:wall_data")).status_code == 200
    assert len(asked) == 1


def test_a_program_that_was_not_built_is_none():
    assert built("src/no/such.ts") is None
