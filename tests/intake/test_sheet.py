"""A call sheet is read, never refused: what can't be read is put aside with its reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.intake.sheet import CallSheet, sheet_clean, sheet_read, text_storable


def asides(raw):
    return {(part.field, part.code) for part in sheet_read(raw)[1]}


def test_a_full_sheet_is_read_whole():
    raw = {
        "narrative": "有人吵架",
        "lon": "120.05",
        "lat": 28.9,
        "danger": "weapon, injury",
        "tags": {"conditions": ["alcohol"], "cause": "debt"},
        "is_major": "true",
        "occurred_from": "2026-03-02T09:00:00+08:00",
        "link_to": "7",
    }
    sheet, aside = sheet_read(raw)
    assert aside == []
    assert (sheet.lon, sheet.lat) == (120.05, 28.9)
    assert sheet.danger == ("weapon", "injury")
    assert sheet.tags == {"conditions": ("alcohol",), "cause": ("debt",)}
    assert sheet.occurred_from == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert (sheet.is_major, sheet.link_to) == (True, 7)


def test_full_width_digits_are_digits():
    assert sheet_read({"lon": "１２０．０５", "lat": "２８．９"})[0].lon == 120.05


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"lon": "abc", "lat": 1}, {("lon", "unreadable"), ("lon", "half_a_point")}),
        ({"lon": 120.1}, {("lon", "half_a_point")}),
        ({"lon": float("nan"), "lat": 28.9}, {("lon", "not_a_number"), ("lon", "half_a_point")}),
        ({"lon": True, "lat": 28.9}, {("lon", "unreadable"), ("lon", "half_a_point")}),
        ({"radius_m": -5}, {("radius_m", "negative")}),
        ({"priority": "P0"}, {("priority", "not_in_list")}),
        ({"channel": "pigeon"}, {("channel", "not_in_list")}),
        ({"occurred_from": "2026-03-02T09:00:00"}, {("occurred_from", "unreadable")}),
        ({"occurred_from": "yesterday"}, {("occurred_from", "unreadable")}),
        ({"link_to": 10**30}, {("link_to", "unreadable")}),
        ({"is_major": "maybe"}, {("is_major", "unreadable")}),
        ({"danger": 5}, {("danger", "unreadable")}),
        ({"tags": ["alcohol"]}, {("tags", "unreadable")}),
        ({"narrative": {"a": 1}}, {("narrative", "unreadable")}),
        ({"colour": "blue"}, {("colour", "unknown_field")}),
        ({"address_text": "长" * 201}, {("address_text", "too_long")}),
    ],
)
def test_a_bad_part_is_put_aside_and_the_rest_is_taken(raw, found):
    sheet, aside = sheet_read({"narrative": "有人吵架"} | raw)
    assert {(part.field, part.code) for part in aside} == found
    assert all(part.reason_zh and part.reason_en for part in aside)
    assert sheet.priority == ""
    assert sheet.channel == "phone"


def test_a_nul_and_half_a_character_are_replaced_and_told():
    sheet, aside = sheet_read({"narrative": "门口\x00有人\ud83d喊"})
    assert sheet.narrative == "门口\ufffd有人\ufffd喊"
    assert [(part.code, part.raw) for part in aside] == [
        ("unstorable_characters", '"\\u95e8\\u53e3\\u0000\\u6709\\u4eba\\ud83d\\u558a"')
    ]


def test_right_to_left_marks_and_control_characters_stay_as_they_came():
    text = "地址\u202eABC\u202c\x07\x1b[31m\r\n\u200f完"
    assert sheet_read({"narrative": text}) == (CallSheet(narrative=text), [])


def test_what_names_the_caller_is_never_copied_out_of_its_table():
    _, aside = sheet_read({"reporter_phone": "1" * 40, "reporter_name": "某" * 50})
    assert {part.raw for part in aside} == {"(40 characters, not copied)", "(50 characters, not copied)"}


def test_a_megabyte_is_a_narrative_like_any_other():
    text = "水管爆了" * 260_000
    assert sheet_read({"narrative": text})[0].narrative == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from([*CallSheet.__dataclass_fields__, "unknown"])


@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_no_json_object_can_break_it(raw):
    sheet, aside = sheet_read(raw)
    assert sheet_clean(sheet) == (sheet, [])
    for part in aside:
        assert part.raw.encode("utf-8")


@given(st.text(alphabet=st.characters(), max_size=50))
def test_every_stored_text_can_be_encoded(text):
    kept = text_storable(text)
    assert len(kept) == len(text)
    assert "\x00" not in kept
    kept.encode("utf-8")
