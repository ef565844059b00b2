"""Reads the files of a backtest: events, complete days, weather; parquet or CSV, into plain columns."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from anlan.engines.forecast import NO_TIME, Rows, Weather
from anlan.engines.forecast.columns import tidy_code
from anlan.engines.forecast.grid import METRES_PER_DEGREE
from anlan.engines.forecast.hot_maps import FOOT_M
from anlan.engines.forecast.weather_table import NO_DAY, weather_by_day

TIME_NAMES = ("t", "time", "occurred_at", "received_at", "date")
PLANE_LAT, PLANE_LON = 45.4, -122.9
PLAIN = {"t", "time", "occurred_at", "received_at", "date", "category", "lat", "lon", "origin"}


class UnreadableFile(Exception):
    """A file that cannot be used: ``path`` and the fault in both languages."""

    def __init__(self, path: Path, zh: str, en: str) -> None:
        super().__init__(f"{path}：{zh}\n{path}: {en}")


def read_table(path: Path) -> pa.Table:
    """A parquet or CSV file as a table."""
    try:
        return pacsv.read_csv(path) if path.suffix.lower() == ".csv" else pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as problem:
        raise UnreadableFile(
            path,
            f"读不出来（{problem}）。请给 parquet 或 CSV 文件。",
            f"cannot be read ({problem}). Give parquet or CSV.",
        ) from problem


def read_events(paths: Sequence[Path], *, zone: ZoneInfo | None) -> Rows:
    """The rows of all files. Aware times are turned into ``zone``'s wall time, naive ones taken as it."""
    pieces = [_columns(path, zone) for path in paths]
    kinds = tuple(sorted({name for piece in pieces for name in piece["category"] if name}))
    origins = tuple(sorted({name for piece in pieces for name in piece["origin"] if name}))
    lengths = [len(piece["wall_s"]) for piece in pieces]
    joined = {
        name: np.concatenate([piece[name] for piece in pieces])
        for name in ("wall_s", "has_hour", "lon", "lat", "ident")
    }
    return Rows(
        kind=np.concatenate([_numbers(piece["category"], piece["category_index"], kinds) for piece in pieces]),
        kinds=kinds,
        origin=np.concatenate([_numbers(piece["origin"], piece["origin_index"], origins) for piece in pieces]),
        origins=origins,
        file=np.repeat(np.arange(len(pieces), dtype=np.int32), lengths),
        **joined,
    )


def read_coverage(paths: Sequence[Path]) -> np.ndarray | None:
    """Days known to be complete (days since 1970-01-01), from files with the columns ``date`` and ``complete``."""
    if not paths:
        return None
    days = []
    for path in paths:
        table = read_table(path)
        if "date" not in table.column_names:
            raise UnreadableFile(path, "没有 date 列。", "has no column date.")
        day = _days(table["date"], path)
        if "complete" in table.column_names:
            day = day[[_is_yes(each, path) for each in table["complete"].to_pylist()]]
        days.append(day[day != NO_DAY])
    listed = np.unique(np.concatenate(days)).astype(np.int32)
    if not len(listed):
        raise UnreadableFile(
            paths[0],
            "没有一天是完整的；请列出记录完整的日子，或去掉 --coverage。",
            "lists no complete day; list the days that were recorded whole, or leave --coverage out.",
        )
    return listed


YES = {True, "1", "true", "yes", "y", "是"}
NO = {False, None, "", "0", "false", "no", "n", "否"}


def _is_yes(value: object, path: Path) -> bool:
    said = value.strip().lower() if isinstance(value, str) else value
    if said in YES or said in NO:
        return said in YES
    raise UnreadableFile(
        path,
        f"complete 列里的 {value!r} 看不懂；请写 true 或 false。",
        f"says {value!r} under complete; write true or false.",
    )


