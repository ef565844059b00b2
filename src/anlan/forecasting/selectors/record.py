"""What a forecast is made from: citizens' reports by place, day and shift, days on record, calendar and weather.

One question to the store for the reports. What the record holds is hashed, so that a forecast names exactly what
it knew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from django.db.models import F, Max, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from numpy.typing import NDArray

from anlan.accounts.models import Organisation
from anlan.core.calendars import office_calendar
from anlan.engines.forecast.grid import Grid, grid_over
from anlan.engines.forecast.history import History, Series, Weather, series_of
from anlan.engines.forecast.record import Record
from anlan.engines.forecast.signs import geocoding_lumps, level_shifts
from anlan.forecasting import rules
from anlan.forecasting.rules import (
    CELL_M,
    DAY_KINDS,
    FAMILIES,
    SHIFT_HOURS,
    SHIFTS,
    Hole,
    days_complete,
    forecast_place,
    holes_in,
)
from anlan.intake.models import Incident
from anlan.places.models import WeatherReading
from anlan.places.selectors import areas_in_force, locate_many
from anlan.tagging.selectors import incident_types

EPOCH = date(1970, 1, 1)
YEARS_BACK = timedelta(days=3 * 366)
"""Older reports than this tell nothing more about tomorrow."""
WEATHER = {"tmax_c": Max("temperature_c"), "prcp_mm": Sum("rain_mm_h")}
AHEAD = timedelta(days=4)
AROUND = timedelta(days=28)
"""So far to either side silence is judged by what usually comes."""


def day_number(day: date) -> int:
    """Days since 1970-01-01, as the engine counts."""
    return (day - EPOCH).days


def number_day(number: int) -> date:
    """The date of an engine's day."""
    return EPOCH + timedelta(days=int(number))


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything known before ``end``, and how it came to be that.

    ``record.history`` counts by cell, ``calls`` by station area (its cells are the rows of ``stations``). ``reports``
    were counted of ``asked`` citizens' reports; ``unplaced`` had no place inside the area. ``holes`` are silences in
    the record with their local moments, ``signs`` what else is odd in it (a coordinate that holds an improbable
    share of all reports, a family's level that jumped), ``sha256`` what exactly was known.
    """

    end: date
    record: Record
    calls: History
    stations: tuple[int, ...]
    station_of: NDArray[np.int64]
    reports: int
    asked: int
    unplaced: int
    first_day: date | None
    days: int
    holes: tuple[tuple[datetime, datetime, float], ...]
    weather_days: int
    weather_ahead: bool
    sha256: str
    signs: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class _Reports:
    at: NDArray[np.float64]  # local seconds since 1970, as the clock on the wall
    code: list[str]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    station: NDArray[np.int64]


def record_kept(*, end: date, heard_at: datetime, cells_until: date | None = None) -> Kept:
    """What is on record before local day ``end``, with the weather as heard by ``heard_at``.

    ``cells_until`` lets only reports before that day say which cells are active; what comes elsewhere is outside.
    Only what citizens reported, valid and not merged into another, counts; types of ``NEVER`` don't leave the store.
    """
    reports, asked = _reports(end)
    first = int(reports.at[0] // 86_400) if len(reports.at) else day_number(end)
    days = day_number(end) - first
    holes = holes_in(reports.at / 3600.0 - first * 24.0, days)
    complete = days_complete(holes, first=0, days=days)
    watched = (first + np.flatnonzero(complete)).astype(np.int32)
    stations = tuple(_stations())
    record, unplaced, inside = _by_cell(reports, watched, end, day_number(cells_until or end))
    kinds = day_kinds(number_day(first), end + AHEAD)
    weather = weather_heard(number_day(first), end, heard_at)
    record = _with(record, weather, kinds)
    calls = _by_station(reports, watched, stations, end, kinds)
    return Kept(
        end=end,
        record=record,
        calls=calls,
        stations=stations,
        station_of=_station_of(record.history),
        reports=int(inside),
        asked=asked,
        unplaced=unplaced,
        first_day=number_day(first) if len(reports.at) else None,
        days=len(watched),
        holes=tuple(_hole(first, hole) for hole in holes),
        weather_days=len(weather.day) if weather else 0,
        weather_ahead=bool(weather and len(weather.for_day)),
        sha256=_digest(record, calls, weather),
        signs=(*_lumps(reports, watched), *level_shifts(record.history)),
    )


def kept_until(kept: Kept, day: date) -> Kept:
    """The same as it was known on the morning of an earlier ``day``; cells and stations stay as they are."""
    number = day_number(day)
    held = kept.record.history.until(number)
    outside = {
        name: (days[days < number], shifts[days < number]) for name, (days, shifts) in kept.record.outside.items()
    }
    record, calls = Record(held, outside, number), kept.calls.until(number)
    weather = held.weather
    return replace(
        kept,
        end=day,
        record=record,
        calls=calls,
        reports=len(held.all_events),
        days=len(held.days),
        weather_days=len(weather.day) if weather else 0,
        weather_ahead=bool(weather and len(weather.for_day)),
        sha256=_digest(record, calls, weather),
        # Coordinates were looked at over the whole record: on this morning nobody could have.
        signs=tuple(level_shifts(held)),
    )


def _lumps(reports: _Reports, watched: NDArray[np.int32]) -> list[dict[str, object]]:
    """Coordinates that look like a geocoder's default; three decimals, about a hundred metres, are told."""
    families = {row.code: row.family or "" for row in incident_types()}
    names = sorted({*families.values(), ""})
    may = np.array([forecast_place(code) == "cell" for code in reports.code], dtype=np.bool_)
    mine = may & np.isfinite(reports.lon) & np.isin((reports.at // 86_400).astype(np.int32), watched)
    kind = np.array([names.index(families.get(code, "")) for code in reports.code], dtype=np.int32)
    found = geocoding_lumps(reports.lon[mine], reports.lat[mine], kind[mine])
    return [
        {**row, "lon": round(float(str(row["lon"])), 3), "lat": round(float(str(row["lat"])), 3)} for row in found
    ]


def days_on_record(first: date, days: int, *, end: date) -> NDArray[np.bool_]:
    """Which of ``days`` days from ``first`` on are wholly on record, of those before ``end``; (days,).

    As ``record_kept`` says, from the reports of these days and of four weeks to either side alone.
    """
    begin, last = first - AROUND, min(end, first + timedelta(days=days) + AROUND)
    span = (last - begin).days
    known = np.zeros(max(span, 0) + AROUND.days + days, dtype=np.bool_)
    reports, _asked = _reports(last, since=begin)
    if len(reports.at):
        hours = reports.at / 3600.0 - day_number(begin) * 24.0
        known[:span] = days_complete(holes_in(hours, span), first=int(hours[0] // 24), days=span)
    return known[AROUND.days : AROUND.days + days]


def _reports(end: date, *, since: date | None = None) -> tuple[_Reports, int]:
    """Citizens' reports before ``end`` in the order of their coming, from local day ``since`` on. One query."""
    until = timezone.make_aware(datetime.combine(end, time()))
    begin = until - YEARS_BACK if since is None else timezone.make_aware(datetime.combine(since, time()))
    rows = (
        Incident.objects.filter(
            origin__in=rules.LEARNT_ORIGINS,
            is_valid=True,
            merged_into=None,
            received_at__lt=until,
            received_at__gte=begin,
        )
        .order_by("received_at", "id")
        .values_list("received_at", "code", "lon", "lat", "station_id")
    )
    zone = timezone.get_current_timezone()
    kept, asked = [], 0
    for at, code, lon, lat, station in rows.iterator(chunk_size=5_000):
        asked += 1
        if forecast_place(code):
            offset = at.astimezone(zone).utcoffset() or timedelta()
            kept.append((at.timestamp() + offset.total_seconds(), code, lon, lat, station or 0))
    columns = list(zip(*kept, strict=True)) if kept else [(), (), (), (), ()]
    return (
        _Reports(
            np.array(columns[0], dtype=np.float64),
            list(columns[1]),
            np.array([np.nan if x is None else x for x in columns[2]], dtype=np.float64),
            np.array([np.nan if x is None else x for x in columns[3]], dtype=np.float64),
            np.array(columns[4], dtype=np.int64),
        ),
        asked,
    )


def _stations() -> list[int]:
    rows = Organisation.objects.filter(kind="station", is_active=True).order_by("path")
    return list(rows.values_list("id", flat=True))


def bureau_grid() -> Grid:
    """The grid over everything the bureau answers for: from the areas in force, so that it stays where it is."""
    corners = [point for area in areas_in_force("station") for ring in _rings(area.polygon) for point in ring]
    lon, lat = (np.array([point[axis] for point in corners], dtype=np.float64) for axis in (0, 1))
    return grid_over(lon, lat, cell_m=CELL_M)


def _rings(polygon: Mapping[str, object]) -> Iterable[list[list[float]]]:
    found: object = polygon.get("coordinates", [])
    polygons = [found] if polygon.get("type") == "Polygon" else found
    for rings in polygons:  # type: ignore[attr-defined]
        yield rings[0]


def _by_cell(reports: _Reports, watched: NDArray[np.int32], end: date, cells_until: int) -> tuple[Record, int, int]:
    """Reports that may be told by cell, on watched days; how many have no cell, and how many count."""
    families = {row.code: row.family for row in incident_types()}
    grid = bureau_grid()
    day = (reports.at // 86_400).astype(np.int32)
    shift = (reports.at % 86_400 // (SHIFT_HOURS * 3600)).astype(np.int8)
    known = np.isfinite(reports.lon) & np.isfinite(reports.lat)
    cell = np.where(known, grid.to_cell(np.nan_to_num(reports.lon), np.nan_to_num(reports.lat)), -1)
    may = np.array([forecast_place(code) == "cell" for code in reports.code], dtype=np.bool_)
    on_record = np.isin(day, watched)
    active = np.unique(cell[may & on_record & (cell >= 0) & (day < cells_until)]).astype(np.int32)
    place = np.searchsorted(active, cell).clip(max=max(0, len(active) - 1)).astype(np.int32)
    told = (active[place] == cell) if len(active) else np.zeros(len(cell), dtype=np.bool_)
    mine = may & on_record & told
    family = np.array([families.get(code, "") or "" for code in reports.code], dtype=object)
    series: dict[str, Series] = {}
    outside = {}
    for name in FAMILIES:
        own = mine & (family == name)
        series[name] = series_of(day[own], shift[own], place[own])
        lost = may & on_record & ~told & (family == name)
        outside[name] = (day[lost], shift[lost])
    everything = series_of(day[mine], shift[mine], place[mine])
    history = History(grid, active, SHIFTS, series, everything, watched, day_number(end))
    return Record(history, outside, day_number(end)), int((may & on_record & (cell < 0)).sum()), int(mine.sum())


def _with(record: Record, weather: Weather | None, kinds: Mapping[int, int]) -> Record:
    held = record.history
    history = History(
        held.grid, held.active, held.shifts, held.series, held.all_events, held.days, held.end, weather, kinds
    )
    return Record(history, record.outside, record.test_from)


def _by_station(
    reports: _Reports, watched: NDArray[np.int32], stations: tuple[int, ...], end: date, kinds: Mapping[int, int]
) -> History:
    """All that may be counted by station area, violence at home among it; a station is a cell here."""
    ids = np.array(stations, dtype=np.int64)
    order = np.argsort(ids)
    day = (reports.at // 86_400).astype(np.int32)
    shift = (reports.at % 86_400 // (SHIFT_HOURS * 3600)).astype(np.int8)
    mine = np.isin(reports.station, ids) & np.isin(day, watched)
    row = order[np.searchsorted(ids[order], reports.station[mine])].astype(np.int32) if len(ids) else np.zeros(0)
    held = series_of(day[mine], shift[mine], np.asarray(row, dtype=np.int32))
    grid = Grid(cell_m=CELL_M, lon0=0.0, lat0=0.0, nx=max(1, len(ids)), ny=1, lat_mid=0.0)
    active = np.arange(len(ids), dtype=np.int32)
    return History(grid, active, SHIFTS, {"calls": held}, held, watched, day_number(end), None, kinds)


def _station_of(history: History) -> NDArray[np.int64]:
    """The station that answers for each active cell's middle; 0 for none."""
    lon, lat = history.grid.centre(history.active)
    found = locate_many(lon.tolist(), lat.tolist())
    return np.array([(row.station_id or 0) if row else 0 for row in found], dtype=np.int64)


def day_kinds(first: date, last: date) -> dict[int, int]:
    """What kind of day each is, from the calendar with its make-up days; days it doesn't know are left out."""
    calendar = office_calendar()
    kinds: dict[int, int] = {}
    for k in range((last - first).days + 1):
        day = first + timedelta(days=k)
        if not calendar.knows(day):
            continue
        if day in calendar.make_up_days:
            kind = "make_up"
        elif day in calendar.holidays:
            kind = "holiday"
        else:
            kind = "work" if calendar.hours_on(day) else "off"
        kinds[day_number(day)] = DAY_KINDS[kind]
    return kinds


def weather_heard(first: date, end: date, heard_at: datetime) -> Weather | None:
    """Measured days before ``end``, and the newest forecast heard by ``heard_at`` for the days from it on.

    A day is told where twelve hours of it are; None where no feed ever told anything.
    """
    told = WeatherReading.objects.filter(spot="", received_at__lte=heard_at)
    begin = timezone.make_aware(datetime.combine(first, time()))
    until = timezone.make_aware(datetime.combine(end, time()))
    seen = _days_of(told.filter(form="observed", valid_at__gte=begin, valid_at__lt=until))
    issue = told.filter(form="forecast", issued_at__lte=heard_at, valid_at__gte=until).order_by("-issued_at").first()
    ahead: dict[int, tuple[float, float]] = {}
    if issue is not None:
        ahead = _days_of(told.filter(form="forecast", source=issue.source, issued_at=issue.issued_at), least_hours=6)
        ahead = {day: value for day, value in ahead.items() if day >= day_number(end)}
    if not seen and not ahead:
        return None
    names = tuple(WEATHER)
    return Weather(
        np.array(sorted(seen), dtype=np.int32),
        {name: np.array([seen[day][k] for day in sorted(seen)], dtype=np.float64) for k, name in enumerate(names)},
        np.full(len(ahead), day_number(end), dtype=np.int32),
        np.array(sorted(ahead), dtype=np.int32),
        {name: np.array([ahead[day][k] for day in sorted(ahead)], dtype=np.float64) for k, name in enumerate(names)},
    )


def _days_of(rows, *, least_hours: int = 12) -> dict[int, tuple[float, float]]:  # type: ignore[no-untyped-def]
    """Highest temperature and rain by local day."""
    zone = timezone.get_current_timezone()
    by_day = rows.annotate(local=TruncDate("valid_at", tzinfo=zone)).values("local").order_by("local")
    found: dict[int, tuple[float, float]] = {}
    for row in by_day.annotate(**WEATHER, hours=Sum(F("id") * 0 + 1)):
        if row["hours"] >= least_hours:
            values = tuple(float("nan") if row[name] is None else float(row[name]) for name in WEATHER)
            found[day_number(row["local"])] = (values[0], values[1])
    return found


def _hole(first: int, hole: Hole) -> tuple[datetime, datetime, float]:
    begin = datetime.combine(number_day(first), time())
    ends = (timezone.make_aware(begin + timedelta(hours=hours)) for hours in (hole.from_hour, hole.to_hour))
    start, end = ends
    return start.astimezone(UTC), end.astimezone(UTC), round(hole.expected, 1)


def _digest(record: Record, calls: History, weather: Weather | None) -> str:
    """A name for exactly what was known: places, days, every counted report, the weather."""
    digest = hashlib.sha256()
    for history in (record.history, calls):
        digest.update(repr((history.grid, history.shifts, history.end, sorted(history.day_kinds.items()))).encode())
        digest.update(history.active.tobytes() + history.days.tobytes())
        for name, held in sorted(history.series.items()):
            digest.update(name.encode() + held.day.tobytes() + held.shift.tobytes() + held.cell.tobytes())
    for name, (days, shifts) in sorted(record.outside.items()):
        digest.update(name.encode() + days.tobytes() + shifts.tobytes())
    if weather is not None:
        digest.update(weather.day.tobytes() + weather.for_day.tobytes())
        for values in (*weather.observed.values(), *weather.expected.values()):
            digest.update(values.tobytes())
    return digest.hexdigest()
