"""The call sheet (接警单): what a call taker or a machine hands in, read without ever refusing it.

Whatever can't be read is put beside the sheet with its reason, and the rest is taken.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from anlan.intake.rules import DANGER_LABELS, PRIORITIES, TRACK_LABELS, UNNAMED_DANGER

CHANNELS = ("phone", "sms", "app", "walk_in", "patrol", "device", "partner")
CALL_TYPES = (
    "report", "help", "complaint", "enquiry", "follow_up", "silent", "covert", "prank", "wrong_number", "test",
)  # fmt: skip
DATUMS = ("wgs84", "gcj02", "bd09")
LONGEST = {
    "address_text": 200,
    "reporter_name": 40,
    "reporter_phone": 24,
    "seat": 16,
    "line": 16,
    "recording_ref": 120,
    "source": 32,
    "external_id": 64,
    "reason": 200,
}
RADIUS_AT_MOST_M = 100_000.0
"""A rough place larger than this tells of no place; the widest cell of a telephone network reaches some 35 km."""
PROTECTED = frozenset({"reporter_name", "reporter_phone"})
"""Parts that must not be copied out of the protected table, not even when they can't be read."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class CallSheet:
    """One report. Nothing is mandatory; ``lon, lat`` are in ``datum`` and converted at the door.

    ``danger`` are flags the taker ticked; those found in the text come on top. ``priority`` and ``track``
    set by hand count against a danger only with a ``reason``. ``call_id`` is the ringing call this sheet
    belongs to, ``link_to`` the incident the caller speaks of, ``repeat_of`` the earlier matter that has
    come back. ``source`` with ``external_id`` names the report in another system, for re-imports.
    """

    narrative: str = ""
    address_text: str = ""
    lon: float | None = None
    lat: float | None = None
    place_id: int | None = None
    radius_m: float | None = None
    datum: str = "wgs84"
    channel: str = "phone"
    call_type: str = "report"
    code: str = ""
    priority: str = ""
    track: str = ""
    danger: tuple[str, ...] = ()
    reason: str = ""
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_major: bool = False
    reporter_name: str = ""
    reporter_phone: str = ""
    is_confidential: bool = False
    call_id: int | None = None
    link_to: int | None = None
    repeat_of: int | None = None
    origin: str = ""
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    seat: str = ""
    line: str = ""
    recording_ref: str = ""
    source: str = "live"
    external_id: str | None = None

    @property
    def says_something(self) -> bool:
        """A place or a text: enough to save."""
        return bool(self.narrative.strip() or self.address_text.strip() or self.place_id or self.lon is not None)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a sheet that was put aside: which, why in both languages, and what stood there."""

    field: str
    code: str
    reason_zh: str
    reason_en: str
    raw: str


def sheet_read(raw: Mapping[str, Any]) -> tuple[CallSheet, list[Unreadable]]:
    """A sheet from loose values (JSON, a form, a row), and what of it could not be read. Never raises."""
    values: dict[str, Any] = {}
    aside: list[Unreadable] = []
    known = {each.name for each in fields(CallSheet)}
    for name, value in raw.items():
        if value is None or value == "":
            continue
        if name not in known:
            aside.append(_unreadable(name, "unknown_field", "没有这一栏", "there is no such field", value))
            continue
        try:
            values[name] = _READERS[name](value)
        except (TypeError, ValueError, OverflowError):
            zh, en = _EXPECTED[_READERS[name]]
            aside.append(_unreadable(name, "unreadable", f"读不懂，应为{zh}", f"can't be read; expected {en}", value))
    sheet, more = sheet_clean(CallSheet(**values))
    return sheet, [*aside, *more]


def sheet_clean(sheet: CallSheet) -> tuple[CallSheet, list[Unreadable]]:
    """The sheet as it can be stored: no NUL, nothing overlong, closed lists kept, numbers finite."""
    changes: dict[str, Any] = {}
    aside: list[Unreadable] = []
    for name in _TEXT_FIELDS:
        _clean_text(sheet, name, changes, aside)
    for name, allowed in _CLOSED.items():
        value = getattr(sheet, name)
        if value and value not in allowed:
            changes[name] = _DEFAULTS[name]
            choices = ", ".join(allowed)
            aside.append(_unreadable(name, "not_in_list", f"只能是：{choices}", f"must be one of: {choices}", value))
    _clean_danger(sheet, changes, aside)
    _clean_numbers(sheet, changes, aside)
    return (replace(sheet, **changes) if changes else sheet), aside


def text_storable(text: str) -> str:
    """The text with what no database can hold (NUL, halves of a surrogate pair) replaced by U+FFFD.

    Everything else, right-to-left marks and control characters included, stays exactly as it came.
    """
    return _UNSTORABLE.sub("\ufffd", text)


def _clean_text(sheet: CallSheet, name: str, changes: dict[str, Any], aside: list[Unreadable]) -> None:
    value = getattr(sheet, name)
    if not value:
        return
    kept = text_storable(value)
    if kept != value:
        changes[name] = kept
        zh, en = (
            "含有无法保存的字符（NUL 或半个字符），已替换",
            "holds characters that can't be stored (NUL, half a character); they were replaced",
        )
        aside.append(_unreadable(name, "unstorable_characters", zh, en, value))
    longest = LONGEST.get(name)
    if longest is not None and len(kept) > longest:
        changes[name] = kept[:longest]
        zh, en = f"超过{longest}个字，已截短", f"longer than {longest} characters; it was cut"
        aside.append(_unreadable(name, "too_long", zh, en, value))


def _clean_danger(sheet: CallSheet, changes: dict[str, Any], aside: list[Unreadable]) -> None:
    """A flag nobody knows is danger all the same; only the word goes aside, for flags are told in events."""
    unknown = [flag for flag in sheet.danger if flag not in DANGER_LABELS]
    if unknown:
        known = (flag if flag in DANGER_LABELS else UNNAMED_DANGER for flag in sheet.danger)
        changes["danger"] = tuple(dict.fromkeys(known))
        choices = ", ".join(DANGER_LABELS)
        zh = f"不是已知的危险标记，仍按有危险处理；可选：{choices}"
        en = f"no known danger flag; it counts as danger all the same. Known are: {choices}"
        aside.append(_unreadable("danger", "not_in_list", zh, en, unknown))


def _clean_numbers(sheet: CallSheet, changes: dict[str, Any], aside: list[Unreadable]) -> None:
    for name in ("lon", "lat", "radius_m"):
        value = getattr(sheet, name)
        if value is not None and not math.isfinite(value):
            changes[name] = None
            aside.append(_unreadable(name, "not_a_number", "不是有效的数", "is not a finite number", value))
    lon, lat = changes.get("lon", sheet.lon), changes.get("lat", sheet.lat)
    if (lon is None) != (lat is None):
        changes["lon"] = changes["lat"] = None
        zh, en = "经度和纬度缺了一个", "longitude without latitude, or the other way round"
        aside.append(_unreadable("lon", "half_a_point", zh, en, {"lon": lon, "lat": lat}))
    radius = changes.get("radius_m", sheet.radius_m)
    if radius is not None and radius < 0:
        changes["radius_m"] = None
        aside.append(_unreadable("radius_m", "negative", "半径不能为负", "a radius can't be negative", radius))
    elif radius is not None and radius > RADIUS_AT_MOST_M:
        changes["radius_m"] = None
        km = int(RADIUS_AT_MOST_M / 1000)
        zh, en = f"半径超过{km}公里，说明不了位置", f"a radius beyond {km} km tells of no place"
        aside.append(_unreadable("radius_m", "too_large", zh, en, radius))


def _unreadable(name: str, code: str, zh: str, en: str, value: Any) -> Unreadable:
    if name in PROTECTED:
        raw = f"({len(str(value))} characters, not copied)"
    else:
        raw = json.dumps(value, ensure_ascii=True, default=str)
    return Unreadable(name, code, zh, en, raw)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise TypeError


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value)


def _id(value: Any) -> int:
    number = int(_number(value))
    if not 0 < number < 2**63:
        raise ValueError
    return number


def _claim(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in {"1", "true", "yes", "on", "是"}:
        return True
    if word in {"0", "false", "no", "off", "否"}:
        return False
    raise ValueError


def _instant(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else parse_datetime(_text(value).strip())
    if found is None or found.tzinfo is None:
        raise ValueError
    # Here and not when it is stored: a day at the edge of the calendar must not cost the report.
    return found.astimezone(UTC)


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part for part in value.replace(",", " ").split() if part)
    if isinstance(value, Sequence):
        return tuple(dict.fromkeys(_text(part) for part in value))
    raise TypeError


def _tags(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise TypeError
    return {_text(name): _words([v] if isinstance(v, str) else v) for name, v in value.items()}


_TEXT_FIELDS = (
    "narrative", "address_text", "reporter_name", "reporter_phone", "seat", "line", "recording_ref", "source",
    "external_id", "reason", "code",
)  # fmt: skip
_CLOSED: dict[str, tuple[str, ...]] = {
    "datum": DATUMS,
    "channel": CHANNELS,
    "call_type": CALL_TYPES,
    "priority": PRIORITIES,
    "track": tuple(TRACK_LABELS),
}
_DEFAULTS = {each.name: each.default for each in fields(CallSheet)}
_READERS: dict[str, Any] = dict.fromkeys((each.name for each in fields(CallSheet)), _text) | {
    "lon": _number,
    "lat": _number,
    "radius_m": _number,
    "place_id": _id,
    "call_id": _id,
    "link_to": _id,
    "repeat_of": _id,
    "is_major": _claim,
    "is_confidential": _claim,
    "danger": _words,
    "tags": _tags,
    "occurred_from": _instant,
    "occurred_to": _instant,
}
_EXPECTED: dict[Any, tuple[str, str]] = {
    _text: ("文字", "a text"),
    _number: ("数字", "a number"),
    _id: ("编号", "the number of a record"),
    _claim: ("是或否", "yes or no"),
    _words: ("一组词", "a list of words"),
    _tags: ("维度与取值", "dimensions with their values"),
    _instant: (
        "带时区的时间，如 2026-03-02T09:00:00+08:00",
        "a time with its zone, such as 2026-03-02T09:00:00+08:00",
    ),
}
