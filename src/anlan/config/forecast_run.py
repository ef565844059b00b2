"""A backtest from files to lines: reads, opens the data door, runs the models, writes what was forecast."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anlan.config.forecast_files import UnreadableFile, read_coverage, read_events, read_weather
from anlan.config.forecast_words import PERMITTED_USE, refusal
from anlan.core.calendars import office_calendar
from anlan.core.clock import now
from anlan.engines.forecast import Asked, ForecastRefused, Results, Rows, Told, lines, open_door, run
from anlan.engines.forecast.columns import tidy_code
from anlan.engines.forecast.models import candidates, parts

EPOCH = date(1970, 1, 1)


REFUSALS = (UnreadableFile, ForecastRefused)


def words_of(problem: Exception) -> str:
    """Why nothing could be done, in both languages."""
    return refusal(problem) if isinstance(problem, ForecastRefused) else str(problem)


class Refused(Exception):
    """Nothing can be done; the message says why and what to do, in both languages."""


@dataclass(frozen=True, slots=True)
class Done:
    """A finished backtest: the scored days, and what became of each row."""

    results: Results
    told: Told


def backtest(
    *,
    events: Sequence[Path],
    coverage: Sequence[Path],
    weather: Path | None,
    origin: str,
    categories: str,
    cell_m: float,
    shift_hours: int,
    test_from: int,
    test_until: int,
    zone: str | None,
    calendar: str,
    models: str,
    refit_days: int | None,
    seed: int,
    jobs: int | None,
    dask: str | None,
    keep_means: bool,
) -> Done:
    """Run one backtest as asked on the command line."""
    try:
        known_zone = zone_of(zone)
        rows = read_events(events, zone=known_zone)
        held_weather, notes = read_weather(weather) if weather else (None, [])
        asked = Asked(
            test_from,
            test_until,
            cell_m=cell_m,
            shift_hours=shift_hours,
            categories=tuple(tidy_code(name) for name in split(categories)),
            origin=origin,
            today=_today(known_zone),
            watched=read_coverage(coverage),
            weather=held_weather,
            day_kinds=china_days() if calendar == "china" else {},
        )
        record, told = open_door(rows, asked)
        with pool_of(jobs, dask) as pool:
            results = run(
                record,
                wanted(models),
                record.days_between(test_from, test_until + 1),
                seed=seed,
                executor=pool,
                keep_means=keep_means,
                refit_every_days=refit_days,
                clock=time.perf_counter,
            )
    except REFUSALS as problem:
        raise Refused(words_of(problem)) from problem
    return Done(results, Told(told.rows, told.kept, told.refused, (*told.notes, *notes)))


def read_plain(
    events: Sequence[Path],
    coverage: Sequence[Path],
    *,
    origin: str,
    categories: str,
    test_from: int,
    test_until: int,
    zone: str | None,
) -> tuple[Rows, Asked]:
    """Rows and what is asked of them, for runs without weather and calendar. Raises what ``REFUSALS`` names."""
    known_zone = zone_of(zone)
    asked = Asked(
        test_from,
        test_until,
        categories=tuple(tidy_code(name) for name in split(categories)),
        origin=origin,
        today=_today(known_zone),
        watched=read_coverage(coverage),
    )
    return read_events(events, zone=known_zone), asked


def zone_of(name: str | None) -> ZoneInfo | None:
    """The time zone of this name. Raises ``ForecastRefused`` where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise ForecastRefused("unknown_zone", zone=name) from problem


def check_writable(path: Path) -> None:
    """Refuse before hours of work what could only fail after them."""
    try:
        with path.open("ab"):
            pass
    except OSError as problem:
        raise Refused(words_of(ForecastRefused("cannot_write", path=path, why=problem.strerror))) from problem


def _today(zone: ZoneInfo | None) -> int:
    return (now().astimezone(zone).date() - EPOCH).days


