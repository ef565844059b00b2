"""Intervals for small counts: what a rate, a count or a percentile can honestly claim.

Every figure the platform prints carries its n and an interval from here, so that two
pages never disagree about how one is computed.
"""

from anlan.engines.intervals.agreement import cohen_kappa
from anlan.engines.intervals.counts import poisson_interval, wilson_interval
from anlan.engines.intervals.means import mean_interval, next_interval
from anlan.engines.intervals.percentiles import percentile, percentile_interval

__all__ = [
    "cohen_kappa",
    "mean_interval",
    "next_interval",
    "percentile",
    "percentile_interval",
    "poisson_interval",
    "wilson_interval",
]
