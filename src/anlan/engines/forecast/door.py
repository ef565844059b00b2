"""The data door: which rows a forecast may learn from, and the record of days, places and events they make.

Rows of other origin are set aside before anything is computed, so that no number of them moves a forecast.
What a place, a normal day or a lump looks like is learnt from rows before the test span alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.columns import (
    CITIZEN,
    DAY_S,
    NO_TIME,
    Rows,
    Told,
    is_not_citizens,
    is_police_activity,
    never_forecast,
    station_only,
)
from anlan.engines.forecast.errors import ForecastRefused
from anlan.engines.forecast.grid import METRES_PER_DEGREE, grid_over
from anlan.engines.forecast.history import History, Series, Weather, series_of
from anlan.engines.forecast.record import Record
from anlan.engines.forecast.signs import geocoding_lumps, level_shifts, watched_without_list

Bools = NDArray[np.bool_]
FARTHEST_M = 150_000.0
"""A row farther than this from the middle of the training rows is of another place."""
REPEATED_FILE_SHARE = 0.2
"""When more rows than this repeat an earlier one of the same file to the letter, the file was written twice."""
HOURLESS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: days since 1970-01-01; ``test_until`` is the last day asked for (inclusive).

    ``categories`` empty means every category the rows hold. ``today`` refuses rows dated after it, where given.
    ``watched`` are the days known to be complete; ``None`` where there is no list.
    """

    test_from: int
    test_until: int
    cell_m: float = 500.0
    shift_hours: int = 8
    categories: tuple[str, ...] = ()
    origin: str = CITIZEN
    today: int | None = None
    watched: NDArray[np.int32] | None = None
    weather: Weather | None = None
    day_kinds: Mapping[int, int] = field(default_factory=dict)


def open_door(rows: Rows, asked: Asked) -> tuple[Record, Told]:
    """The record a backtest runs on, and what became of each row.

    Raises ``ForecastRefused``: ``bad_shift_hours``, ``bad_cell``, ``span_backwards``, ``no_rows``,
    ``origin_not_citizens``, ``no_training_events``, ``no_test_days``, ``unknown_category``, ``category_not_allowed``.
    """
    _check(asked, rows)
    sieve = _Sieve(rows, asked)
    sieve.refuse_by_row()
    if sieve.kept.any() and not sieve.training.any():
        raise ForecastRefused("no_training_events", test_rows=int(sieve.kept.sum()), **sieve.counts)
    watched = sieve.refuse_unwatched()
    hours = sieve.refuse_hourless()
    if not sieve.kept.any():
        raise ForecastRefused("no_rows", rows=len(rows), **sieve.counts)
    record = _record(rows, sieve, asked, watched, hours)
    told = Told(len(rows), int(sieve.kept.sum()), sieve.counts, (*sieve.notes, *_signs(rows, sieve, record)))
    return record, told


def _check(asked: Asked, rows: Rows) -> None:
    if asked.shift_hours not in (1, 2, 3, 4, 6, 8, 12, 24):
        raise ForecastRefused("bad_shift_hours", shift_hours=asked.shift_hours)
    if not 50.0 <= asked.cell_m <= 20_000.0:
        raise ForecastRefused("bad_cell", cell_m=asked.cell_m)
    if is_not_citizens(asked.origin):
        raise ForecastRefused("origin_not_citizens", origin=asked.origin)
    if asked.test_until < asked.test_from:
        raise ForecastRefused("span_backwards")
    for name in asked.categories:
        if never_forecast(name) or station_only(name) or is_police_activity(name):
            raise ForecastRefused("category_not_allowed", category=name)
        if name not in rows.kinds:
            raise ForecastRefused("unknown_category", category=name, known=", ".join(sorted(rows.kinds)))