def card(done: Done, *, beside_all_area: bool) -> list[dict[str, object]]:
    """The lines, each with the size of its cells; research sizes are labelled as such."""
    grid = done.results.record.history.grid
    size: dict[str, object] = {"cell_m": grid.cell_m, "shift_hours": 24 // done.results.record.history.shifts}
    if grid.is_research:
        size["research"] = "cells under 250 m are for study only and are never shown or exported by the product"
    return [each | size for each in lines(done.results, beside_all_area=beside_all_area)]


def account(told: Told) -> dict[str, object]:
    """What became of the rows, days written as dates."""
    notes = [
        {
            name: str(EPOCH + timedelta(days=int(str(value)))) if name == "day" else value
            for name, value in note.items()
        }
        for note in told.notes
    ]
    return {"rows": told.rows, "kept": told.kept, "refused": told.refused, "notes": notes}


def china_days() -> dict[int, int]:
    """Public holidays (2) and make-up working days (3) of the calendar that came with the program."""
    calendar = office_calendar()
    kinds = {(day - EPOCH).days: 2 for day in calendar.holidays}
    return kinds | {(day - EPOCH).days: 3 for day in calendar.make_up_days}


def write_forecasts(results: Results, out: Path) -> None:
    """Every forecast of every model: category, model, shift_start (local), cell, lon, lat of its centre, mean."""
    history = results.record.history
    lon, lat = history.grid.centre(history.active)
    hours = 24 // history.shifts
    shape = pa.schema(
        [
            ("category", pa.dictionary(pa.int16(), pa.string())),
            ("model", pa.dictionary(pa.int16(), pa.string())),
            ("shift_start", pa.timestamp("s")),
            ("cell", pa.int32()),
            ("lon", pa.float64()),
            ("lat", pa.float64()),
            ("mean", pa.float32()),
        ],
        metadata=dict(zip(("permitted_use_zh", "permitted_use_en"), PERMITTED_USE, strict=True)),
    )
    # One dictionary for the whole file: readers refuse to put pieces with differing ones together.
    categories, models = (tuple(dict.fromkeys(names)) for names in (history.categories, results.sheets))
    with pq.ParquetWriter(out, shape, compression="zstd") as writer:
        for sheet in results.sheets.values():
            starts = sheet.days[:, None].astype("datetime64[D]") + (np.arange(history.shifts) * hours).astype(
                "timedelta64[h]"
            )
            places = starts.size
            for category, means in (sheet.means or {}).items():
                count = means.size
                writer.write_table(
                    pa.table(
                        [
                            _same(category, count, categories),
                            _same(sheet.model, count, models),
                            pa.array(np.repeat(starts.ravel().astype("datetime64[s]"), history.cells)),
                            pa.array(np.tile(history.active, places)),
                            pa.array(np.tile(lon, places)),
                            pa.array(np.tile(lat, places)),
                            pa.array(means.ravel().astype(np.float32)),
                        ],
                        schema=shape,
                    )
                )


def print_table(told: Sequence[dict[str, Any]], stream: IO[str]) -> None:
    """The card for reading: the figures people ask for first."""
    from rich.console import Console
    from rich.table import Table

    columns: tuple[str, ...] = (
        "n",
        "capture_5",
        "diff_capture_5",
        "capture_20",
        "diff_capture_20",
        "pai_5",
        "pei_5",
        "precision_5",
    )
    columns += ("poisson_deviance", "d2_yearly_mean", "pred_over_actual", "coverage_80", "seconds")
    table = Table("category", "model", *columns)
    for line in told:
        table.add_row(str(line["category"]), str(line["model"]), *(_short(line.get(name)) for name in columns))
    Console(file=stream, width=200).print(table)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)


def _same(name: str, count: int, names: tuple[str, ...]) -> pa.Array:
    number = np.full(count, names.index(name), dtype=np.int16)
    return pa.DictionaryArray.from_arrays(pa.array(number), pa.array(names, pa.string()))


def split(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))


def wanted(names: str) -> list[Any]:
    """The models of these names (with commas between); the candidates where none is named."""
    asked = split(names)
    known = {model.name: model for model in (*candidates(), *(parts() if asked else ()))}
    unknown = [name for name in asked if name not in known and name != "yearly_mean"]
    if unknown:
        raise ForecastRefused("unknown_model", model=", ".join(unknown), known=", ".join(["yearly_mean", *known]))
    return [model for name, model in known.items() if not asked or name in asked]


def pool_of(jobs: int | None, dask: str | None) -> AbstractContextManager[Executor | None]:
    """Where the tasks run: a Dask cluster, so many processes, or (None) here."""
    if dask:
        return _dask_pool(dask)
    workers = jobs or os.cpu_count() or 1
    return ProcessPoolExecutor(workers) if workers > 1 else _nobody()


@contextmanager
def _nobody() -> Any:
    yield None


@contextmanager
def _dask_pool(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as problem:
        raise ForecastRefused("no_dask") from problem
    try:
        found = Client(address)
    except (ValueError, OSError) as problem:
        raise ForecastRefused("no_scheduler", address=address, why=problem) from problem
    with found as client, client.get_executor(pure=False) as pool:
        yield pool