def read_weather(path: Path) -> tuple[Weather, list[dict[str, object]]]:
    """Daily weather from a file with ``date`` and columns of numbers.

    A row that says when it was ``issued`` is a forecast, any other was measured; one file may hold both.
    """
    table = read_table(path)
    if "date" not in table.column_names:
        raise UnreadableFile(path, "没有 date 列。", "has no column date.")
    numbers = {name: _numbers_of(table[name]) for name in table.column_names if name not in ("date", "issued")}
    # A column of words (a station's name) is no quantity; one with a few words among numbers has gaps there.
    numbers = {name: values for name, values in numbers.items() if not len(values) or np.isfinite(values).any()}
    day = _days(table["date"], path)
    known = day != NO_DAY
    issued = _days(table["issued"], path)[known] if "issued" in table.column_names else None
    return weather_by_day(day[known], {name: held[known] for name, held in numbers.items()}, issued=issued)


def _days(column: pa.ChunkedArray, path: Path) -> np.ndarray:
    """Days since 1970-01-01; ``NO_DAY`` where there is none."""
    try:
        stamped = column if pa.types.is_temporal(column.type) else _parsed(column.cast(pa.string()), path)
        day = stamped.cast(pa.timestamp("s"), safe=False).cast(pa.date32(), safe=False).cast(pa.int32())
    except pa.ArrowInvalid as problem:
        raise _unread_times(path) from problem
    found: np.ndarray = day.fill_null(int(NO_DAY)).to_numpy().astype(np.int32)
    return found


def _columns(path: Path, zone: ZoneInfo | None) -> dict:
    table = _on_the_map(read_table(path))
    missing = [name for name in ("category", "lat", "lon") if name not in table.column_names]
    timed = next((name for name in TIME_NAMES if name in table.column_names), None)
    if missing or timed is None:
        lacking = ", ".join([*missing, *([] if timed else ["t"])])
        raise UnreadableFile(
            path,
            f"缺少列：{lacking}。需要 t、category、lat、lon。",
            f"lacks the columns {lacking}. It needs t, category, lat, lon.",
        )
    wall_s, has_hour = _wall_time(table[timed], path, zone)
    category, category_index = _names(table["category"])
    origin, origin_index = (
        _names(table["origin"]) if "origin" in table.column_names else ([], np.full(len(table), -1))
    )
    return {
        "wall_s": wall_s,
        "has_hour": has_hour,
        "category": category,
        "category_index": category_index,
        "origin": origin,
        "origin_index": origin_index,
        "lon": _degrees(table["lon"]),
        "lat": _degrees(table["lat"]),
        "ident": _rest(table),
    }


def _on_the_map(table: pa.Table) -> pa.Table:
    """Rows in feet of a state's plane (``x_ft``, ``y_ft``) laid down by Portland, where such rows are from.

    Cells and distances come out right; the degrees don't say where a place is.
    """
    if not {"x_ft", "y_ft"} <= set(table.column_names) or {"lat", "lon"} & set(table.column_names):
        return table
    east, north = (_degrees(table[name]) * FOOT_M for name in ("x_ft", "y_ft"))
    if not np.isfinite(east).any():
        return table
    north_deg = (north - np.nanmin(north)) / METRES_PER_DEGREE
    squeeze = np.cos(np.deg2rad(PLANE_LAT + np.nanmax(north_deg) / 2))
    east_deg = (east - np.nanmin(east)) / METRES_PER_DEGREE / squeeze
    plain = table.drop_columns(["x_ft", "y_ft"])
    return plain.append_column("lat", pa.array(PLANE_LAT + north_deg)).append_column(
        "lon", pa.array(PLANE_LON + east_deg)
    )


