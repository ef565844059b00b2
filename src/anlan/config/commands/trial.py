"""``anlan trial …``: trials of extra visits laid on days that are over, from files; no database is needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from anlan.config.forecast_files import UnreadableFile, read_coverage, read_events
from anlan.engines.effects import (
    Block,
    Design,
    EffectsRefused,
    blocks_apart,
    design_make,
    least_fall,
    placebo_runs,
    scatter_of,
    windows_of,
)
from anlan.engines.forecast.grid import Grid, grid_over

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
CITIZEN = "citizen"
DAY_S = 86_400
REFUSED = {
    "no_blocks": ("没有够大的地块。", "there is no place with calls enough."),
    "one_block": ("只有一个地块，无从比较。", "there is one block only, and nothing to compare it with."),
    "too_few_coins": (
        "随机次数太少，结果与偶然无法区分。",
        "its sides are drawn too few times to tell anything from chance.",
    ),
    "history_too_short": ("试验比记录还长。", "the trial is longer than its past."),
    "no_counted_days": ("没有一天计入。", "no day would count."),
    "no_calls": ("没有报警。", "there are no calls."),
}


@click.group("trial")
def group() -> None:
    """Trials of extra visits."""


@group.command("placebo")
@click.option(
    "--events", "events", multiple=True, required=True, type=FILE, help="Rows: t, lon, lat, category, origin."
)
@click.option("--coverage", multiple=True, type=FILE, help="Days that are complete: date, complete.")
@click.option("--category", help="Only this category; every one where left out.")
@click.option(
    "--design", "kind", default="switchback", show_default=True, type=click.Choice(["switchback", "crossover"])
)
@click.option("--days", default=28, show_default=True, type=click.IntRange(4, 366))
@click.option("--blocks", default=12, show_default=True, type=click.IntRange(2, 200))
@click.option("--cell-m", default=500.0, show_default=True, type=click.FloatRange(250, 5000))
@click.option("--from-hour", default=0, show_default=True, type=click.IntRange(0, 23))
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 24))
@click.option(
    "--effect", type=click.FloatRange(0, 1), help="A fall planted beside none; the least one found with 80 %."
)
@click.option("--runs", default=1_000, show_default=True, type=click.IntRange(10, 100_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option("--json", "as_json", is_flag=True)
def placebo(
    events: Sequence[Path], coverage: Sequence[Path], category: str | None, kind: str, days: int, blocks: int,
    cell_m: float, from_hour: int, hours: int, effect: float | None, runs: int, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Lay a trial on past days so many times, with nothing done: how often it tells an effect all the same.

    Every run throws new coins and begins on another day. Only citizens' rows count. Then the same with a fall
    planted: calls on extra visits are left out by lot. Intervals are Wilson's at 95 %.
    """
    try:
        past, known = _past(events, coverage, category, cell_m, (from_hour, hours), blocks)
        level = past[:, known].mean(axis=1)
        design = design_make(kind, expected=level.tolist(), days=days)
        told = _told(design, past, known, effect, runs, seed)
    except EffectsRefused as refused:
        zh, en = REFUSED[refused.code]
        raise click.ClickException(f"{zh} {en} {refused.facts or ''}") from refused
    except UnreadableFile as wrong:
        raise click.ClickException(str(wrong)) from wrong
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for line in _lines(told):
        click.echo(line)


