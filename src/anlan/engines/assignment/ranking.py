"""Rank units by the time within which they will be there nine times out of ten."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankRules:
    """What is added to bare driving time.

    `turnout_s` passes between sending and wheels turning. `tail` is the ratio of the 90th percentile
    to the median of a trip. `walk_mps` is the pace from the road to the door, beyond the first
    `door_m` metres, which every position is off by anyway.

    The defaults are judgement, to be replaced by a city's own once it has its trips: turn-out 30 s
    (the signing target), tail 1.35, walking pace 1.4 m/s.
    """

    turnout_s: float = 30.0
    tail: float = 1.35
    walk_mps: float = 1.4
    door_m: float = 30.0

    def __post_init__(self) -> None:
        if self.turnout_s < 0 or self.tail < 1 or self.walk_mps <= 0 or self.door_m < 0:
            raise ValueError(f"turn-out and door must not be below 0, tail not below 1, pace above 0: {self}")


@dataclass(frozen=True, eq=False)
class Ranking:
    """`order` holds the rows of the units that can get there, best first; the times are per row.

    `eta_s` is the median, `eta_p90_s` the time not exceeded nine times in ten; both infinite for a unit
    that cannot get there.
    """

    order: NDArray[np.int64]
    eta_s: Floats
    eta_p90_s: Floats


def rank_units(
    travel_s: ArrayLike,
    fix_age_s: ArrayLike,
    off_road_m: ArrayLike,
    *,
    target_off_road_m: float = 0.0,
    rules: RankRules | None = None,
) -> Ranking:
    """Order units by the 90th percentile of their time of arrival, shortest first.

    Parameters
    ----------
    travel_s
        Driving time of each unit, shape (n_units,), >= 0; infinite where no road leads.
    fix_age_s
        Age of each unit's position, shape (n_units,), >= 0. A unit last seen `a` seconds ago may have
        driven the wrong way for `a` seconds since, so its age is added to the 90th percentile.
    off_road_m
        Distance of each unit from the road it was put on, shape (n_units,), >= 0.
    target_off_road_m
        The same for the incident.

    Equal units stand in the order they came in, so that the same question has the same answer.

    Raises ValueError for shapes that disagree, for negative numbers and for numbers that are none.
    """
    rules = rules or RankRules()
    travel, age, off_road = (np.asarray(values, dtype=np.float64) for values in (travel_s, fix_age_s, off_road_m))
    if travel.ndim != 1 or age.shape != travel.shape or off_road.shape != travel.shape:
        raise ValueError(f"one number per unit is needed: got shapes {travel.shape}, {age.shape}, {off_road.shape}")
    everything = np.concatenate([travel, age, off_road, [target_off_road_m]])
    if np.isnan(everything).any() or (everything < 0).any():
        raise ValueError("travel times, ages and distances must be numbers of at least 0")
    eta_s = rules.turnout_s + travel + walk_s(off_road, target_off_road_m, rules=rules)
    return rank_by_times(eta_s, eta_s * rules.tail + age)


def rank_by_times(eta_s: Floats, eta_p90_s: Floats) -> Ranking:
    """The order by the 90th percentile, then the median; whoever can't get there (infinite) isn't in it."""
    order = np.lexsort((eta_s, eta_p90_s))
    return Ranking(order[np.isfinite(eta_p90_s[order])].astype(np.int64), eta_s, eta_p90_s)


def walk_s(off_road_m: ArrayLike, target_off_road_m: float, *, rules: RankRules | None = None) -> Floats:
    """Seconds on foot from the unit to its road and from the road to the door, beyond the first metres."""
    rules = rules or RankRules()
    off_road = np.asarray(off_road_m, dtype=np.float64)
    walk_m = np.maximum(off_road - rules.door_m, 0.0) + max(target_off_road_m - rules.door_m, 0.0)
    return np.asarray(walk_m / rules.walk_mps)


def line_travel_s(distance_m: ArrayLike, speed_kmh: ArrayLike, *, detour: float = 1.3) -> Floats:
    """Driving time over a straight-line distance where no road network can be asked; broadcasts.

    `detour` is how much longer the road is than the line: about 1.3 in towns. Raises ValueError for a
    speed of 0 or less or a detour below 1.

    Source: R. F. Love and J. G. Morris (1972), "Modelling inter-city road distances by mathematical
    functions", Operational Research Quarterly 23:61.
    """
    speed = np.asarray(speed_kmh, dtype=np.float64)
    if detour < 1.0 or not bool(np.all(speed > 0.0)):
        raise ValueError(f"speed must be above 0 and detour at least 1, got {speed.tolist()} and {detour}")
    return np.asarray(np.asarray(distance_m, dtype=np.float64) * detour / (speed / 3.6))
