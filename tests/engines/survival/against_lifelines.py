"""Our survival estimates beside those of lifelines, on many made sets of files: ``python against_lifelines.py 200``.

Not part of the checks, which carry what lifelines gave once: it needs an environment of its own that has both
(``pip install lifelines`` beside this project). Prints the widest gap of each figure, and 1 where one is over 1e-9.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from typing import Any

import numpy as np

from anlan.engines.survival import cumulative_incidence, kaplan_meier, log_rank, restricted_mean

BOUND = 1e-9
DAYS = (1, 7, 30, 90, 180)


def files_of(seed: int, *, tied: bool) -> tuple[Any, Any, Any]:
    """Days until the end, what ended it (0 unseen, 1 came back, 2 a case), and one of three groups."""
    dice = np.random.default_rng(seed)
    n = int(dice.integers(30, 2000))
    group = dice.integers(0, 3, n)
    back, case, watched = (dice.exponential(scale, n) for scale in (160.0, 600.0, 200.0))
    days = np.minimum(np.minimum(back / (1 + 0.3 * group), case), watched)
    outcome = np.where(watched <= days, 0, np.where(case <= days, 2, 1))
    return (np.floor(days) + 1 if tied else days), outcome, group


def gaps_of(seed: int) -> dict[str, float]:
    """How far the two are apart on one set of files, figure by figure."""
    from lifelines import AalenJohansenFitter, KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test
    from lifelines.utils import restricted_mean_survival_time

    days, outcome, group = files_of(seed, tied=True)
    ours, theirs = kaplan_meier(days, outcome), KaplanMeierFitter().fit(days, outcome == 1)
    bounds = theirs.confidence_interval_
    found: dict[str, float] = defaultdict(float)
    for day in DAYS:
        read = ours.at(day)
        found["share free"] = max(found["share free"], abs(read.share - float(theirs.predict(day))))
        if 0.0 < read.share < 1.0:
            low, high = bounds.loc[:day].iloc[-1]
            found["interval"] = max(found["interval"], abs(read.low - low), abs(read.high - high))
    horizon = min(180.0, float(days.max()))
    mean = restricted_mean(ours, horizon)
    if mean is not None:
        found["mean of 180 days"] = abs(mean.days - float(restricted_mean_survival_time(theirs, t=horizon)))
    tested = log_rank(days, outcome, list(group))
    if tested is not None:
        other = multivariate_logrank_test(days, group, outcome == 1)
        found["log-rank"] = abs(tested.chi_square - other.test_statistic) / max(1.0, other.test_statistic)
    # lifelines shakes ties apart here: compared where there are none.
    days, outcome, _group = files_of(seed, tied=False)
    incidence = cumulative_incidence(days, outcome)
    fitted = AalenJohansenFitter(calculate_variance=False).fit(days, outcome, event_of_interest=1)
    for day in DAYS:
        known = fitted.cumulative_density_.loc[:day].iloc[-1, 0]
        found["incidence"] = max(found["incidence"], abs(incidence.at(day).share - float(known)))
    return found


def main(count: int) -> int:
    import lifelines

    widest: dict[str, float] = defaultdict(float)
    for seed in range(count):
        for name, gap in gaps_of(seed).items():
            widest[name] = max(widest[name], gap)
    told = {"sets": count, "lifelines": lifelines.__version__, "widest_gap": dict(widest)}
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return int(any(gap > BOUND for gap in widest.values()))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
