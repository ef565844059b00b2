"""The parts around a name are read as they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.addresses import AddressParts, normalise, read_parts


def parts(text: str) -> AddressParts:
    return read_parts(normalise(text))


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("三百二十一号", "number", 321),
        ("67号", "number", 67),
        ("88弄3幢", "number", 88),
        ("88弄3幢", "building", "3"),
        ("9号之2", "number_suffix", "2"),
        ("A座", "building", "a"),
        ("12号楼", "building", "12"),
        ("12号楼", "number", None),
        ("7幢1单元502", "unit", "1"),
        ("7幢1单元502", "room", "502"),
        ("３-１-９０１", "building", "3"),
        ("３-１-９０１", "room", "901"),
        ("３-９０１", "room", "901"),
        ("小区３楼", "floor", "3"),
        ("一组", "group", 1),
        ("4公里处", "km", 4.0),
        ("K12+300", "km", 12.3),
        ("4公里又200米", "km", 4.2),
        ("往东50米", "offset_m", 50.0),
        ("往东50米", "direction", "东"),
        ("西北方向约200米", "direction", "西北"),
        ("对面", "relation", "opposite"),
        ("路口", "junction", True),
        ("7号厂房", "number", None),
    ],
)
def test_each_part_is_read(text: str, field: str, value: object) -> None:
    assert getattr(parts(text), field) == value


def test_nothing_said_is_nothing_read() -> None:
    assert parts("") == AddressParts()


def test_an_amount_of_people_or_money_is_no_address() -> None:
    told = parts("有3000元，来了5个人")
    assert (told.number, told.building, told.group, told.room) == (None, "", None, "")


@given(st.text(max_size=300))
def test_any_text_can_be_read_and_written_in_one_way(text: str) -> None:
    once = normalise(text)
    assert isinstance(read_parts(once), AddressParts)
