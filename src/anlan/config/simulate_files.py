"""A centre from files: units, calls (or places and a number a day), and a road network."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from anlan.engines.roads import RoadGraph, road_graph_build
from anlan.engines.simulation import CallProcess, Calls, Fleet, Rules, World, ground_of, zones_of

Floats = np.ndarray[Any, np.dtype[np.float64]]
DAY_S = 86_400.0
MOST_ZONES = 4000


class FileWrong(ValueError):
    """A file that can't be used, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")


@dataclass(frozen=True)
class Stated:
    """What files of calls often don't say: stated once for all of them."""

    calls_a_day: float | None = None
    urgent_share: float = 0.4
    scene_s: float = 720.0
    onward_share: float = 0.0
    onward_s: float = 600.0
    target_s: tuple[float, float] = (480.0, 720.0)
    delay_s: float = 50.0
    turnout_s: float = 30.0
    spread: float = 0.234


@dataclass(frozen=True)
class Made:
    """A world of one day or of the file's days, the process that draws others like it, and what was read."""

    world: World
    process: CallProcess | None
    told: dict[str, Any]


def table(path: Path, needed: Iterable[str]) -> list[dict[str, str]]:
    """Rows of a CSV by column; titles before the header are passed over. x and y count as lon and lat."""
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as wrong:
        raise FileWrong(f"读不了 {path}（{wrong}）。", f"{path} can't be read ({wrong}).") from wrong
    same = {"x": "lon", "y": "lat"}
    wanted = set(needed)
    for place, line in enumerate(lines[:5]):
        names = [same.get(name.strip().lower(), name.strip().lower()) for name in line]
        if wanted <= set(names):
            return [dict(zip(names, row, strict=False)) for row in lines[place + 1 :] if any(row)]
    words = ", ".join(sorted(wanted))
    raise FileWrong(
        f"{path} 的前五行里没有这些列：{words}。", f"{path} has no columns {words} in its first five lines."
    )


def numbers(rows: list[dict[str, str]], name: str, path: Path) -> Floats:
    """A column as numbers; says which line isn't one."""
    values = np.empty(len(rows))
    for place, row in enumerate(rows):
        try:
            values[place] = float(row[name])
        except (KeyError, ValueError) as wrong:
            raise FileWrong(
                f"{path} 第 {place + 1} 条记录的 {name} 不是数字：{row.get(name)!r}。",
                f"{path}, record {place + 1}: {name} is no number: {row.get(name)!r}.",
            ) from wrong
    if len(values) and not np.isfinite(values).all():
        raise FileWrong(f"{path} 的 {name} 有空缺。", f"{path}: {name} has gaps.")
    return values