def _past(
    events: Sequence[Path], coverage: Sequence[Path], category: str | None, cell_m: float, hours: tuple[int, int],
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:  # fmt: skip
    """Calls by block and day, and the days wholly on record, (blocks, days) and (days,)."""
    rows = read_events(events, zone=None)
    mine = np.isfinite(rows.lon) & np.isfinite(rows.lat)
    if CITIZEN in rows.origins:
        mine &= rows.origin == rows.origins.index(CITIZEN)
    if category is not None:
        if category not in rows.kinds:
            raise click.BadParameter(
                f"没有这个类别。no such category: {', '.join(rows.kinds)}", param_hint="--category"
            )
        mine &= rows.kind == rows.kinds.index(category)
    local = rows.wall_s - hours[0] * 3600
    mine &= local % DAY_S < hours[1] * 3600
    day = (local // DAY_S).astype(np.int64)[mine]
    if not len(day):
        raise EffectsRefused("no_calls")
    complete = read_coverage(coverage)
    first, span = int(day.min()), int(day.max() - day.min() + 1)
    known = np.ones(span, dtype=np.bool_) if complete is None else np.isin(np.arange(first, first + span), complete)
    if hours[0] + hours[1] > 24 and complete is not None:
        known &= np.isin(np.arange(first + 1, first + span + 1), complete)
    lon, lat = rows.lon[mine], rows.lat[mine]
    grid = _grid(lon, lat, cell_m)
    cell = grid.to_cell(lon, lat)
    inside = (cell >= 0) & known[day - first]
    total = np.bincount(cell[inside], minlength=grid.nx * grid.ny)
    places = [Block((int(k),), float(total[k])) for k in np.flatnonzero(total)]
    chosen = blocks_apart(places, nx=grid.nx, ny=grid.ny, most=most)
    owner = np.full(grid.nx * grid.ny, -1)
    for k, number in enumerate(chosen[: len(chosen) // 2 * 2]):
        owner[list(places[number].cells)] = k
    place = np.where(inside, owner[cell], -1)
    n = len(chosen) // 2 * 2
    flat = np.bincount(place[place >= 0] * span + (day - first)[place >= 0], minlength=n * span)
    return flat.reshape(n, span).astype(np.int64), known


def _grid(lon: NDArray[np.float64], lat: NDArray[np.float64], cell_m: float) -> Grid:
    """A grid over all but the farthest rows: one mistyped place must not make it a continent."""
    west, east = np.quantile(lon, (0.0005, 0.9995))
    south, north = np.quantile(lat, (0.0005, 0.9995))
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return grid_over(lon[inside], lat[inside], cell_m=cell_m)


def _told(
    design: Design, past: NDArray[np.int64], known: NDArray[np.bool_], effect: float | None, runs: int, seed: int
) -> dict[str, Any]:
    whole = windows_of(known, design.days)
    every = np.ones(design.days, dtype=np.bool_)
    laid = [past[:, whole[k : k + design.days]] for k in range(0, len(whole) - design.days + 1, design.days)]
    scatter = float(np.mean([scatter_of(design, each, every) for each in laid]))
    expected = float(past[:, whole].sum() / len(whole) * design.days)
    fall = least_fall(expected, coins=design.coins, scatter=scatter)
    found = {
        "false_alarms": placebo_runs(design, past, known, runs=runs, seed=seed),
        "found": placebo_runs(design, past, known, effect=fall if effect is None else effect, runs=runs, seed=seed),
    }
    return {
        "days": design.days,
        "blocks": design.blocks,
        "coins": design.coins,
        "past_days": len(whole),
        "calls_expected": round(expected, 1),
        "scatter": round(scatter, 3),
        "least_fall": round(fall, 4),
        "seed": seed,
        **{
            name: {
                "effect": round(one.effect, 4), "told": one.found, "runs": one.runs, "share": round(one.share, 4),
                "low": round(one.low, 4), "high": round(one.high, 4),
            }
            for name, one in found.items()
        },
    }  # fmt: skip


def _lines(told: dict[str, Any]) -> list[str]:
    alarms, found = told["false_alarms"], told["found"]

    def share(one: dict[str, Any]) -> str:
        between = f"{100 * one['low']:.1f}–{100 * one['high']:.1f} %"
        return f"{one['told']}/{one['runs']} = {100 * one['share']:.1f} % ({between})"

    return [
        f"{told['past_days']} 个完整日；{told['blocks']} 个地块，{told['days']} 天，{told['coins']} 次随机 · "
        f"whole days: {told['past_days']}; {told['blocks']} blocks, {told['days']} days, {told['coins']} coins",
        f"预计报警 calls expected: {told['calls_expected']:.0f}; 离散 scatter: {told['scatter']:.2f}",
        f"八成把握可发现的降幅 fall found with 80 %: {100 * told['least_fall']:.1f} %",
        f"无效果时误报 false alarms without effect: {share(alarms)}",
        f"降幅 {100 * found['effect']:.1f} % 时发现 found with that fall: {share(found)}",
    ]
