"""How the people of a drill behave: how long they take, when they refuse, what comes of it.

Invented and said to be so: medians and spreads were set by hand to look like a working day. They make
a drill live; nothing is ever measured from them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

CRIME = ("01", "02", "09")
DISPUTE = ("04",)


@dataclass(frozen=True)
class Behaviour:
    """One incident's handling, drawn once. All times in seconds."""

    decide_s: float
    sign_s: float
    turnout_s: float
    contact_s: float
    on_scene_s: float
    feedback_s: float
    review_s: float
    close_s: float
    refuses: bool
    result: str


def _around(rng: np.random.Generator, median_s: float, spread: float) -> float:
    """A log-normal draw around ``median_s``; rounded to a tenth so that logs read well."""
    return round(float(median_s * math.exp(spread * rng.standard_normal())), 1)


def behaviour(code: str, priority: str, *, seed: int, number: int) -> Behaviour:
    """The handling of incident ``number`` of a drill: the same seed and number give the same draw."""
    rng = np.random.default_rng([seed, number])
    urgent = priority in ("P1", "P2")
    return Behaviour(
        decide_s=_around(rng, 18 if urgent else 45, 0.5),
        sign_s=_around(rng, 12 if urgent else 20, 0.7),
        turnout_s=_around(rng, 45 if urgent else 90, 0.5),
        contact_s=_around(rng, 80, 0.5),
        on_scene_s=_around(rng, 1500 if code[:2] in CRIME else 1100, 0.6),
        feedback_s=_around(rng, 600, 0.7),
        review_s=_around(rng, 2400, 0.8),
        close_s=_around(rng, 3600, 0.8),
        refuses=bool(rng.random() < 0.015),
        result=_result(code, rng),
    )


def _result(code: str, rng: np.random.Generator) -> str:
    roll = rng.random()
    if code[:2] in CRIME:
        return "case_criminal" if roll < 0.35 else "case_administrative" if roll < 0.75 else "settled_on_site"
    if code[:2] in DISPUTE:
        if roll < 0.65:
            return "mediated_agreement"
        return "to_mediation_centre" if roll < 0.85 else "mediated_none"
    if code.startswith("03"):
        return "accident_fast_settled" if roll < 0.7 else "settled_on_site"
    return "helped" if roll < 0.8 else "not_found" if roll < 0.9 else "false_alarm"
