"""The lines of a backtest: one per category and model, and one per model for all categories together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.card import curve, day_weights, figures, line, pooled
from anlan.engines.forecast.day_scores import COLUMN
from anlan.engines.forecast.flagging import CAP_FACTOR
from anlan.engines.forecast.harness import BAR, CHOSEN, Results
from anlan.engines.forecast.places import districts, equity, stability, unpacked
from anlan.engines.forecast.rolling import Sheet
from anlan.engines.forecast.volume import chance_of_so_few, chance_within, volume_line

Floats = NDArray[np.float64]
POOLED = "all"
WINDOW_DAYS = 365
MONTH_LOW, MONTH_HIGH = 0.93, 1.07


def lines(results: Results, *, beside_all_area: bool = False) -> list[dict[str, object]]:
    """The whole card, bar first: by category then model, the pooled lines last under the category ``all``.

    ``beside_all_area`` adds what the capture rates would be with the whole rectangle for a denominator,
    beside the honest ones and never instead of them.
    """
    weights = day_weights(len(results.sheets[BAR].days), seed=results.seed)
    told: list[dict[str, object]] = []
    for category in results.record.history.categories:
        told += [
            _category_line(results, category, sheet, weights, beside_all_area) for sheet in results.sheets.values()
        ]
    told += [_pooled_line(results, sheet, weights, beside_all_area) for sheet in results.sheets.values()]
    return told


def _category_line(results: Results, category: str, sheet: Sheet, weights: Floats, beside: bool) -> dict[str, object]:
    record, history = results.record, results.record.history
    bar = figures(results.sheets[BAR].sums[category], weights, cells=history.cells)
    mine = figures(sheet.sums[category], weights, cells=history.cells)
    told: dict[str, object] = {"category": category, "model": sheet.model, "days": len(sheet.days)}
    told |= line(mine, bar) | curve(mine, history.grid, beside_all_area=beside)
    warm = results.warmup.get(sheet.model)
    told |= volume_line(*_totals(sheet, warm, category), len(sheet.days))
    told |= _months(sheet.days, sheet.sums[category])
    told["stability_5"] = stability(sheet.days, sheet.flags[category])
    district = districts(history.grid, history.active)
    flagged = unpacked(sheet.flags[category], history.shifts, history.cells).sum(axis=(0, 1)).astype(np.float64)
    happened = history.counts(category, int(sheet.days[0]), int(sheet.days[-1]) + 1).sum(axis=0)
    told |= equity(flagged, happened, district)
    if category in sheet.capped:
        kept = unpacked(sheet.capped[category], history.shifts, history.cells).sum(axis=(0, 1)).astype(np.float64)
        told |= {f"{name}_capped": value for name, value in equity(kept, happened, district).items()}
        told["cap_factor"] = CAP_FACTOR
    told["events_per_cell"] = _events_per_cell(results, category)
    if sheet.model == CHOSEN:
        choice = results.choices[category]
        told |= {"shows": choice.model, "reason": choice.reason, "validation_skill": choice.skill}
        told["validation_skill_lo"] = choice.skill_lo
    told["seconds"] = round(sheet.seconds, 2)
    told["cells"] = record.history.cells
    return told


def _pooled_line(results: Results, sheet: Sheet, weights: Floats, beside: bool) -> dict[str, object]:
    history = results.record.history
    bar = figures(pooled(results.sheets[BAR].sums), weights, cells=history.cells)
    told: dict[str, object] = {"category": POOLED, "model": sheet.model, "days": len(sheet.days)}
    mine = figures(pooled(sheet.sums), weights, cells=history.cells)
    told |= line(mine, bar) | curve(mine, history.grid, beside_all_area=beside)
    told |= volume_line(*_totals(sheet, results.warmup.get(sheet.model), *history.categories), len(sheet.days))
    told |= _months(sheet.days, pooled(sheet.sums))
    told["seconds"] = round(sheet.seconds, 2)
    told["cells"] = history.cells
    return told


def _totals(sheet: Sheet, warm: Sheet | None, *categories: str) -> tuple[Floats, Floats]:
    """Predicted and actual totals by day of these categories together, the validation days first."""
    held = [each for each in (warm, sheet) if each is not None]
    sums = np.concatenate([sum(each.sums[category] for category in categories) for each in held])
    return sums[:, COLUMN["predicted"]], sums[:, COLUMN["events"]]


def _months(days: NDArray[np.int32], sums: Floats) -> dict[str, object]:
    """Predicted over actual by month, the share of months within limits, and what chance would make of exact means:
    the share within on average, and how likely as few within as here, or fewer, would be."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    told: dict[str, float | None] = {}
    reach = []
    for month in np.unique(months):
        mine = sums[months == month].sum(axis=0)
        actual, predicted = mine[COLUMN["events"]], float(mine[COLUMN["predicted"]])
        told[str(month)] = round(predicted / float(actual), 4) if actual else None
        reach.append(chance_within(float(actual)))
    within = [value is not None and MONTH_LOW <= value <= MONTH_HIGH for value in told.values()]
    return {
        "pred_over_actual_by_month": told,
        "months_within": round(float(np.mean(within)), 3),
        "months_within_ceiling": round(float(np.mean(reach)), 3),
        "months_within_chance": round(chance_of_so_few(sum(within), reach), 4),
    }


def _events_per_cell(results: Results, category: str) -> float:
    """Events per active cell in the bar's window on the first test day: how dense the category is."""
    known = results.record.history.until(int(results.sheets[BAR].days[0]))
    window = known.last_days(WINDOW_DAYS)
    if len(window) == 0 or known.cells == 0:
        return 0.0
    return round(float(known.counts(category, int(window[0]), known.end).sum()) / known.cells, 3)
