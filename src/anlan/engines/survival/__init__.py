"""Settled means that it did not come back: how long files stay so, and how groups of files compare."""

from anlan.engines.survival.compare import (
    SMALLEST_CELL,
    SMALLEST_GROUP,
    Comparison,
    Followed,
    GroupFigure,
    Refusal,
    Verdict,
    compare_groups,
)
from anlan.engines.survival.curves import (
    READOUT_DAYS,
    Curve,
    Readout,
    RestrictedMean,
    cumulative_incidence,
    kaplan_meier,
    median_days,
    restricted_mean,
)
from anlan.engines.survival.logrank import LogRank, log_rank
from anlan.engines.survival.rates import WindowRate, window_rates
from anlan.engines.survival.table import CENSORED, COMPETING, EVENT

__all__ = [
    "CENSORED",
    "COMPETING",
    "EVENT",
    "READOUT_DAYS",
    "SMALLEST_CELL",
    "SMALLEST_GROUP",
    "Comparison",
    "Curve",
    "Followed",
    "GroupFigure",
    "LogRank",
    "Readout",
    "Refusal",
    "RestrictedMean",
    "Verdict",
    "WindowRate",
    "compare_groups",
    "cumulative_incidence",
    "kaplan_meier",
    "log_rank",
    "median_days",
    "restricted_mean",
    "window_rates",
]