class _Sieve:
    """Which rows are still in, and how many each reason took; a row counts under the first reason it meets."""

    def __init__(self, rows: Rows, asked: Asked) -> None:
        self.rows, self.asked = rows, asked
        self.kept: Bools = np.ones(len(rows), dtype=np.bool_)
        self.counts: dict[str, int] = {}
        self.notes: list[dict[str, object]] = []
        timed = rows.wall_s != NO_TIME
        self.day = np.where(timed, rows.wall_s // DAY_S, 0).astype(np.int32)

    @property
    def training(self) -> Bools:
        return self.kept & (self.day < self.asked.test_from)

    def refuse(self, reason: str, bad: Bools) -> None:
        taken = self.kept & bad
        if taken.any():
            self.counts[reason] = self.counts.get(reason, 0) + int(taken.sum())
            self.kept = self.kept & ~bad

    def refuse_by_row(self) -> None:
        rows = self.rows
        self._refuse_origin()
        self.refuse("no_time", rows.wall_s == NO_TIME)
        if self.asked.today is not None:
            self.refuse("dated_in_the_future", self.day > self.asked.today)
        for reason, rule in (
            ("class_never_forecast", never_forecast),
            ("class_station_area_only", station_only),
            ("measures_police_activity", is_police_activity),
        ):
            self.refuse(reason, np.array([rule(name) for name in (*rows.kinds, "")], dtype=np.bool_)[rows.kind])
        self.refuse("no_category", rows.kind < 0)
        self._refuse_places()
        self._refuse_repeats()

    def _refuse_origin(self) -> None:
        rows = self.rows
        wanted = np.array([name == self.asked.origin for name in (*rows.origins, "")], dtype=np.bool_)
        files = int(rows.file.max(initial=-1)) + 1
        tells = np.bincount(rows.file[rows.origin >= 0], minlength=files) > 0
        silent = ~tells[rows.file]
        if silent.any():
            self.notes.append({"note": "origin_unknown", "rows": int(silent.sum())})
        self.refuse("not_citizen_origin", ~silent & ~wanted[rows.origin])

    def _refuse_places(self) -> None:
        lon, lat = self.rows.lon, self.rows.lat
        self.refuse("no_place", ~np.isfinite(lon) | ~np.isfinite(lat))
        self.refuse("place_zero_zero", (lon == 0) & (lat == 0))
        self.refuse("place_off_the_earth", (np.abs(lat) > 90) | (np.abs(lon) > 180))
        mine = self.training if self.training.any() else self.kept
        if not mine.any():
            return
        middle_lon, middle_lat = float(np.median(lon[mine])), float(np.median(lat[mine]))
        east = (lon - middle_lon) * METRES_PER_DEGREE * np.cos(np.deg2rad(middle_lat))
        north = (lat - middle_lat) * METRES_PER_DEGREE
        self.refuse("place_far_away", np.hypot(east, north) > FARTHEST_M)

    def _refuse_repeats(self) -> None:
        """Rows told again: by another file, or by a file that holds itself twice.

        Inside one file two equal rows may be two calls from one block in one minute, and stay.
        """
        mine = np.flatnonzero(self.kept)
        rows = self.rows
        key = _alike(rows, mine)
        for number in np.unique(rows.file[mine]):
            held = rows.file[mine] == number
            again = _turn(key[held]) > 0
            if again.mean() > REPEATED_FILE_SHARE:
                bad = np.zeros(len(rows), dtype=np.bool_)
                bad[mine[held][again]] = True
                self.refuse("repeated_in_file", bad)
        mine = np.flatnonzero(self.kept)
        key = _alike(rows, mine)
        turn = _turn(key * (int(rows.file.max(initial=0)) + 1) + rows.file[mine])
        again = _turn(key * (int(turn.max(initial=0)) + 1) + turn) > 0
        bad = np.zeros(len(rows), dtype=np.bool_)
        bad[mine[again]] = True
        self.refuse("repeated_across_files", bad)

    def refuse_unwatched(self) -> NDArray[np.int32]:
        """The watched days, and no row of another day."""
        asked = self.asked
        if asked.watched is not None:
            watched = np.unique(asked.watched)
        else:
            watched, gaps = watched_without_list(
                self.day[self.training], self.day[self.kept], test_until=asked.test_until, today=asked.today
            )
            if gaps:
                self.notes.append({"note": "silent_days_taken_for_gaps", "days": gaps})
        self.refuse("day_not_complete", ~np.isin(self.day, watched))
        return watched.astype(np.int32)

    def refuse_hourless(self) -> int:
        """Hours of a shift: as asked, or a whole day where most training rows have no hour."""
        mine = self.training if self.training.any() else self.kept
        if not mine.any() or self.asked.shift_hours == 24:
            return self.asked.shift_hours
        if (~self.rows.has_hour[mine]).mean() > HOURLESS_SHARE:
            self.notes.append(
                {"note": "no_hours_forecast_by_day", "share": round(float((~self.rows.has_hour[mine]).mean()), 4)}
            )
            return 24
        self.refuse("no_hour", ~self.rows.has_hour)
        return self.asked.shift_hours


def _alike(rows: Rows, mine: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number per row of ``mine``; equal numbers for rows equal in time, kind and place."""
    columns = (rows.wall_s[mine], rows.kind[mine].astype(np.int64), rows.lon[mine], rows.lat[mine], rows.ident[mine])
    order = np.lexsort(columns)
    fresh = np.zeros(len(mine), dtype=np.bool_)
    for column in columns:
        fresh[1:] |= column[order][1:] != column[order][:-1]
    key = np.empty(len(mine), dtype=np.int64)
    key[order] = np.cumsum(fresh)
    return key


def _turn(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often the same key came before, for each row in order."""
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    starts = (
        np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(key) else np.empty(0, np.int64)
    )
    lengths = np.diff(np.append(starts, len(key)))
    turn = np.empty(len(key), dtype=np.int64)
    turn[order] = np.arange(len(key)) - np.repeat(starts, lengths)
    return turn


def _record(rows: Rows, sieve: _Sieve, asked: Asked, watched: NDArray[np.int32], hours: int) -> Record:
    training, kept = sieve.training, sieve.kept
    if not training.any():
        raise ForecastRefused("no_training_events", test_rows=int(kept.sum()), **sieve.counts)
    grid = grid_over(rows.lon[training], rows.lat[training], cell_m=asked.cell_m)
    cell = grid.to_cell(np.nan_to_num(rows.lon), np.nan_to_num(rows.lat))
    active = np.unique(cell[training]).astype(np.int32)
    place = np.minimum(np.searchsorted(active, cell), len(active) - 1)
    inside = kept & (active[place] == cell)
    shift = np.where(sieve.rows.has_hour, (rows.wall_s % DAY_S) // (hours * 3600), 0).astype(np.int8)
    names = asked.categories or tuple(sorted({rows.kinds[kind] for kind in np.unique(rows.kind[kept])}))
    series: dict[str, Series] = {}
    outside = {}
    for name in names:
        mine = rows.kind == rows.kinds.index(name)
        series[name] = _piece(sieve.day, shift, place, inside & mine)
        beyond = kept & mine & ~inside
        outside[name] = (sieve.day[beyond], shift[beyond])
    days = watched[(watched <= asked.test_until) & (watched >= int(sieve.day[training].min()))]
    if not (days >= asked.test_from).any():
        raise ForecastRefused("no_test_days", last_row=int(sieve.day[kept].max()))
    history = History(
        grid, active, 24 // hours, series, _piece(sieve.day, shift, place, inside), days, asked.test_until + 1,
        asked.weather, dict(asked.day_kinds), _others(rows, sieve, names, shift, place, inside),
    )  # fmt: skip
    return Record(history, outside, asked.test_from)


def _others(
    rows: Rows, sieve: _Sieve, names: Sequence[str], shift: NDArray[np.int8], place: NDArray[np.int64], inside: Bools
) -> dict[str, Series]:
    """Accepted categories nobody asked for: models may learn from where they happen. Named by training rows only."""
    kinds = [int(kind) for kind in np.unique(rows.kind[sieve.training]) if rows.kinds[kind] not in names]
    return {rows.kinds[kind]: _piece(sieve.day, shift, place, inside & (rows.kind == kind)) for kind in kinds}


def _piece(day: NDArray[np.int32], shift: NDArray[np.int8], place: NDArray[np.int64], mine: Bools) -> Series:
    return series_of(day[mine], shift[mine], place[mine].astype(np.int32))


def _signs(rows: Rows, sieve: _Sieve, record: Record) -> Sequence[dict[str, object]]:
    """Lumps and level shifts before the test span."""
    mine = sieve.training
    lumps = geocoding_lumps(rows.lon[mine], rows.lat[mine], rows.kind[mine])
    return [*lumps, *level_shifts(record.history.until(record.test_from))]
