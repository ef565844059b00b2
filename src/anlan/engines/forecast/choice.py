"""Which model is shown for a category: the best that beat the bar on days inside training, else the bar itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.card import Figures, day_weights, figures
from anlan.engines.forecast.rolling import Sheet

VALIDATION_DAYS = 92
FEWEST_DAYS = 10
FEWEST_EVENTS = 30
LOWER_END = 0.025
"""The deviance skill over the bar must be above zero at this quantile of redrawn days."""
WORST_CAPTURE = -0.005
WORST_CAPTURE_FEW = -0.03
FEW_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """The model shown for a category, and why: ``reason`` is a key, ``skill`` the validation skill over the bar.

    Reasons: ``beats_bar``; ``no_candidate``, ``too_little_history``, ``not_better`` (then ``model`` is the bar).
    """

    category: str
    model: str
    reason: str
    skill: float | None = None
    skill_lo: float | None = None
    validation_days: int = 0
    validation_events: int = 0


def validation_days(training: NDArray[np.int32]) -> NDArray[np.int32]:
    """The last watched days of training kept to judge the models: 92, or a third where there are fewer."""
    count = min(VALIDATION_DAYS, len(training) // 3)
    return training[len(training) - count :]


def choose(sheets: Mapping[str, Sheet], *, bar: str, cells: int, seed: int) -> dict[str, Choice]:
    """One choice per category from the sheets of the validation days (by model name, the bar among them)."""
    candidates = [name for name in sheets if name != bar]
    return {category: _chosen(category, sheets, candidates, bar, cells, seed) for category in sheets[bar].sums}


def _chosen(
    category: str, sheets: Mapping[str, Sheet], candidates: Sequence[str], bar: str, cells: int, seed: int
) -> Choice:
    days = len(sheets[bar].days)
    if not candidates:
        return Choice(category, bar, "no_candidate", validation_days=days)
    weights = day_weights(days, seed=seed) if days else np.empty((0, 0))
    if days < FEWEST_DAYS:
        return Choice(category, bar, "too_little_history", validation_days=days)
    beaten = figures(sheets[bar].sums[category], weights, cells=cells)
    events = round(float(beaten["events"][0]))
    if events < FEWEST_EVENTS:
        return Choice(category, bar, "too_little_history", None, None, days, events)
    best = Choice(category, bar, "not_better", None, None, days, events)
    for name in candidates:
        mine = figures(sheets[name].sums[category], weights, cells=cells)
        skill, low = _skill(mine, beaten)
        if low > 0 and not _loses_places(mine, beaten, events) and (best.skill is None or skill > best.skill):
            best = Choice(category, name, "beats_bar", skill, low, days, events)
    return best


def _skill(mine: Figures, bar: Figures) -> tuple[float, float]:
    skill = 1.0 - mine["deviance"] / bar["deviance"]
    return float(skill[0]), float(np.quantile(skill[1:], LOWER_END))


def _loses_places(mine: Figures, bar: Figures, events: int) -> bool:
    """Whether the map got worse although the counts fit better: then it isn't shown."""
    at_five = WORST_CAPTURE_FEW if events < FEW_EVENTS else WORST_CAPTURE
    worse_five = float((mine.capture(5) - bar.capture(5))[0]) < at_five
    worse_twenty = float((mine.capture(20) - bar.capture(20))[0]) < min(at_five, WORST_CAPTURE)
    return worse_five or worse_twenty
