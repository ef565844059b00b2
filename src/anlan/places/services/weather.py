"""What a weather feed hands in: measurements, forecasts as issued, warnings. A repetition changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.services import event_record, row_quarantine
from anlan.places import events
from anlan.places.models import WeatherReading, WeatherWarning
from anlan.places.rules import (
    FORECAST_REACH,
    WARNING_LASTS,
    WEATHER_BOUNDS,
    WEATHER_FUTURE,
    WEATHER_ROWS_MAX,
    weather_problem,
)

REASONS = {
    "empty": ("没有任何气象要素", "There is no figure in it."),
    "future": ("时间晚于服务器时间，请校准时钟和时区", "It is dated in the future. Check clock and time zone."),
    "order": ("预报时刻早于发布时刻或超过 15 天", "The hour lies before the issue, or more than 15 days after it."),
    "temperature_c": ("气温不可能，单位应为摄氏度", "No such temperature. The unit is degrees Celsius."),
    "rain_mm_h": ("雨强不可能，单位应为毫米/小时", "No such rain. The unit is millimetres an hour."),
    "wind_mps": ("风速不可能，单位应为米/秒", "No such wind. The unit is metres a second."),
    "visibility_m": ("能见度不可能，单位应为米", "No such visibility. The unit is metres."),
    "kind": ("未知的预警种类或级别", "Nobody here knows this kind or level of warning."),
    "times": ("预警结束早于开始", "The warning ends before it starts."),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One row: ``valid_at`` is when it is measured or meant for; ``issued_at`` is set for a forecast."""

    valid_at: datetime
    issued_at: datetime | None = None
    spot: str = ""
    lon: float | None = None
    lat: float | None = None
    temperature_c: float | None = None
    rain_mm_h: float | None = None
    wind_mps: float | None = None
    visibility_m: float | None = None

    @property
    def form(self) -> str:
        return WeatherReading.Form.FORECAST.value if self.issued_at else WeatherReading.Form.OBSERVED.value

    @property
    def figures(self) -> dict[str, float | None]:
        return {name: getattr(self, name) for name in WEATHER_BOUNDS}


@dataclass(frozen=True, slots=True)
class WarningTold:
    """A warning by its number at the source; ``is_lifted`` ends it before its time."""

    number: str
    kind: str
    level: str
    issued_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    spot: str = ""
    text: str = ""
    is_lifted: bool = False


@dataclass(slots=True)
class WeatherTaken:
    """What became of a report; rows put aside stand in quarantine with their reason."""

    taken: int = 0
    repeated: int = 0
    put_aside: int = 0
    warnings: int = 0
    lifted: int = 0
    reasons: list[str] = field(default_factory=list)


@transaction.atomic
def weather_take(
    *,
    source: str,
    readings: Sequence[Reading],
    warnings: Sequence[WarningTold],
    by: Actor,
    at: datetime,
    is_synthetic: bool = False,
) -> WeatherTaken:
    """Keep a report of one source. Impossible rows are put aside with their reason, the rest is taken.

    Told twice, a measurement or forecast is counted as repeated; a warning with a known number is brought up to
    date. Raises ``BadInput`` without a source or beyond 500 rows.
    """
    if not 0 < len(source) <= 64:
        raise BadInput(field="source", problem=source[:80])
    if len(readings) + len(warnings) > WEATHER_ROWS_MAX:
        raise BadInput(field="rows", problem=f"{len(readings) + len(warnings)} > {WEATHER_ROWS_MAX}")
    told = WeatherTaken()
    good = [row for row in readings if not _put_aside(_reading_problem(row, at), row, source, told, at)]
    _readings_keep(good, source, told, is_synthetic=is_synthetic, at=at)
    for warning in warnings:
        if not _put_aside(_warning_problem(warning, at), warning, source, told, at):
            _warning_keep(warning, source, told, is_synthetic=is_synthetic, by=by, at=at)
    if told.taken:
        last = WeatherReading.objects.filter(source=source).latest("pk")
        event_record(events.WEATHER_TAKEN, subject=last, by=by, at=at, source=source, n=told.taken)
    return told


