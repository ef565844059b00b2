"""One row of another system, read with a mapping, becomes a past incident - or a reason why not."""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from anlan.engines.geo import (
    Bounds,
    CoordinateFinding,
    bd09_to_wgs84,
    coordinates_check,
    gcj02_to_wgs84,
)
from anlan.intake.services.history import HistoryIncident
from anlan.integrations.imports.mapping import Mapping
from anlan.tagging.selectors import OTHER, external_code, is_type

EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day number has no zone of its own
EXCEL_DAYS = range(10_000, 100_000)
"""Day numbers from 1927 to 2173; smaller and larger numbers are no dates of calls."""
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y年%m月%d日%H:%M:%S",
    "%Y年%m月%d日%H:%M",
    "%Y年%m月%d日%H时%M分%S秒",
    "%Y年%m月%d日%H时%M分",
    "%Y年%m月%d日",
)
DIGIT_FORMATS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
EMPTY_WORDS = frozenset({"", "-", "--", "—", "/", "\\", "null", "none", "nan", "n/a", "#n/a", "无", "空", "(null)"})
"""What systems write where they have nothing."""
NARRATIVE_MAX_CHARS = 4_000_000
MINUTES_MAX = 60 * 24 * 3660
ON_EARTH = Bounds(west=-180.0, south=-90.0, east=180.0, north=90.0)
WRONG_PLACE = {
    CoordinateFinding.SWAPPED: ("经纬度写反", "longitude and latitude are swapped"),
    CoordinateFinding.NOT_ON_EARTH: ("坐标不在地球上", "the coordinates are not on earth"),
    CoordinateFinding.OUTSIDE_BOUNDS: ("坐标在辖区之外", "the coordinates lie outside the area"),
}


class RowRefused(Exception):
    """A row that can't be taken as it is, with a code and the reason in both languages."""

    def __init__(self, code: str, reason_zh: str, reason_en: str) -> None:
        super().__init__(code)
        self.code, self.reason_zh, self.reason_en = code, reason_zh, reason_en


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing: empty, blank, or one of the words systems write for that."""
    if isinstance(value, str):
        return unicodedata.normalize("NFKC", value).strip().lower() in EMPTY_WORDS
    return value is None or (isinstance(value, float) and math.isnan(value))


def instant(value: Any, zone: ZoneInfo, *, formats: tuple[str, ...] = ()) -> datetime | None:
    """An instant in UTC from what a file may hold: a datetime, a text, an Excel day number; None if empty.

    Raises ``RowRefused`` for what can't be read as a time.
    """
    if is_empty(value):
        return None
    try:
        found = _moment(value, formats)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 1970 <= found.year <= 2100:
        shown = str(value)[:40]
        raise RowRefused("time", f"时间“{shown}”无法识别", f"the time “{shown}” can't be read")
    # In UTC at once: two wall-clock times of one zone are an hour off around a clock change.
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _moment(value: Any, formats: tuple[str, ...]) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone is set by the caller
    told = _whole(unicodedata.normalize("NFKC", str(value)).strip())
    given = _first_that_fits(told, formats)
    if given is not None or not told:
        return given
    if told.replace(".", "", 1).isdecimal():
        return _from_digits(told)
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return _first_that_fits(re.sub(r"(?<=日)\s+", "", re.sub(r"\s+", " ", told)), TIME_FORMATS)


def _first_that_fits(told: str, formats: Iterable[str]) -> datetime | None:
    for pattern in formats:
        try:
            return datetime.strptime(told, pattern)  # noqa: DTZ007 - the zone is set by the caller
        except ValueError:
            continue
    return None


def _from_digits(told: str) -> datetime | None:
    """A number: 20260301083000, or a day of Excel with its fraction (rounded to the second)."""
    if told.isdecimal() and len(told) in DIGIT_FORMATS:
        return _first_that_fits(told, (DIGIT_FORMATS[len(told)],))
    days = float(told)
    return EXCEL_EPOCH + timedelta(seconds=round(days * 86_400)) if int(days) in EXCEL_DAYS else None


def number(value: Any) -> float | None:
    """A number, full-width digits included; None for what is empty or no number."""
    if is_empty(value):
        return None
    try:
        found = float(unicodedata.normalize("NFKC", str(value)).strip())
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def count_of(value: Any) -> int:
    """How many: 0 when empty. Raises ``RowRefused`` for what is no whole number from 0 to 9999."""
    found = number(value)
    if found is None and is_empty(value):
        return 0
    if found is None or not 0 <= found <= 9999 or found != int(found):
        raise RowRefused("count", f"人数“{str(value)[:40]}”无法识别", f"the number “{str(value)[:40]}” can't be read")
    return int(found)


def text(value: Any, limit: int) -> str:
    """A text without what a database can't hold, cut to ``limit`` characters."""
    return "" if value is None else _whole(str(value)).replace("\x00", "").strip()[:limit]


