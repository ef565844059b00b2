"""The card of scores: figures over many days with intervals by redrawing days, and paired differences to the bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.day_scores import COLUMN, KM2, SHARES, VISITS, Budgets, flag_budget
from anlan.engines.forecast.grid import Grid

Floats = NDArray[np.float64]
DRAWS = 1000
INTERVAL = (0.025, 0.975)


def day_weights(days: int, *, seed: int, draws: int = DRAWS) -> Floats:
    """How often each day is drawn in each bootstrap sample, (draws, days); the first row is the days as they were."""
    drawn = np.random.default_rng([seed, days]).multinomial(days, np.full(days, 1.0 / days), size=draws)
    return np.concatenate([np.ones((1, days)), drawn.astype(np.float64)])


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over days of one model and category as they were (row 0) and per bootstrap draw: (1 + draws, SUMS)."""

    drawn: Floats
    cells: int

    def __getitem__(self, name: str) -> Floats:
        column: Floats = self.drawn[:, COLUMN[name]]
        return column

    def capture(self, share: int) -> Floats:
        """Events inside the flagged ``share`` percent of active cells, as a share of all events."""
        return _ratio(self[f"hits_{share}"], self["events"])

    def pei(self, share: int) -> Floats:
        """Hits against those of the best map of equal area drawn with hindsight for every shift (PEI*)."""
        return _ratio(self[f"hits_{share}"], self[f"best_{share}"])

    def pai(self, share: int) -> Floats:
        """Share of events caught over share of active area flagged."""
        return self.capture(share) / (flag_budget(self.cells, share) / self.cells)


def figures(sums: Floats, weights: Floats, *, cells: int) -> Figures:
    """Figures from day sums (day, SUMS) under the drawn day weights."""
    return Figures(weights @ sums, cells)


def line(mine: Figures, bar: Figures) -> dict[str, float | int | None]:
    """The ranking, skill and level figures of the card for one model and category.

    Captures and their differences to the bar are shares between 0 and 1: a hundredth is a point.
    """
    told: dict[str, float | int | None] = {"n": round(float(mine["events"][0]))}
    for share in SHARES:
        told[f"capture_{share}"] = told_number(mine.capture(share)[0])
        told |= _interval(f"capture_{share}", mine.capture(share))
    for share in SHARES:
        told |= _with_interval(f"diff_capture_{share}", mine.capture(share) - bar.capture(share))
    for share in (1, 2, 5):
        told[f"pai_{share}"] = told_number(mine.pai(share)[0])
    told["pei_5"] = told_number(mine.pei(5)[0])
    told |= _with_interval("pei_5_ratio", _ratio(mine.pei(5), bar.pei(5)))
    flagged = flag_budget(mine.cells, 5) / mine.cells * mine["cell_shifts"]
    told["precision_5"] = told_number(_ratio(mine["flagged_with_event"], flagged)[0])
    for name, column in (("log_score", "log_loss"), ("rps", "rps"), ("poisson_deviance", "deviance")):
        told[name] = told_number(_ratio(mine[column], mine["cell_shifts"])[0])
    told["capture_5_capped"] = told_number(_ratio(mine["hits_5_capped"], mine["events"])[0])
    price = _ratio(mine["hits_5_capped"], mine["events"]) - mine.capture(5)
    told |= _with_interval("price_capture_5_capped", price)
    told |= _with_interval("d2_climatology", 1.0 - _ratio(mine["deviance"], mine["deviance_flat"]))
    told |= _with_interval("d2_yearly_mean", 1.0 - _ratio(mine["deviance"], bar["deviance"]))
    told |= _with_interval("pred_over_actual", _ratio(mine["predicted"], mine["events"]))
    told["wape_skill_shift"] = told_number(1.0 - _ratio(mine["shift_error"], mine["events"])[0])
    told["outside_share"] = told_number(_ratio(mine["outside"], mine["events"])[0])
    return told


def curve(mine: Figures, grid: Grid, *, beside_all_area: bool) -> dict[str, float | int | None]:
    """Capture by flagged square kilometres, and by places visited a shift with the share that met an event."""
    told: dict[str, float | int | None] = {}
    for area in KM2:
        told[f"capture_km2_{area}"] = told_number(_ratio(mine[f"hits_km2_{area}"], mine["events"])[0])
    for places in VISITS:
        told[f"capture_visit_{places}"] = told_number(_ratio(mine[f"hits_visit_{places}"], mine["events"])[0])
        visited = mine["cell_shifts"] * min(places, mine.cells) / mine.cells
        told[f"precision_visit_{places}"] = told_number(_ratio(mine[f"met_visit_{places}"], visited)[0])
        told[f"capture_ground_{places}"] = told_number(_ratio(mine[f"hits_ground_{places}"], mine["events"])[0])
        told[f"capture_day_{places}"] = told_number(_ratio(mine[f"hits_day_{places}"], mine["events"])[0])
        told[f"precision_day_{places}"] = told_number(_ratio(mine[f"met_day_{places}"], visited)[0])
    told["active_km2"] = told_number(mine.cells * grid.cell_km2)
    if beside_all_area:
        rectangle = Budgets(mine.cells, grid.cell_km2, grid.nx * grid.ny)
        for share in SHARES:
            name = f"hits_area_{share}"
            told[f"capture_{share}_all_area"] = told_number(_ratio(mine[name], mine["events"])[0])
            told[f"cells_{share}_all_area"] = rectangle.by_sum()[name]
    return told


def pooled(sums: Mapping[str, Floats]) -> Floats:
    """Day sums of all categories together: every event counts once, whatever its category."""
    return np.asarray(np.sum(list(sums.values()), axis=0), dtype=np.float64)


def told_number(value: float) -> float | None:
    """Six significant digits; ``None`` where there is no figure (no event, no flagged cell)."""
    return float(f"{value:.6g}") if np.isfinite(value) else None


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.nan), dtype=np.float64)


def _with_interval(name: str, drawn: Floats) -> dict[str, float | int | None]:
    return {name: told_number(drawn[0]), **_interval(name, drawn)}


def _interval(name: str, drawn: Floats) -> dict[str, float | int | None]:
    known = drawn[1:][np.isfinite(drawn[1:])]
    if len(known) == 0:
        return {f"{name}_lo": None, f"{name}_hi": None}
    low, high = np.quantile(known, INTERVAL)
    return {f"{name}_lo": told_number(low), f"{name}_hi": told_number(high)}