def _reading_problem(row: Reading, at: datetime) -> str | None:
    if row.issued_at is None:
        if row.valid_at > at + WEATHER_FUTURE:
            return "future"
    elif row.issued_at > at + WEATHER_FUTURE:
        return "future"
    elif not row.issued_at <= row.valid_at <= row.issued_at + FORECAST_REACH:
        return "order"
    return weather_problem(row.figures)


def _warning_problem(row: WarningTold, at: datetime) -> str | None:
    if row.kind not in WeatherWarning.Kind.values or row.level not in WeatherWarning.Level.values:
        return "kind"
    if row.issued_at > at + WEATHER_FUTURE:
        return "future"
    starts = row.starts_at or row.issued_at
    return "times" if row.ends_at is not None and row.ends_at <= starts else None


def _put_aside(problem: str | None, row: Any, source: str, told: WeatherTaken, at: datetime) -> bool:
    if problem is None:
        return False
    zh, en = REASONS[problem]
    raw = json.dumps(asdict(row), ensure_ascii=False, default=str)
    row_quarantine(source=f"weather/{source}", raw=raw, code=f"weather_{problem}", reason_zh=zh, reason_en=en, at=at)
    told.put_aside += 1
    if problem not in told.reasons:
        told.reasons.append(problem)
    return True


def _readings_keep(
    rows: Iterable[Reading], source: str, told: WeatherTaken, *, is_synthetic: bool, at: datetime
) -> None:
    rows = list(rows)
    known = set(
        WeatherReading.objects.filter(source=source, valid_at__in={row.valid_at for row in rows}).values_list(
            "spot", "form", "issued_at", "valid_at"
        )
    )
    fresh = {
        key: WeatherReading(
            source=source,
            spot=row.spot,
            form=row.form,
            issued_at=row.issued_at or row.valid_at,
            valid_at=row.valid_at,
            lon=row.lon,
            lat=row.lat,
            received_at=at,
            is_synthetic=is_synthetic,
            **row.figures,
        )
        for row in rows
        if (key := (row.spot, row.form, row.issued_at or row.valid_at, row.valid_at)) not in known
    }
    WeatherReading.objects.bulk_create(fresh.values(), ignore_conflicts=True, batch_size=500)
    told.taken, told.repeated = len(fresh), len(rows) - len(fresh)


def _warning_keep(
    row: WarningTold, source: str, told: WeatherTaken, *, is_synthetic: bool, by: Actor, at: datetime
) -> None:
    starts = row.starts_at or row.issued_at
    held, is_new = WeatherWarning.objects.get_or_create(
        source=source,
        number=row.number[:64],
        defaults={
            "kind": row.kind,
            "level": row.level,
            "spot": row.spot,
            "text": row.text[:200],
            "issued_at": row.issued_at,
            "starts_at": starts,
            "ends_at": row.ends_at or starts + WARNING_LASTS,
            "received_at": at,
            "is_synthetic": is_synthetic,
        },
    )
    kind = _news(held, row, starts, told, is_new=is_new, at=at)
    if kind:
        event_record(
            kind,
            subject=held,
            by=by,
            at=at,
            org_ids=_everybody(),
            warning_kind=row.kind,
            level=row.level,
            source=source,
        )


def _news(
    held: WeatherWarning, row: WarningTold, starts: datetime, told: WeatherTaken, *, is_new: bool, at: datetime
) -> str:
    """The event that tells of this warning; empty when it says nothing new."""
    if row.is_lifted:
        if not WeatherWarning.objects.filter(pk=held.pk, lifted_at=None).update(lifted_at=at):
            return ""
        told.lifted += 1
        return events.WARNING_LIFTED
    changed = {} if is_new else _changed(held, row, starts)
    if changed:
        WeatherWarning.objects.filter(pk=held.pk).update(**changed)
    if not is_new and not changed:
        return ""
    told.warnings += 1
    return events.WARNING_ISSUED


def _changed(held: WeatherWarning, row: WarningTold, starts: datetime) -> dict[str, Any]:
    """What the source now says differently of a warning it told before."""
    said = {"level": row.level, "text": row.text[:200], "starts_at": starts}
    if row.ends_at is not None:
        said["ends_at"] = row.ends_at
    return {name: value for name, value in said.items() if getattr(held, name) != value}


def _everybody() -> list[int]:
    """Every desk is told of a warning: the weather asks for nobody's rights."""
    return list(Organisation.objects.filter(is_active=True).values_list("pk", flat=True))
