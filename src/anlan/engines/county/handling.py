"""How simulated units handle a call: clocks and results, drawn from a seed.

Sources: the share signed within 30 s (97.6 %) and the feedback buckets are those of one published
weekly bulletin (Ankang); the share settled on site by street teams (65.4 %) is one district's.
Turn-out, time on scene and refusals are our own, chosen to look alive. None of it is evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.county.chance import generator_for
from anlan.engines.county.frame import Floats
from anlan.engines.county.mix import MIX

RESULTS = (
    "settled_on_site",
    "mediated_agreement",
    "mediated_none",
    "case_administrative",
    "case_criminal",
    "transferred",
    "mediation_centre",
    "helped",
    "person_found",
    "fast_settled",
    "false_alarm",
    "not_found",
    "cannot_handle",
)
"""Result codes of the feedback sheet."""

REFUSAL_SHARE = 0.015
"""Share of orders a unit turns down (busy, out of fuel, too far)."""

FEEDBACK_BUCKETS = (
    (0, 1800, 0.347),
    (1800, 3600, 0.213),
    (3600, 7200, 0.228),
    (7200, 14400, 0.126),
    (14400, 28800, 0.086),
)
"""Seconds from, seconds to, share: finish to feedback as the bulletin prints it (last bucket open
there, cut at 8 hours here)."""

_ON_SCENE_MIN = {"01": 55, "02": 45, "03": 30, "04": 28, "05": 15, "06": 60, "07": 50, "08": 30, "09": 40, "10": 30,
                 "11": 12, "12": 25, "90": 5, "99": 20}  # fmt: skip
_ON_SCENE_CODE_MIN = {"0301": 55, "0302": 12, "0307": 8, "0306": 25, "0410": 10, "0504": 9, "0501": 40, "0208": 22}
_SPEED_KMH = {"town": 26.0, "suburb": 36.0, "rural": 40.0}
_DETOUR = 1.35

# Result shares by code or group; `C` stands for what a street team does first.
_RESULT_SHARES: dict[str, dict[str, float]] = {
    "01": {
        "case_criminal": 0.62,
        "case_administrative": 0.16,
        "not_found": 0.08,
        "settled_on_site": 0.1,
        "false_alarm": 0.04,
    },
    "02": {
        "case_administrative": 0.38,
        "mediated_agreement": 0.26,
        "settled_on_site": 0.18,
        "not_found": 0.1,
        "case_criminal": 0.04,
        "mediated_none": 0.04,
    },
    "03": {"case_administrative": 0.4, "settled_on_site": 0.42, "fast_settled": 0.1, "not_found": 0.08},
    "0302": {"fast_settled": 0.78, "settled_on_site": 0.16, "not_found": 0.06},
    "0307": {"helped": 0.82, "not_found": 0.12, "cannot_handle": 0.06},
    "04": {
        "settled_on_site": 0.34,
        "mediated_agreement": 0.27,
        "mediated_none": 0.14,
        "mediation_centre": 0.18,
        "not_found": 0.05,
        "case_administrative": 0.02,
    },
    "05": {"helped": 0.82, "transferred": 0.08, "not_found": 0.06, "false_alarm": 0.04},
    "06": {"person_found": 0.86, "helped": 0.08, "cannot_handle": 0.06},
    "07": {"helped": 0.5, "transferred": 0.38, "false_alarm": 0.12},
    "08": {"settled_on_site": 0.72, "transferred": 0.18, "not_found": 0.1},
    "09": {"case_criminal": 0.55, "helped": 0.35, "transferred": 0.05, "cannot_handle": 0.05},
    "10": {"transferred": 0.45, "case_administrative": 0.22, "not_found": 0.33},
    "11": {"transferred": 0.9, "helped": 0.1},
    "12": {"transferred": 0.85, "settled_on_site": 0.15},
    "90": {"false_alarm": 1.0},
    "99": {"settled_on_site": 0.5, "not_found": 0.3, "helped": 0.2},
    "C": {"settled_on_site": 0.654, "mediation_centre": 0.2, "not_found": 0.08, "cannot_handle": 0.066},
}


@dataclass(frozen=True, slots=True, eq=False)
class Handling:
    """Clocks and results of many calls, one entry each; durations in seconds.

    `decide_s` from answer to order, `sign_s` from order to signature, `turnout_s` from signature
    to departure, `travel_s` to arrival, `on_scene_s` to finish, `feedback_s` to the filed sheet.
    `result` indexes RESULTS. `refused` marks orders the first unit turned down; then the
    other clocks are those of the second.
    """

    decide_s: Floats
    sign_s: Floats
    turnout_s: Floats
    travel_s: Floats
    on_scene_s: Floats
    feedback_s: Floats
    result: NDArray[np.int64]
    refused: NDArray[np.bool_]


def handle(rng: np.random.Generator, codes: Sequence[str], urgent: NDArray[np.bool_], travel_s: Floats) -> Handling:
    """Draw the handling of calls with these codes.

    `urgent` marks calls with a danger (the unit leaves at once). `travel_s` is what the road
    network says; it is stretched by traffic here.
    """
    size = len(codes)
    quick = np.where(urgent, 0.35, 1.0)
    return Handling(
        decide_s=np.round(rng.lognormal(np.log(48 * quick), 0.45), 1),
        sign_s=sign_delay_s(rng, size),
        turnout_s=turnout_s(rng, urgent),
        travel_s=np.round(travel_s * rng.lognormal(0.05, 0.22, size), 1),
        on_scene_s=on_scene_s(rng, codes),
        feedback_s=feedback_delay_s(rng, size),
        result=result_rows(rng, codes),
        refused=rng.random(size) < REFUSAL_SHARE,
    )


@dataclass(frozen=True, slots=True)
class CallHandling:
    """The handling of one call; the fields are those of `Handling`, `result` a word of RESULTS."""

    decide_s: float
    sign_s: float
    turnout_s: float
    travel_s: float
    on_scene_s: float
    feedback_s: float
    result: str
    refused: bool


def handle_call(*, seed: int, key: int, code: str, urgent: bool, travel_s: float) -> CallHandling:
    """Draw the handling of one call for a live drill; the same seed and key give the same.

    `key` is any number that stands for the call or the order, `code` the true code.
    """
    one = handle(generator_for(seed, "handling", key), [code], np.array([urgent]), np.array([float(travel_s)]))
    return CallHandling(
        float(one.decide_s[0]),
        float(one.sign_s[0]),
        float(one.turnout_s[0]),
        float(one.travel_s[0]),
        float(one.on_scene_s[0]),
        float(one.feedback_s[0]),
        RESULTS[int(one.result[0])],
        bool(one.refused[0]),
    )


def sign_delay_s(rng: np.random.Generator, size: int) -> Floats:
    """Order to signature: log-normal, median 9 s, 97.6 % within 30 s."""
    delay: Floats = np.round(rng.lognormal(np.log(9.0), 0.609, size), 1)
    return delay


def turnout_s(rng: np.random.Generator, urgent: NDArray[np.bool_]) -> Floats:
    """Signature to departure: median 35 s with a danger, 95 s without."""
    delay: Floats = np.round(rng.lognormal(np.log(np.where(urgent, 35.0, 95.0)), 0.7), 1)
    return delay


def on_scene_s(rng: np.random.Generator, codes: Sequence[str]) -> Floats:
    """Arrival to finish: log-normal around the median of the kind of call."""
    median = np.array([_ON_SCENE_CODE_MIN.get(code, _ON_SCENE_MIN[code[:2]]) for code in codes]) * 60.0
    stay: Floats = np.round(median * rng.lognormal(0.0, 0.55, len(codes)), 1)
    return stay


def feedback_delay_s(rng: np.random.Generator, size: int) -> Floats:
    """Finish to feedback: a bucket by its published share, even inside it."""
    low, high, share = (np.array(column) for column in zip(*FEEDBACK_BUCKETS, strict=True))
    bucket = rng.choice(len(share), size, p=share / share.sum())
    delay: Floats = np.round(low[bucket] + rng.random(size) * (high - low)[bucket], 1)
    return delay


def result_rows(rng: np.random.Generator, codes: Sequence[str]) -> NDArray[np.int64]:
    """The result of each call as a row of RESULTS; community-track calls as street teams settle."""
    track = {mix.code: mix.track for mix in MIX}
    edges: dict[str, Floats] = {}
    for key, shares in _RESULT_SHARES.items():
        edges[key] = np.cumsum([shares.get(result, 0.0) for result in RESULTS])
    draw = rng.random(len(codes))
    rows = np.empty(len(codes), dtype=np.int64)
    for k, code in enumerate(codes):
        key = code if code in edges else "C" if track[code] == "C" else code[:2]
        rows[k] = min(int(np.searchsorted(edges[key], draw[k] * edges[key][-1], side="right")), len(RESULTS) - 1)
    return rows


def travel_guess_s(distance_m: Floats, settings: Sequence[str]) -> Floats:
    """Driving time without a road network: crow-fly distance x 1.35 at 26/36/40 km/h plus 40 s.

    For history rows only, where 100,000 routes would say no more.
    """
    speed = np.array([_SPEED_KMH[setting] for setting in settings]) / 3.6
    guess: Floats = 40.0 + distance_m * _DETOUR / speed
    return guess
