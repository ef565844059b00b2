"""Flags within bounds of several factors, from files to lines; and the factor several cities' lines ask for."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from anlan.config.forecast_files import UnreadableFile
from anlan.engines.forecast import CHOSEN, Asked, Rows, open_door, run
from anlan.engines.forecast.contract import Model
from anlan.engines.forecast.factors import FactorLine, chosen_factor, factor_lines

FACTORS = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.35, 1.5)


def bounds(
    rows: Rows, asked: Asked, models: Sequence[Model], *, factors: Sequence[float], seed: int, pool: Executor | None
) -> Iterator[dict[str, Any]]:
    """One line a category and factor, then one a factor for all categories together (``category`` is ``all``)."""
    record, _ = open_door(rows, asked)
    days = record.days_between(asked.test_from, asked.test_until + 1)
    results = run(record, models, days, seed=seed, executor=pool, keep_means=True, clock=time.perf_counter)
    told = list(factor_lines(record, results.sheets[CHOSEN], sorted(factors), seed=seed))
    for factor in (None, *sorted(factors)):
        told.append(_together([line for line in told if line.factor == factor]))
    yield from (asdict(line) for line in told)


def _together(lines: Sequence[FactorLine]) -> FactorLine:
    """All categories as one: sums, and the widest extremes."""
    lows, highs = ([getattr(line, name) for line in lines] for name in ("low", "high"))
    n, caught, judged, outside = (
        sum(getattr(line, name) for line in lines) for name in ("n", "caught", "judged", "outside")
    )
    low = min((low for low in lows if low is not None), default=None)
    high = max((high for high in highs if high is not None), default=None)
    return FactorLine("all", lines[0].factor, n, caught, judged, outside, low, high)


def factor_of(paths: Sequence[Path]) -> dict[str, Any]:
    """The factor chosen from files of lines, one a city; each city's share of areas outside beside it."""
    outside: dict[str, dict[float, float]] = defaultdict(dict)
    for path in paths:
        for line in _lines(path):
            if line["category"] == "all" and line["factor"] is not None and line["judged"]:
                outside[path.name.split(".")[0]][line["factor"]] = line["outside"] / line["judged"]
    if not outside:
        raise UnreadableFile(
            paths[0],
            "没有一行判过片区；请给 anlan forecast bounds 打印的行。",
            "holds no line that judged an area; give lines that anlan forecast bounds printed.",
        )
    return {"factor": chosen_factor(outside), "outside": outside}


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        lines: list[dict[str, Any]] = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as problem:
        raise UnreadableFile(
            path, f"读不出来（{problem}）。请给每行一个 JSON。", f"cannot be read ({problem}). Give JSON, one a line."
        ) from problem
    return [
        line for line in lines if isinstance(line, dict) and {"category", "factor", "judged", "outside"} <= set(line)
    ]
