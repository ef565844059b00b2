"""The same city in cells of several sizes: what is caught by ground covered and by stops made."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from anlan.engines.forecast import BAR, CHOSEN, Asked, Results, Rows, open_door, run
from anlan.engines.forecast.card import curve, day_weights, figures, pooled
from anlan.engines.forecast.contract import Model
from anlan.engines.forecast.grid import SMALLEST_PRODUCT_CELL_M
from anlan.engines.forecast.sizes import HALF_BLOCK_M, SizeRun, advice, scattered

SIZES = (250.0, 300.0, 400.0, 500.0)


def resolution(
    rows: Rows,
    asked: Asked,
    models: Sequence[Model],
    *,
    sizes: Sequence[float],
    seed: int,
    pool: Executor | None,
    scatter_m: float = HALF_BLOCK_M,
) -> Iterator[dict[str, Any]]:
    """One line a size, model and variant (as recorded; scattered), then the advice for a station's stops.

    All categories asked for count together. Sizes under 250 m are told but labelled research and never advised.
    """
    thrown = scattered(rows, within_m=scatter_m, seed=seed)
    held: dict[float, SizeRun] = {}
    for size in sorted(sizes):
        done = {}
        for variant, given in (("recorded", rows), (f"scattered_{scatter_m:g}_m", thrown)):
            results = done[variant] = _run(given, replace(asked, cell_m=size), models, seed, pool)
            yield from (_line(results, model, size, variant) for model in (BAR, CHOSEN))
        recorded, apart = done.values()
        shown, bar, far = (
            pooled(found.sheets[model].sums)
            for found, model in ((recorded, CHOSEN), (recorded, BAR), (apart, CHOSEN))
        )
        if size >= SMALLEST_PRODUCT_CELL_M:
            held[size] = SizeRun(size, recorded.record.history.cells, shown, bar, far)
    if held:
        yield from advice(held, seed=seed)


def _run(rows: Rows, asked: Asked, models: Sequence[Model], seed: int, pool: Executor | None) -> Results:
    record, _ = open_door(rows, asked)
    days = record.days_between(asked.test_from, asked.test_until + 1)
    return run(record, models, days, seed=seed, executor=pool, clock=time.perf_counter)


def _line(results: Results, model: str, size: float, variant: str) -> dict[str, Any]:
    history, sheet = results.record.history, results.sheets[model]
    sums = pooled(sheet.sums)
    mine = figures(sums, day_weights(len(sheet.days), seed=results.seed), cells=history.cells)
    told: dict[str, Any] = {"cell_m": size, "model": model, "variant": variant, "n": round(float(mine["events"][0]))}
    if size < SMALLEST_PRODUCT_CELL_M:
        told["research"] = "cells under 250 m are for study only and are never shown or exported by the product"
    told |= curve(mine, history.grid, beside_all_area=False)
    return told | {"outside_share": float((mine["outside"] / mine["events"])[0]), "seconds": round(sheet.seconds, 1)}