def _wall_time(column: pa.ChunkedArray, path: Path, zone: ZoneInfo | None) -> tuple[np.ndarray, np.ndarray]:
    """Local wall seconds and whether the hour is known."""
    if pa.types.is_date(column.type):
        wall, hours = column.cast(pa.date32()).cast(pa.timestamp("s")), False
    else:
        hours = True
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            hours = any(len(str(text)) > 10 for text in column.slice(0, 1000).to_pylist() if text)
            column = _parsed(column, path)
        elif not pa.types.is_timestamp(column.type):
            if column.null_count < len(column):
                raise _unread_times(path)
            column = column.cast(pa.timestamp("s"))
        wall = column
        if column.type.tz is not None:
            if zone is None:
                raise UnreadableFile(
                    path,
                    "时间带时区，但没有给出当地时区；请加 --timezone，例如 Asia/Shanghai。",
                    "holds times with a zone; name the local one with --timezone, for example Asia/Shanghai.",
                )
            wall = pc.local_timestamp(column.cast(pa.timestamp(column.type.unit, tz=zone.key)))
        wall = wall.cast(pa.timestamp("s"), safe=False)
    seconds = wall.cast(pa.int64()).to_numpy() if wall.null_count == 0 else _with_gaps(wall)
    known = np.full(len(seconds), hours) & ~_all_midnight(seconds)
    return seconds, known


def _parsed(column: pa.ChunkedArray, path: Path) -> pa.ChunkedArray:
    for shape in (pa.timestamp("s"), pa.timestamp("us"), pa.timestamp("us", tz="UTC")):
        try:
            return column.cast(shape)
        except pa.ArrowInvalid:
            continue
    raise _unread_times(path)


def _unread_times(path: Path) -> UnreadableFile:
    return UnreadableFile(
        path,
        "时间列读不懂；请用 ISO 8601，例如 2025-01-31T08:00:00。",
        "holds times that cannot be read; write ISO 8601, for example 2025-01-31T08:00:00.",
    )


def _with_gaps(wall: pa.ChunkedArray) -> np.ndarray:
    empty = np.asarray(wall.is_null().to_numpy(), dtype=bool)
    seconds = wall.cast(pa.int64()).fill_null(0).to_numpy().copy()
    seconds[empty] = NO_TIME
    return seconds


def _all_midnight(seconds: np.ndarray) -> np.ndarray:
    """Midnight stands for "hour unknown" where half of a file's rows say it; else it is an hour like another."""
    timed = seconds != NO_TIME
    midnight = timed & (seconds % 86_400 == 0)
    return midnight if timed.any() and midnight.sum() > 0.5 * timed.sum() else np.zeros(len(seconds), dtype=bool)


def _names(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """The column's distinct texts and each row's number among them (-1 for none); codes have their four digits."""
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    index = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return [tidy_code(text or "") for text in coded.dictionary.to_pylist()], index


def _numbers(names: list[str], index: np.ndarray, all_names: tuple[str, ...]) -> np.ndarray:
    place = {name: number for number, name in enumerate(all_names)}
    table = np.array([*(place.get(name, -1) for name in names), -1], dtype=np.int32)
    return table[index]


def _degrees(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array([_number(text) for text in column.to_pylist()], dtype=np.float64)
    return column.cast(pa.float64()).fill_null(float("nan")).to_numpy().astype(np.float64)


def _numbers_of(column: pa.ChunkedArray) -> np.ndarray:
    """A column's numbers; NaN where it says something else."""
    kind = column.type
    is_plain = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_string(kind)
    return _degrees(column) if is_plain else np.full(len(column), np.nan)


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def _rest(table: pa.Table) -> np.ndarray:
    """A number for what the other columns say, so that two rows are alike only when they are so in everything."""
    total = np.zeros(len(table), dtype=np.int64)
    for name in sorted(set(table.column_names) - PLAIN):
        coded = table[name].cast(pa.string()).combine_chunks().dictionary_encode()
        codes = np.array(
            [zlib.crc32(str(text).encode()) for text in coded.dictionary.to_pylist()] + [0], dtype=np.int64
        )
        total = total * 1_000_003 + codes[coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    return total
