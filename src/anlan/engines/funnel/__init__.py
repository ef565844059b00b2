"""Funnel plots for units of unequal size, and an order that is refused where it would rank noise."""

from anlan.engines.funnel.limits import ALARM, WARNING, Kind, Limits, funnel_limits, two_sided_p, z_score
from anlan.engines.funnel.units import (
    SMALLEST_UNIT,
    Funnel,
    Left,
    Placed,
    Ranking,
    Unit,
    funnel,
    over_dispersion,
    rank_or_refuse,
    rank_range,
)

__all__ = [
    "ALARM",
    "SMALLEST_UNIT",
    "WARNING",
    "Funnel",
    "Kind",
    "Left",
    "Limits",
    "Placed",
    "Ranking",
    "Unit",
    "funnel",
    "funnel_limits",
    "over_dispersion",
    "rank_or_refuse",
    "rank_range",
    "two_sided_p",
    "z_score",
]
