"""One row of another system, read with a mapping, becomes a past incident - or a reason why not."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from anlan.engines.geo import (
    CoordinateFinding,
    bd09_to_wgs84,
    coordinates_check,
    gcj02_to_wgs84,
)
from anlan.intake.services.history import HistoryIncident
from anlan.integrations.imports.mapping import Mapping

EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day number has no zone of its own
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日%H时%M分%S秒",
    "%Y年%m月%d日%H时%M分",
    "%Y%m%d%H%M%S",
)
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


def instant(value: Any, zone: ZoneInfo, *, formats: tuple[str, ...] = ()) -> datetime | None:
    """An aware instant from what a file may hold: a datetime, a text, an Excel day number; None if empty.

    Raises ``RowRefused`` for what can't be read as a time.
    """
    if value is None or value == "":
        return None
    found = _moment(value, formats)
    if found is None or not 1970 <= found.year <= 2100:
        shown = str(value)[:40]
        raise RowRefused("time", f"时间“{shown}”无法识别", f"the time “{shown}” can't be read")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _moment(value: Any, formats: tuple[str, ...]) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone is set by the caller
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if isinstance(value, int | float) or (text.replace(".", "", 1).isdigit() and len(text.split(".")[0]) == 5):
        return EXCEL_EPOCH + timedelta(days=float(text))
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in (*formats, *TIME_FORMATS):
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is set by the caller
        except ValueError:
            continue
    return None


def number(value: Any) -> float | None:
    """A number, full-width digits included; None for what is empty or no number."""
    if value is None or value == "":
        return None
    try:
        found = float(unicodedata.normalize("NFKC", str(value)).strip())
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def text(value: Any, limit: int) -> str:
    """A text without what a database can't hold, cut to ``limit``."""
    return "" if value is None else str(value).replace("\x00", "").strip()[:limit]


def history_incident(fields: dict[str, Any], mapping: Mapping) -> HistoryIncident:
    """A past incident from one row. Raises ``RowRefused`` when it lacks a time or its place is wrong."""
    zone, get = mapping.timezone, mapping.value
    received = instant(get(fields, "received_at"), zone, formats=mapping.time_formats)
    if received is None:
        raise RowRefused("no_time", "缺少报警时间", "there is no time of the report")
    lon, lat = place(get(fields, "lon"), get(fields, "lat"), mapping)
    sent = after(received, get(fields, "minutes_to_sent"), get(fields, "sent_at"), zone)
    arrived = after(received, get(fields, "minutes_to_arrived"), get(fields, "arrived_at"), zone)
    closed = instant(get(fields, "closed_at"), zone)
    ends = [moment for moment in (received, sent, arrived, closed) if moment is not None]
    return HistoryIncident(
        source=mapping.name,
        external_id=text(get(fields, "external_id"), 64) or fingerprint(fields),
        code=code_of(get(fields, "code"), mapping),
        received_at=received,
        closed_at=closed or max(ends),
        narrative=text(get(fields, "narrative"), 100_000),
        address_text=text(get(fields, "address"), 200),
        lon=lon,
        lat=lat,
        origin=str(mapping.origins.get(str(get(fields, "origin") or ""), "citizen")),
        channel=text(get(fields, "channel"), 8) or "phone",
        first_sent_at=sent,
        first_arrived_at=arrived,
    )


def after(start: datetime, minutes: Any, absolute: Any, zone: ZoneInfo) -> datetime | None:
    """A later moment given as minutes after ``start`` or as a time of its own."""
    wait = number(minutes)
    return start + timedelta(minutes=wait) if wait is not None else instant(absolute, zone)


def place(lon: Any, lat: Any, mapping: Mapping) -> tuple[float | None, float | None]:
    """WGS 84 ``lon, lat`` converted at the door; ``(None, None)`` where the row has none."""
    x, y = number(lon), number(lat)
    if x is None or y is None:
        return None, None
    if mapping.bounds is not None:
        finding = coordinates_check(x, y, bounds=mapping.bounds)
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
    """Our code for their type: the mapping's entry, a code of ours as it stands, or "other"."""
    key = text(theirs, 64)
    if key in mapping.codes:
        return mapping.codes[key]
    if not mapping.codes and len(key) == 4 and key.isdigit():
        return key
    return mapping.codes.get("*", "9901")


def fingerprint(fields: dict[str, Any]) -> str:
    """A row without a number of its own is known by what it says."""
    body = json.dumps(fields, sort_keys=True, ensure_ascii=False, default=str)
    return "h:" + hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()[:32]
