"""What forecasts were worth: yesterday's hits and misses, and the card over the days scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from anlan.engines.forecast.volume import chance_within
from anlan.engines.intervals import poisson_interval, wilson_interval
from anlan.forecasting.models import ForecastAlarm, ForecastRun, ForecastScore
from anlan.forecasting.rules import CALLS, FAMILIES, LEVEL_LIMITS

CARD_VERSION = 1
CARD_DAYS = 28
DRAWS = 1000
CAPTURES = (5, 20)


@dataclass(frozen=True, slots=True)
class CardFigure:
    """A figure of the card: how many of how many, its value, its 95 % interval, and the bar's on the same days.

    ``low`` and ``high`` come from redrawing days (captures) or are the interval of a count (level); ``difference``
    to the bar carries its own, paired day by day. Of a level, ``chance`` is how often exactly true numbers would lie
    within its limits with so few reports, and ``verdict`` "within", "chance" (outside, as chance may put it) or
    "beyond" (outside, and more than chance).
    """

    key: str
    numerator: float
    denominator: float
    value: float | None
    low: float | None
    high: float | None
    bar: float | None
    difference: tuple[float, float, float] | None = None
    chance: float | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class FamilyCard:
    """A family's card over so many scored days; ``models`` which were computed on them."""

    family: str
    days: int
    first: date
    last: date
    models: tuple[str, ...]
    figures: tuple[CardFigure, ...]
    replayed: int


def scores_of(day: date) -> list[ForecastScore]:
    """The scores of a day, families in their order, the calls of station areas last."""
    order = {name: k for k, name in enumerate((*FAMILIES, CALLS))}
    rows = ForecastScore.objects.filter(day=day).select_related("sheet__run__release")
    return sorted(rows, key=lambda row: order.get(row.family, len(order)))


def days_scored(*, limit: int = 60) -> list[date]:
    """Days with scores, newest first."""
    rows = ForecastScore.objects.order_by("-day").values_list("day", flat=True).distinct()
    return list(rows[:limit])


def alarms_open() -> list[ForecastAlarm]:
    """What is off at present."""
    return list(ForecastAlarm.objects.filter(ended_at=None))


def run_latest() -> ForecastRun | None:
    """The newest forecast there is."""
    return ForecastRun.objects.select_related("release").first()


def cards(*, days: int = CARD_DAYS) -> list[FamilyCard]:
    """Every family's card over its last scored days. Two queries."""
    found = []
    replayed = set(ForecastRun.objects.filter(is_replayed=True).order_by("-day").values_list("day", flat=True)[:400])
    last = days_scored(limit=days)
    rows = list(ForecastScore.objects.filter(day__in=last).select_related("sheet").order_by("day"))
    for family in (*FAMILIES, CALLS):
        mine = [row for row in rows if row.family == family]
        if mine:
            found.append(_card(family, mine, sum(row.day in replayed for row in mine)))
    return found


def _card(family: str, rows: Sequence[ForecastScore], replayed: int) -> FamilyCard:
    sums, bar = _table(rows, "sums"), _table(rows, "bar_sums")
    figures = [_level(sums, bar), _cover(rows)]
    if family != CALLS:
        by_need = [_capture(sums, bar, "5_capped")] if "hits_5_capped" in sums else []
        captures = [*(_capture(sums, bar, str(share)) for share in CAPTURES), *by_need]
        figures = [*captures, _precision(rows), *figures, _skill(sums, bar)]
    models = tuple(dict.fromkeys(row.sheet.model for row in rows))
    return FamilyCard(family, len(rows), rows[0].day, rows[-1].day, models, tuple(figures), replayed)


def _table(rows: Sequence[ForecastScore], field: str) -> dict[str, Any]:
    """Each sum as an array over days; editions with other columns are read by their own."""
    names = set.intersection(*(set(row.columns) for row in rows))
    return {
        name: np.array([getattr(row, field)[row.columns.index(name)] for row in rows], dtype=np.float64)
        for name in names
    }


