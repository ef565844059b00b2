"""One row: times in any usual writing, places in any datum, numbers as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.core.actor import SYSTEM
from anlan.engines.geo import distance_m, wgs84_to_bd09, wgs84_to_gcj02
from anlan.integrations.imports.convert import (
    RowRefused,
    code_of,
    code_text,
    count_of,
    history_incident,
    instant,
    number,
    place,
    row_digest,
    text,
)
from anlan.integrations.imports.mapping import mapping_of
from anlan.tagging.services import external_code_map
from integrations.files import COUNTY
from world import T0

SHANGHAI = ZoneInfo("Asia/Shanghai")
HALF_PAST_EIGHT = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
PLAIN = {"name": "t", "columns": {"received_at": "t"}, "codes": {"*": "9901"}}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-02 08:30:00",
        "2026-03-02T08:30:00",
        "2026-03-02T08:30:00+08:00",
        "2026-03-02T00:30:00Z",
        "2026-3-2 8:30",
        "2026/03/02 08:30:00",
        "2026/3/2 8:30",
        "2026.3.2 8:30",
        "2026年3月2日 8:30",
        "2026年03月02日8时30分00秒",
        "2026年3月2日 8时30分",
        "２０２６－０３－０２　０８：３０：００",
        "２０２６年３月２日８时３０分",
        "20260302083000",
        "202603020830",
        20260302083000,
        " 2026-03-02  08:30:00 ",
        "46083.354166666664",
        "46083.35417",
        46083.354166666664,
        datetime(2026, 3, 2, 8, 30),  # noqa: DTZ001 - a cell of Excel has no zone
        datetime(2026, 3, 2, 0, 30, tzinfo=UTC),
    ],
    ids=str,
)
def test_half_past_eight_is_read_however_it_is_written(told):
    found = instant(told, SHANGHAI)
    assert abs(found - HALF_PAST_EIGHT) <= timedelta(seconds=1)
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize("told", ["2026-03-02", "20260302", "2026/3/2", "2026年3月2日", 46083, date(2026, 3, 2)])
def test_a_day_alone_begins_at_midnight_there(told):
    assert instant(told, SHANGHAI) == datetime(2026, 3, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize("told", [None, "", "  ", "NULL", "无", "-", "N/A", float("nan")])
def test_nothing_is_no_time(told):
    assert instant(told, SHANGHAI) is None


@pytest.mark.parametrize(
    "told",
    [
        *[
            "昨天",
            "2026-13-01 08:00",
            "2026-02-30",
            "25:00",
            "1e12",
            "99999999999999",
            1e300,
            -5,
            12,
            True,
            "1899-12-31",
        ],
        *["3026-03-02 08:30", "2026030208", float("inf"), timedelta(hours=8), "١٢", "\x00", "0" * 10_000],
    ],
    ids=repr,
)
def test_what_is_no_time_is_refused_in_both_languages(told):
    with pytest.raises(RowRefused) as caught:
        instant(told, SHANGHAI)
    assert "无法识别" in caught.value.reason_zh
    assert "can't be read" in caught.value.reason_en
    assert len(caught.value.reason_zh) < 100


def test_a_format_of_the_mapping_goes_before_the_usual_ones():
    assert instant("02.03.2026 08h30", SHANGHAI, formats=("%d.%m.%Y %Hh%M",)) == HALF_PAST_EIGHT


def test_minutes_are_minutes_also_in_the_night_the_clocks_go_back():
    told = {**PLAIN, "timezone": "America/Los_Angeles"}
    told["columns"] = {"received_at": "t", "minutes_to_arrived": "m"}
    past = history_incident({"t": "2021-11-07 01:50:00", "m": 20}, mapping_of(told))
    assert past.first_arrived_at - past.received_at == timedelta(minutes=20)
    assert past.received_at == datetime(2021, 11, 7, 8, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("1.5", 1.5),
        ("１２．５", 12.5),
        (3, 3.0),
        (" 7 ", 7.0),
        ("", None),
        ("七", None),
        ("1e999", None),
        (None, None),
    ],
)
def test_numbers_are_read_full_width_too(told, value):
    assert number(told) == value


@pytest.mark.parametrize("told", ["-1", "1e9", "1.5", "许多", "１００００"])
def test_a_count_of_people_is_a_small_whole_number(told):
    assert count_of("３") == 3
    assert count_of("") == 0
    with pytest.raises(RowRefused):
        count_of(told)


def test_numbers_that_name_something_are_one_however_they_are_typed():
    assert (
        code_text("１００１", 64) == code_text(1001, 64) == code_text(1001.0, 64) == code_text(" 1001 ", 64) == "1001"
    )


def test_two_long_numbers_are_never_cut_to_one():
    first, second = "x" * 70 + "1", "x" * 70 + "2"
    assert code_text(first, 64) != code_text(second, 64)
    assert len(code_text(first, 64)) <= 64


@given(st.text(max_size=300))
def test_a_text_never_holds_what_a_database_refuses(told):
    assert "\x00" not in text(told, 100)
    assert len(text(told, 100)) <= 100


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.datetimes(), st.none(), st.booleans()))
def test_any_cell_is_a_time_no_time_or_refused(told):
    try:
        found = instant(told, SHANGHAI)
    except RowRefused:
        return
    assert found is None or (found.tzinfo is not None and 1969 <= found.year <= 2101)


# Places


def where(lon, lat, **more):
    told = {**PLAIN, "columns": {"received_at": "t", "lon": "x", "lat": "y"}, "bounds": COUNTY, **more}
    return place(lon, lat, mapping_of(told))


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_coordinates_are_set_right_at_the_door(datum):
    shift = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}[datum]
    shifted = [float(value) for value in shift(120.05, 28.90)]
    lon, lat = where(*shifted, datum=datum)
    assert distance_m(*shifted, 120.05, 28.90) > 300
    assert distance_m(lon, lat, 120.05, 28.90) < 1.0


def test_places_in_wgs84_stay_as_they_are_and_full_width_digits_are_read():
    assert where(120.05, 28.90) == (120.05, 28.90)
    assert where("１２０．０５", "２８．９０") == (120.05, 28.90)


@pytest.mark.parametrize(("lon", "lat"), [("", ""), (None, None), ("NULL", "无"), (0, 0), ("0.0", "0.0")])
def test_no_place_and_the_zero_of_a_receiver_without_a_fix_are_no_place(lon, lat):
    assert where(lon, lat) == (None, None)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (28.90, 120.05, "place_swapped"),
        (121.5, 31.2, "place_outside_bounds"),
        (500_000, 3_100_000, "place_not_on_earth"),
        (120.05, "", "place_unreadable"),
        ("120°3'", "28°54'", "place_unreadable"),
        ("1e999", "28.9", "place_unreadable"),
    ],
)
def test_a_place_that_can_not_be_right_is_refused_with_its_reason(lon, lat, code):
    with pytest.raises(RowRefused) as caught:
        where(lon, lat)
    assert caught.value.code == code


def test_without_bounds_swapped_degrees_of_china_and_metres_are_still_found():
    for lon, lat in ((28.90, 120.05), (500_000, 3_100_000)):
        with pytest.raises(RowRefused):
            where(lon, lat, bounds=None)
    assert where(120.05, 28.90, bounds=None) == (120.05, 28.90)


def test_what_comes_before_the_report_is_refused():
    told = {**PLAIN, "columns": {"received_at": "t", "closed_at": "c", "arrived_at": "a", "minutes_to_sent": "m"}}
    good = {"t": "2026-03-02 08:30", "c": "2026-03-02 10:00", "a": "2026-03-02 08:40", "m": "3"}
    assert history_incident(good, mapping_of(told)).first_sent_at == HALF_PAST_EIGHT + timedelta(minutes=3)
    for bad in ({"c": "2026-03-02 08:29"}, {"a": "2026-03-01 08:40"}, {"m": "-1"}):
        with pytest.raises(RowRefused) as caught:
            history_incident({**good, **bad}, mapping_of(told))
        assert caught.value.code == "times"
    with pytest.raises(RowRefused, match="minutes"):
        history_incident({**good, "m": "1e300"}, mapping_of(told))


def test_a_row_without_a_number_is_known_by_what_it_says():
    one = {"a": "1", "b": "邻居"}
    assert row_digest(one) == row_digest({"b": "邻居", "a": "1"})
    assert row_digest(one) != row_digest({**one, "b": "楼上"})
    assert row_digest({"a": "\udcff"})


def test_a_type_is_read_by_the_mapping_file_then_by_what_was_said_it_means(taxonomy):
    external_code_map(system="t", code="010203", maps_to="0105", by=SYSTEM, at=T0)
    external_code_map(system="t", code="77", maps_to="0105", by=SYSTEM, at=T0)
    mapping = mapping_of(PLAIN | {"codes": {"77": "0402", "*": "9901"}})
    assert [code_of(theirs, mapping) for theirs in ("010203", "77", "0402")] == ["0105", "0402", "9901"]
    assert code_of("0402", mapping_of(PLAIN | {"codes": {}})) == "0402"
