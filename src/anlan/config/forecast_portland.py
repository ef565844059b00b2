"""The Portland rows of the 2017 forecasting challenge from thirteen origins: PEI* of every map, gains over KDE."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import date
from pathlib import Path

import numpy as np

from anlan.config.forecast_files import UnreadableFile, read_table
from anlan.engines.forecast import Grid, History, Model, series_of
from anlan.engines.forecast.grid import METRES_PER_DEGREE
from anlan.engines.forecast.hot_maps import (
    AREAS_MI2,
    CELLS_FT,
    CITY_MI2,
    FOOT_M,
    HORIZON_DAYS,
    Origin,
    all_origins,
    by_origin,
    gain,
    tuned_width,
)

LAT, LON = 45.4, -122.9
"""A corner south-west of the city. Rows come in feet of the state's own plane; only distances matter here."""
TUNING = ("2013-09-01", "2013-12-01", "2014-03-01", "2014-06-01", "2014-09-01", "2014-11-01")
ORIGINS = tuple(f"{year}-{month:02d}-01" for year in (2015, 2016, 2017) for month in (1, 3, 5, 7, 9, 11))[1:14]
TUNED = "kde_365_tuned"


def portland(
    events: Path, models: Sequence[Model], *, seed: int, pool: Executor | None, origins: int = len(ORIGINS)
) -> list[dict[str, object]]:
    """One line per map and category: mean PEI*, its gain over the bandwidth-tuned one-year KDE and plain counts."""
    rows = _rows(events)
    earlier = all_origins(_origins(rows, TUNING), (), seed=seed, executor=pool)
    later = all_origins(_origins(rows, ORIGINS[-origins:]), models, seed=seed, executor=pool)
    categories = tuple(sorted(rows))
    width = {name: tuned_width(earlier, name) for name in categories}
    titles = [*dict.fromkeys(title for held in later.values() for title, _ in held), TUNED]
    scores = {
        (title, name): by_origin(later, width[name] if title == TUNED else title, name)
        for title in titles
        for name in categories
    }
    for title in titles:
        scores[title, "all"] = np.mean([scores[title, name] for name in categories], axis=0)
    told = [_line(scores, title, name, seed) for name in (*categories, "all") for title in titles]
    return [each | _pai(later, str(each["map"]), str(each["category"]), width) for each in told]


def _line(scores: dict, title: str, name: str, seed: int) -> dict[str, object]:
    mine = scores[title, name]
    told: dict[str, object] = {"category": name, "map": title, "origins": len(mine), "pei": _round(mine.mean())}
    for other in (TUNED, "count_all", "count_365"):
        middle, low, high = gain(mine, scores[other, name], seed=seed)
        told |= {f"gain_{other}": _round(middle), f"gain_{other}_lo": _round(low), f"gain_{other}_hi": _round(high)}
    told["pei_official_origin"] = _round(mine[-1])
    return told


def _pai(later: dict, title: str, name: str, width: dict[str, str]) -> dict[str, object]:
    """PAI at 600 ft by area, pooled over origins and horizons; the tuned width where the map is the tuned one."""
    if name == "all":
        return {}
    held = [maps[width[name] if title == TUNED else title, name] for (_, ft), maps in later.items() if ft == 600.0]
    hits = np.sum([each.hits for each in held], axis=(0, 1))
    events = np.sum([each.events for each in held])
    shown: dict[str, object] = {
        f"pai_600ft_{a}mi2": _round(h / events / (a / CITY_MI2)) for a, h in zip(AREAS_MI2, hits, strict=True)
    }
    return {**shown, "bandwidth": width[name]} if title == TUNED else shown


def _rows(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Days, metres east and metres north by category."""
    table = read_table(path)
    missing = {"date", "category", "x_ft", "y_ft"} - set(table.column_names)
    if missing:
        lacking = ", ".join(sorted(missing))
        raise UnreadableFile(path, f"缺少列：{lacking}。", f"lacks the columns {lacking}.")
    day = table["date"].to_numpy().astype("datetime64[D]").astype(np.int32)
    names = np.array(table["category"].to_pylist())
    east, north = (table[name].to_numpy().astype(np.float64) * FOOT_M for name in ("x_ft", "y_ft"))
    east, north = east - east.min(), north - north.min()
    return {str(name): (day[names == name], east[names == name], north[names == name]) for name in np.unique(names)}


def _origins(rows: dict, origins: Sequence[str]) -> dict[tuple[int, float], Origin]:
    days = [(date.fromisoformat(text) - date(1970, 1, 1)).days for text in origins]
    return {(day, cell_ft): _origin(rows, day, cell_ft) for day in days for cell_ft in CELLS_FT}


def _origin(rows: dict, day0: int, cell_ft: float) -> Origin:
    """What was known on ``day0`` with cells of this size, and the events of the longest horizon after it."""
    cell_m = cell_ft * FOOT_M
    widest = [max(float(held[axis].max()) for held in rows.values()) for axis in (1, 2)]
    nx, ny = (int(length // cell_m) + 1 for length in widest)
    grid = Grid(cell_m, LON, LAT, nx, ny, lat_mid=LAT + widest[1] / 2 / METRES_PER_DEGREE)
    where = {
        name: ((held[2] // cell_m).astype(np.int64) * nx + (held[1] // cell_m).astype(np.int64)).astype(np.int32)
        for name, held in rows.items()
    }
    active = np.unique(np.concatenate([where[name][held[0] < day0] for name, held in rows.items()])).astype(np.int32)
    series, later = {}, {}
    for name, (day, _, _) in rows.items():
        before, after = day < day0, (day >= day0) & (day < day0 + max(HORIZON_DAYS))
        place = np.searchsorted(active, where[name][before]).astype(np.int32)
        series[name] = series_of(day[before], np.zeros(int(before.sum()), dtype=np.int8), place)
        later[name] = (day[after], where[name][after])
    first = min(int(held[0].min()) for held in rows.values())
    both = list(series.values())
    every = series_of(*(np.concatenate([getattr(each, part) for each in both]) for part in ("day", "shift", "cell")))
    return Origin(History(grid, active, 1, series, every, np.arange(first, day0, dtype=np.int32), day0), later)


def _round(value: float) -> float:
    return round(float(value), 5)