def calls_read(
    path: Path, *, box: tuple[float, float, float, float] | None, only: tuple[str, float, float] | None = None
) -> dict[str, Any]:
    """Time (seconds since 1970), place and what else is there of a file of calls, CSV or Parquet; within a box if
    given."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as parquet

        found = parquet.read_table(path)
        missing = [name for name in ("t", "lon", "lat") if name not in found.column_names]
        if missing:
            raise FileWrong(f"{path} 没有这些列：{missing}。", f"{path} has no columns {missing}.")
        t = found["t"].to_numpy().astype("datetime64[s]").astype(np.float64)
        told = {"t": t, **{name: found[name].to_numpy().astype(np.float64) for name in ("lon", "lat")}}
        for name in ("priority", "scene_s", "target_s", *(only[:1] if only else ())):
            if name in found.column_names:
                told[name] = found[name].to_numpy().astype(np.float64)
    else:
        rows = table(path, ("t", "lon", "lat"))
        told = {"t": np.array([_moment(row["t"], path) for row in rows])}
        for name in ("lon", "lat", "priority", "scene_s", "target_s", *(only[:1] if only else ())):
            if rows and name in rows[0]:
                told[name] = numbers(rows, name, path)
    keep = np.isfinite(told["lon"]) & np.isfinite(told["lat"])
    if box is not None:
        west, south, east, north = box
        keep &= (told["lon"] >= west) & (told["lon"] <= east) & (told["lat"] >= south) & (told["lat"] <= north)
    if only is not None:
        if only[0] not in told:
            raise FileWrong(f"{path} 没有 {only[0]} 列。", f"{path} has no column {only[0]}.")
        column = told.pop(only[0])
        keep &= (column >= only[1]) & (column <= only[2])
    if not keep.any():
        raise FileWrong(f"{path} 里没有一条可用的警情。", f"{path} holds no call that can be used.")
    order = np.argsort(told["t"][keep], kind="stable")
    return {name: values[keep][order] for name, values in told.items()}


def _moment(text: str, path: Path) -> float:
    try:
        told = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise FileWrong(f"{path} 的时间读不懂：{text!r}。", f"{path}: no time: {text!r}.") from wrong
    return told.replace(tzinfo=UTC).timestamp()  # the clock on the wall, as it is written


def made_from_files(
    *,
    calls: Path,
    units: Path,
    roads: Path | None,
    onward: Path | None,
    n_units: int | None,
    span: tuple[datetime, datetime] | None,
    stated: Stated,
    seed: int,
    only: tuple[str, float, float] | None = None,
    spread: Callable[..., Any] = map,
) -> Made:
    """The world files tell of; a process that draws other days where `stated` gives the calls a day.

    Units stand at the file's places in turn, as many as asked for. Raises FileWrong naming the file and what is
    wrong.
    """
    graph = _graph(roads)
    posts = table(units, ("lon", "lat"))
    if not posts:
        raise FileWrong(f"{units} 里没有单位。", f"{units} holds no units.")
    ends = table(onward, ("lon", "lat")) if onward else []
    found = calls_read(calls, box=graph.bounds if graph is not None else None, only=only)
    if span is not None:
        found = _within(found, span, calls)
    n, p = len(found["t"]), len(posts)
    lon = np.concatenate([found["lon"], numbers(posts, "lon", units), _ends(ends, "lon", onward)])
    lat = np.concatenate([found["lat"], numbers(posts, "lat", units), _ends(ends, "lat", onward)])
    zones, zone = zones_of(lon, lat)
    if len(zones) > MOST_ZONES:
        raise FileWrong(
            f"地点太分散：{len(zones)} 个网格，最多 {MOST_ZONES} 个。", f"{len(zones)} zones, at most {MOST_ZONES}."
        )
    demand = np.bincount(zone[:n], minlength=len(zones)).astype(np.float64)
    ground = ground_of(zones, demand, np.full(len(zones), stated.target_s[0]), graph, spread=spread)
    fleet = _fleet(posts, zone[n : n + p], n_units or p)
    rules = Rules(
        delay_s=stated.delay_s, turnout_s=stated.turnout_s, turnout_road_s=stated.turnout_s / 3.0,
        turnout_spread=stated.spread, drive_spread=stated.spread,
    )  # fmt: skip
    rng = np.random.default_rng([seed, 7])
    rows = _rows(found, zone[:n], stated, rng, ground.urgent_s, zone[n + p :])
    world = World(ground, fleet, rows, rules=rules, posts=np.unique(zone[n : n + p]))
    process = None
    if stated.calls_a_day:
        process = CallProcess(np.full(168, stated.calls_a_day / 24.0), rows, (np.arange(n),) * 6)
    told = {"calls": n, "zones": len(zones), "units": len(fleet), "within_zone_m": round(zones.spread_m)}
    return Made(world, process, told)


def _graph(roads: Path | None) -> RoadGraph | None:
    from anlan.places.osm_import import road_file_read

    return road_graph_build(road_file_read(roads).ways) if roads else None


def _within(found: dict[str, Any], span: tuple[datetime, datetime], path: Path) -> dict[str, Any]:
    begin, end = (moment.replace(tzinfo=UTC).timestamp() for moment in span)
    keep = (found["t"] >= begin) & (found["t"] < end)
    if not keep.any():
        raise FileWrong(f"{path} 在这段时间里没有警情。", f"{path} holds no call of that span.")
    return {name: values[keep] for name, values in found.items()}


def _ends(rows: list[dict[str, str]], name: str, path: Path | None) -> Floats:
    return numbers(rows, name, path) if rows and path else np.zeros(0)


def _fleet(posts: list[dict[str, str]], zone: Any, count: int) -> Fleet:
    rows = np.arange(count) % len(posts)
    zeros = np.zeros(count, dtype=np.int64)
    names = tuple(f"{posts[row].get('name') or row + 1}-{place // len(posts) + 1}" for place, row in enumerate(rows))
    return Fleet(zone[rows].astype(np.int64), zeros, rows.astype(np.int64), np.full(count, -1), zeros, names)


def _rows(found: dict[str, Any], zone: Any, stated: Stated, rng: Any, urgent_s: Floats, ends: Any) -> Calls:
    n = len(zone)
    monday = _monday(float(found["t"][0]))
    at_s = found["t"] - monday
    urgent = rng.random(n) < stated.urgent_share
    priority = found.get("priority", np.where(urgent, 1, 3)).astype(np.int64)
    goes_on = (rng.random(n) < stated.onward_share) if len(ends) else np.zeros(n, dtype=bool)
    nearest = ends[np.argmin(urgent_s[np.ix_(zone, ends)], axis=1)] if len(ends) else zone
    none = np.full(n, -1, dtype=np.int64)
    return Calls(
        at_s=at_s,
        zone=zone,
        priority=priority,
        scene_s=found.get("scene_s", rng.exponential(stated.scene_s, n)),
        target_s=found.get("target_s", np.where(priority == 1, *stated.target_s)),
        answer=np.zeros(n, dtype=np.int64),
        station=none,
        group=none,
        then_zone=np.where(goes_on, nearest, -1),
        then_s=np.where(goes_on, rng.exponential(stated.onward_s, n), 0.0),
        block=np.unique((at_s // DAY_S).astype(np.int64), return_inverse=True)[1].astype(np.int64),
    )


def _monday(t: float) -> float:
    day = datetime.fromtimestamp(t, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day - timedelta(days=day.weekday())).timestamp()
