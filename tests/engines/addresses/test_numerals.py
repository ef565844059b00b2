"""House numbers are read however they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.addresses.numerals import digits_before, parse_numeral

DIGITS = "零一二三四五六七八九"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("三百二十一", 321),
        ("一二〇", 120),
        ("十", 10),
        ("十二", 12),
        ("一百零五", 105),
        ("三百二", 320),
        ("廿三", 23),
        ("幺零三", 103),
        ("两千五", 2500),
        ("３２", 32),
        ("０１２", 12),
    ],
)
def test_numbers_as_people_write_them(written: str, value: int) -> None:
    assert parse_numeral(written) == value


@pytest.mark.parametrize("text", ["", "百", "二二十", "十百", "路", "12a", "三百千"])
def test_what_is_no_number_is_not_guessed(text: str) -> None:
    assert parse_numeral(text) is None


def by_place(number: int) -> str:
    """The full reading of 1..9999, written independently of the parser."""
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = bool(text)
    return text


@given(st.integers(1, 9999))
def test_every_number_is_read_back_from_both_ways_of_saying_it(number: int) -> None:
    assert parse_numeral(by_place(number)) == number
    assert parse_numeral("".join(DIGITS[int(d)] for d in str(number))) == number


def test_only_numbers_before_a_counter_are_rewritten() -> None:
    assert digits_before("三溪大道三百二十一号第十二幢", "号|幢") == "三溪大道321号第12幢"


@given(st.text(max_size=200))
def test_any_text_passes_through(text: str) -> None:
    assert isinstance(digits_before(text, "号"), str)