def _draws(days: int) -> Any:
    # The same draws for every figure of a page: differences are paired.
    return np.random.default_rng([CARD_VERSION, days]).multinomial(days, np.full(days, 1.0 / days), size=DRAWS)


def _capture(sums: dict[str, Any], bar: dict[str, Any], share: str) -> CardFigure:
    """Reports caught in a share of places: most expected first, or (``5_capped``) as they are flagged by need."""
    hits, other, events = sums[f"hits_{share}"], bar[f"hits_{share}"], sums["events"]
    numerator, denominator = float(hits.sum()), float(events.sum())
    if denominator <= 0:
        return CardFigure(f"capture_{share}", 0, 0, None, None, None, None)
    drawn = _draws(len(hits))
    whole = np.maximum(drawn @ events, 1e-9)
    low, high = np.quantile(drawn @ hits / whole, (0.025, 0.975))
    gap_low, gap_high = np.quantile(drawn @ (hits - other) / whole, (0.025, 0.975))
    difference = (numerator - float(other.sum())) / denominator, float(gap_low), float(gap_high)
    value, theirs = numerator / denominator, float(other.sum()) / denominator
    return CardFigure(f"capture_{share}", numerator, denominator, value, float(low), float(high), theirs, difference)


def _precision(rows: Sequence[ForecastScore]) -> CardFigure:
    shifts = [shift for row in rows for shift in row.hits.get("shifts", ())]
    hit, flagged = sum(each["hit"] for each in shifts), sum(each["flagged"] for each in shifts)
    if not flagged:
        return CardFigure("precision_5", 0, 0, None, None, None, None)
    low, high = wilson_interval(hit, flagged)
    return CardFigure("precision_5", hit, flagged, hit / flagged, low, high, None)


def _level(sums: dict[str, Any], bar: dict[str, Any]) -> CardFigure:
    told, calls = float(sums["predicted"].sum()), float(sums["events"].sum())
    if calls <= 0:
        return CardFigure("level", told, calls, None, None, None, None)
    low, high = poisson_interval(round(calls))
    theirs = float(bar["predicted"].sum()) / calls
    value, reach = told / calls, (told / high, told / low)
    chance = chance_within(calls, low=LEVEL_LIMITS[0], high=LEVEL_LIMITS[1])
    return CardFigure("level", told, calls, value, *reach, theirs, None, chance, _judged(value, reach))


def _judged(value: float, reach: tuple[float, float]) -> str:
    """A level against its limits: a miss is beyond chance where the whole interval lies outside."""
    low, high = LEVEL_LIMITS
    if low <= value <= high:
        return "within"
    return "beyond" if reach[0] > high or reach[1] < low else "chance"


def _cover(rows: Sequence[ForecastScore]) -> CardFigure:
    inside, asked = (
        np.array([row.inside for row in rows]),
        np.array([row.intervals for row in rows], dtype=np.float64),
    )
    drawn = _draws(len(rows))
    low, high = np.quantile(drawn @ inside / np.maximum(drawn @ asked, 1e-9), (0.025, 0.975))
    value = float(inside.sum() / asked.sum()) if asked.sum() else None
    return CardFigure("cover_80", float(inside.sum()), float(asked.sum()), value, float(low), float(high), None)


def _skill(sums: dict[str, Any], bar: dict[str, Any]) -> CardFigure:
    """Deviance explained beyond the bar: 0 is the bar itself."""
    mine, theirs = sums["deviance"], bar["deviance"]
    if theirs.sum() <= 0:
        return CardFigure("skill", 0, 0, None, None, None, None)
    drawn = _draws(len(mine))
    low, high = np.quantile(1.0 - drawn @ mine / np.maximum(drawn @ theirs, 1e-9), (0.025, 0.975))
    value = 1.0 - float(mine.sum() / theirs.sum())
    return CardFigure("skill", float(mine.sum()), float(theirs.sum()), value, float(low), float(high), 0.0)
