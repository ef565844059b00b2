"""Numbers as people type them: full-width digits, 〇, 三百二十一, 一二〇, 廿三."""

import re
import unicodedata

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TENS = {"廿": "二十", "卅": "三十"}
NUMERAL_CHARS = "零〇一二两三四五六七八九十百千幺廿卅"
_RUN = f"[{NUMERAL_CHARS}]+"


def fold_width(text: str) -> str:
    """The text with full-width digits, letters and signs in their usual width (NFKC)."""
    # 〇 is a numeral letter that NFKC leaves alone; a typed circle is meant as the same.
    return unicodedata.normalize("NFKC", text).replace("○", "〇")


def parse_numeral(text: str) -> int | None:
    """The value of Chinese numerals or of decimal digits; None if it is neither.

    Reads both ways of saying a number: by place (三百二十一, 一百零五, 十二) and digit by
    digit (一二〇, 幺零三). 三百二 is 320, as it is spoken.
    """
    text = fold_width(text)
    if text.isascii() and text.isdigit():
        return int(text)
    for short, long in _TENS.items():
        text = text.replace(short, long)
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    return _by_place(text)


def _by_place(text: str) -> int | None:
    total, digit, last_unit = 0, None, 10_000
    for position, char in enumerate(text):
        if char in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[char]
            continue
        unit = _UNITS[char]
        if unit >= last_unit:
            return None
        # 十二 begins without a digit; 百 and 千 need one.
        if digit is None and not (unit == 10 and position == 0):
            return None
        total += (1 if digit is None else digit) * unit
        digit, last_unit = None, unit
    if digit:
        spoken_short = last_unit > 10 and text[-2] in _UNITS
        total += digit * (last_unit // 10 if spoken_short else 1)
    return total


def digits_before(text: str, units: str) -> str:
    """The text with every numeral that stands before one of `units` written in digits.

    `units` is a regular expression of what may follow, e.g. "号|幢|组". Numerals elsewhere
    (三溪大道, 一下) stay as they are.
    """

    def written(match: re.Match[str]) -> str:
        value = parse_numeral(match[0])
        return match[0] if value is None else str(value)

    return re.sub(f"{_RUN}(?={units})", written, fold_width(text))
