"""The weekly bulletin: whole weeks, honest buckets, nobody ranked, files that stay harmless."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.intervals import wilson_interval
from anlan.reports.selectors import Sheet, bulletin, bulletin_sheets, cell_safe, sheets_csv, sheets_xlsx, week_of
from reports.conftest import MIN, Desk, S

MONDAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)


def shares(table, code=None):
    """Counts per bucket of one organisation, or of all together."""
    row = table.total if code is None else next(r for r in table.rows if r.organisation.code == code)
    return [bucket.count for bucket in row.buckets]


def tables(report):
    return {table.measure.key: table for table in report.tables}


@pytest.mark.django_db
def test_each_bucket_holds_its_upper_end(desk: Desk):
    incident = desk.incident()
    for seconds in (0, 30, 31, 60, 61):
        desk.sheet(incident, signed=seconds * S)
    desk.sheet(incident)
    for minutes in (5, 10, 15, 30, 31):
        desk.sheet(incident, departed=minutes * MIN, arrived=2 * minutes * MIN)
    report = bulletin(desk.actor("gus"), week_start=MONDAY)
    found = tables(report)
    assert shares(found["sign"]) == [2, 2, 1, 6]
    assert shares(found["turn_out"]) == [1, 1, 1, 1, 1, 6]
    assert shares(found["arrival"]) == [0, 1, 0, 2, 2, 6]


@pytest.mark.django_db
def test_feedback_is_told_in_five_buckets_and_what_is_missing(desk: Desk):
    incident = desk.incident()
    for after in (30 * MIN, 31 * MIN, HOUR, 2 * HOUR, 4 * HOUR, 5 * HOUR):
        desk.sheet(incident, finished=10 * MIN, feedback=10 * MIN + after)
    desk.sheet(incident, arrived=9 * MIN, finished=10 * MIN, state="finished")
    desk.sheet(incident)
    found = tables(bulletin(desk.actor("gus"), week_start=MONDAY))
    assert shares(found["feedback"]) == [1, 2, 1, 1, 1, 1]
    assert found["feedback"].total.n == 7


@pytest.mark.django_db
def test_called_off_sheets_were_signed_or_not_but_never_late_on_the_way(desk: Desk):
    incident = desk.incident()
    desk.sheet(incident, signed=5 * S, state="cancelled", end_reason="not needed")
    desk.sheet(incident, signed=5 * S, state="cancelled", end_reason="undo")
    found = tables(bulletin(desk.actor("gus"), week_start=MONDAY))
    assert shares(found["sign"]) == [1, 0, 0, 0]
    assert found["arrival"].total.n == 0
    assert found["arrival"].total.buckets[0].share is None


@pytest.mark.django_db
def test_turn_out_says_where_its_clock_stops(desk: Desk):
    found = tables(bulletin(desk.actor("gus"), week_start=MONDAY))
    with translation.override("en"):
        assert "departs" in str(found["turn_out"].measure.says)
        assert "on the spot" in str(found["arrival"].measure.says)


@pytest.mark.django_db
def test_stations_stand_in_the_order_of_the_tree_and_few_sheets_are_not_compared(desk: Desk):
    incident = desk.incident()
    for unit in ("P-03", "P-01"):
        desk.sheet(incident, unit, signed=20 * S)
    desk.sheet(incident, "P-03", signed=50 * S)
    table = tables(bulletin(desk.actor("gus"), week_start=MONDAY))["sign"]
    assert [row.organisation.code for row in table.rows] == ["west", "east"]
    assert [row.compared for row in table.rows] == ["open", "open"]
    assert str(table.rows[0].compared_text) == "数量太少，无法比较"
    east = table.rows[1]
    assert (east.buckets[0].share, (east.buckets[0].low, east.buckets[0].high)) == (0.5, wilson_interval(1, 2))


@pytest.mark.django_db
def test_with_enough_sheets_a_difference_is_told(desk: Desk):
    incident = desk.incident()
    for k in range(30):
        desk.sheet(incident, "P-01", signed=(10 if k else 90) * S)
        desk.sheet(incident, "P-03", signed=(90 if k else 10) * S)
    table = tables(bulletin(desk.actor("gus"), week_start=MONDAY))["sign"]
    assert {row.organisation.code: row.compared for row in table.rows} == {"west": "above", "east": "below"}


@pytest.mark.django_db
def test_one_station_alone_has_nobody_to_be_compared_with(desk: Desk):
    desk.sheet(desk.incident(), signed=10 * S)
    assert tables(bulletin(desk.actor("gus"), week_start=MONDAY))["sign"].rows[0].compared == "alone"


@pytest.mark.django_db
def test_the_button_is_held_against_the_position(desk: Desk):
    incident = desk.incident()
    desk.sheet(incident, arrived=3 * MIN, inferred=3 * MIN + 60 * S)
    desk.sheet(incident, arrived=3 * MIN, inferred=3 * MIN + 61 * S)
    desk.sheet(incident, arrived=9 * MIN, inferred=3 * MIN)
    desk.sheet(incident, arrived=9 * MIN)
    assert shares(bulletin(desk.actor("gus"), week_start=MONDAY).button) == [2, 1]


@pytest.mark.django_db
def test_unfinished_sheets_are_listed_until_feedback_is_filed(desk: Desk):
    incident = desk.incident()
    open_one = desk.sheet(incident, arrived=2 * MIN, finished=3 * MIN, state="finished")
    desk.sheet(incident, "P-03", state="feedback_done")
    desk.sheet(incident, "P-03", state="refused")
    report = bulletin(desk.actor("gus"), week_start=MONDAY)
    assert [(row.id, row.number, row.unit) for row in report.unfinished] == [(open_one.pk, incident.number, "P-01")]
    assert report.unfinished_count == 1


@pytest.mark.django_db
def test_cleo_reads_her_own_station_only(desk: Desk):
    desk.sheet(desk.incident(side="west"), "P-01", signed=10 * S)
    desk.sheet(desk.incident(side="east"), "P-03", signed=10 * S)
    table = tables(bulletin(desk.actor("cleo"), week_start=MONDAY))["sign"]
    assert [row.organisation.code for row in table.rows] == ["east"]


@pytest.mark.django_db
def test_a_week_goes_from_monday_to_monday_in_local_time(desk: Desk):
    start, end = week_of(date(2026, 3, 8))
    assert (end - start) == timedelta(days=7)
    assert start.isoformat() == "2026-03-02T00:00:00+08:00"
    for at in (start - S, start, end - S, end):
        desk.sheet(desk.incident(at), signed=S)
    assert tables(bulletin(desk.actor("gus"), week_start=date(2026, 3, 8)))["sign"].total.n == 2


# Files


@pytest.mark.django_db
def test_the_files_hold_what_the_page_shows(desk: Desk):
    desk.sheet(desk.incident(), signed=10 * S, state="sent")
    sheets = bulletin_sheets(bulletin(desk.actor("gus"), week_start=MONDAY))
    book = openpyxl.load_workbook(io.BytesIO(sheets_xlsx(sheets)))
    assert len(book.sheetnames) == len(sheets) == 6
    total = [cell.value for cell in book.worksheets[0][2]]
    assert total[1:6] == pytest.approx([1, 1, 1, wilson_interval(1, 1)[0], 1], abs=1e-12)
    lines = list(csv.reader(io.StringIO(sheets_csv(sheets).decode("utf-8-sig"))))
    assert lines[2][1:4] == ["1", "1", "1.0"]
    assert any("P-01" in line for line in lines)


@pytest.mark.parametrize(
    "planted",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u3000＝1", "＋1", "＠x", '=HYPERLINK("http://x","y")'],
)
def test_a_text_that_could_be_a_formula_stays_a_text(planted):
    sheet = Sheet("=name", ["=head"], [[planted, 1, 2.5, None]])
    line = list(csv.reader(io.StringIO(sheets_csv([sheet]).decode("utf-8-sig"), newline="")))[2]
    assert line[0].startswith("'")
    page = openpyxl.load_workbook(io.BytesIO(sheets_xlsx([sheet]))).active
    assert page["A2"].data_type == "s"
    assert page["A2"].value.startswith("'")
    assert (page["B2"].value, page["C2"].value, page["D2"].value) == (1, 2.5, None)


def test_numbers_below_zero_stay_numbers():
    assert cell_safe(-1.5) == -1.5


@given(st.text(max_size=12))
def test_no_text_whatever_begins_like_a_formula(text):
    safe = cell_safe(text)
    assert not str(safe).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert "\x00" not in str(safe)
