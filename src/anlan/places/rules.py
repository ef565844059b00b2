"""What may be noted about a place, and for how long."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

NOTE_KEPT_AT_MOST = timedelta(days=365)
DWELLING_NOTE_KEPT_AT_MOST = timedelta(days=90)
NOTES_WITHIN_M = 60.0
PLACE_CONFIDENT = 0.75

_PEOPLE = re.compile(
    r"住户|户主|租客|房东|业主|居民|老人|老头|老太|小孩|男子|女子|男的|女的|夫妻|丈夫|妻子|儿子|女儿|他|她|"
    r"精神病|疯|吸毒|前科|有案底|酗酒|脾气|暴力倾向|艾滋|肝炎|残疾|"
    r"\b(?:he|she|his|her|tenant|owner|occupant|resident|man|woman|drunk|addict|mental|violent|convict)\w*\b"
    r"|1\d{10}|\d{17}[\dXx]",
    re.IGNORECASE,
)


def word_about_people(text: str) -> str | None:
    """The first word in ``text`` that speaks of occupants instead of the place, or None."""
    found = _PEOPLE.search(unicodedata.normalize("NFKC", text))
    return found.group(0) if found else None


def note_kept_at_most(*, is_dwelling: bool) -> timedelta:
    """Notes run out: twelve months, and ninety days for a dwelling."""
    return DWELLING_NOTE_KEPT_AT_MOST if is_dwelling else NOTE_KEPT_AT_MOST