def _whole(told: str) -> str:
    """Excel keeps 1001 as 1001.0 at times; a number is meant."""
    return told[:-2] if told.endswith(".0") and told[:-2].isdecimal() else told


def code_text(value: Any, limit: int) -> str:
    """A number or sign that names something: narrow digits, and a hash where it is longer than ``limit``.

    Cutting would make two different numbers one.
    """
    if is_empty(value):
        return ""
    told = text(unicodedata.normalize("NFKC", str(value)), 10_000)
    return told if len(told) <= limit else f"x:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:32]}"


def history_incident(fields: dict[str, Any], mapping: Mapping) -> HistoryIncident:
    """A past incident from one row.

    Raises ``RowRefused`` when it lacks a time, its place is wrong, or something came before the report.
    """
    get = mapping.value
    received = moment(fields, "received_at", mapping)
    if received is None:
        raise RowRefused("no_time", "缺少报警时间", "there is no time of the report")
    lon, lat = place(get(fields, "lon"), get(fields, "lat"), mapping)
    sent = after(received, get(fields, "minutes_to_sent")) or moment(fields, "sent_at", mapping)
    arrived = after(received, get(fields, "minutes_to_arrived")) or moment(fields, "arrived_at", mapping)
    closed = moment(fields, "closed_at", mapping)
    later = [told for told in (sent, arrived, closed) if told is not None]
    if any(told < received for told in later):
        raise RowRefused("times", "派警、到达或办结时间早于报警时间", "something bears a time before the report")
    return HistoryIncident(
        source=mapping.name,
        external_id=code_text(get(fields, "external_id"), 64) or row_digest(fields),
        code=code_of(get(fields, "code"), mapping),
        received_at=received,
        closed_at=closed or max([received, *later]),
        narrative=text(get(fields, "narrative"), NARRATIVE_MAX_CHARS),
        address_text=text(get(fields, "address"), 200),
        lon=lon,
        lat=lat,
        origin=mapping.origins.get(text(get(fields, "origin"), 64), "citizen"),
        channel=mapping.channels.get(text(get(fields, "channel"), 64), "phone"),
        first_sent_at=sent,
        first_arrived_at=arrived,
    )


def moment(fields: dict[str, Any], ours: str, mapping: Mapping) -> datetime | None:
    """One of our times from a row, read as the mapping says; None if empty."""
    return instant(mapping.value(fields, ours), mapping.timezone, formats=mapping.time_formats)


def after(start: datetime, minutes: Any) -> datetime | None:
    """The moment some minutes after ``start``; None if empty. Raises ``RowRefused`` for no number or years."""
    if is_empty(minutes):
        return None
    wait = number(minutes)
    if wait is None or abs(wait) > MINUTES_MAX:
        shown = str(minutes)[:40]
        raise RowRefused("minutes", f"分钟数“{shown}”无法识别", f"the minutes “{shown}” can't be read")
    return start + timedelta(minutes=wait)


def place(lon: Any, lat: Any, mapping: Mapping) -> tuple[float | None, float | None]:
    """WGS 84 ``lon, lat`` converted at the door; ``(None, None)`` where the row has none.

    Raises ``RowRefused`` for half a place, for what is no number, and for places that can't be right.
    """
    if is_empty(lon) and is_empty(lat):
        return None, None
    x, y = number(lon), number(lat)
    if x is None or y is None:
        shown = f"{str(lon)[:20]}, {str(lat)[:20]}"
        raise RowRefused("place_unreadable", f"坐标“{shown}”无法识别", f"the place “{shown}” can't be read")
    finding = coordinates_check(x, y, bounds=mapping.bounds or ON_EARTH)
    if finding in WRONG_PLACE:
        zh, en = WRONG_PLACE[finding]
        raise RowRefused(f"place_{finding}", f"{zh}（{x}, {y}）", f"{en} ({x}, {y})")
    if finding is not CoordinateFinding.OK:
        return None, None
    if mapping.datum == "gcj02":
        x, y = (float(v) for v in gcj02_to_wgs84(x, y))
    elif mapping.datum == "bd09":
        x, y = (float(v) for v in bd09_to_wgs84(x, y))
    return x, y


def code_of(theirs: Any, mapping: Mapping) -> str:
    """Our code for their type: the mapping file's entry, what somebody said it means, one of ours, or "other"."""
    key = code_text(theirs, 64)
    if key in mapping.codes:
        return mapping.codes[key]
    if (said := external_code(mapping.name, key)) is not None and is_type(said):
        return said
    if not mapping.codes and is_type(key):
        return key
    return mapping.codes.get("*", OTHER)


def row_digest(fields: dict[str, Any]) -> str:
    """A row without a number of its own is known by what it says."""
    body = json.dumps(fields, sort_keys=True, ensure_ascii=False, default=str)
    return "h:" + hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()[:32]
