"""What the engine found, as numbers to keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from anlan.engines.simulation import METRICS, Compared, Told, values_of

BY_DAY = ("late", "p90_s", "cover")


def answer_of(told: Compared, *, days: Sequence[date], names: Sequence[str]) -> dict[str, Any]:
    """Figures of each policy (``a``, ``b``), the difference of the second, and a few figures day by day."""
    letter = dict(zip(names, "ab", strict=True))
    figures = {letter[name]: _rows(figures) for name, figures in told.figures.items()}
    counts = [tally.counts[:, 0] / told.runs for tally in told.tallies.values()]
    calls = counts[0].tolist() if counts else []
    by_day: list[dict[str, Any]] = [
        {"day": str(day), "calls": round(float(n), 1)} for day, n in zip(days, calls, strict=False)
    ]
    for name, tally in told.tallies.items():
        values = values_of(tally)
        for place, row in enumerate(by_day):
            row[letter[name]] = {key: _number(values[key][place]) for key in BY_DAY}
    return {
        "runs": told.runs,
        "blocks": told.blocks,
        "calls": round(told.calls, 1),
        "figures": figures,
        "difference": {key: _row(each) for name in told.differences for key, each in told.differences[name].items()},
        "failed": {letter[name]: why[:200] for name, why in told.failed.items()},
        "by_day": by_day,
        "bound": {
            "runs": told.bound_runs,
            "best": {key: _row(each) for key, each in told.best.items()},
            "left": {key: _row(each) for key, each in told.left.items()},
            "found": {key: _row(each) for key, each in told.found.items()},
            "sure": {key: _row(each) for key, each in told.sure.items()},
        },
    }


def _rows(figures: dict[str, Told]) -> dict[str, list[float | None]]:
    return {key: _row(figures[key]) for key in METRICS}


def _row(told: Told) -> list[float | None]:
    return [_number(value) for value in (told.value, told.low, told.high)]


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 6)
