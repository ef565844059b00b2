"""Erlang's formulas for units that are called out, and the number of units a promise needs."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_UNITS = 500
"""Above this nobody plans one station's shift."""


@dataclass(frozen=True, slots=True)
class Promise:
    """So many units, and what they keep: shares of 1.

    `waits` is the chance that a caller finds no unit free, `reached` the share reached in time, `busy` the
    share of its time a unit is bound.
    """

    units: int
    waits: float
    reached: float
    busy: float


def erlang_b(units: int, load: float) -> float:
    """The chance that all of `units` are bound when nobody waits for one (calls lost, M/M/c/c).

    `load` is calls an hour times hours each binds a unit (erlang). By the recursion
    B(0) = 1, B(n) = load B(n-1) / (n + load B(n-1)), which never overflows.

    Source: A. K. Erlang (1917), "Solution of some problems in the theory of probabilities of significance
    in automatic telephone exchanges"; recursion as in R. B. Cooper, Introduction to Queueing Theory (1981), ch. 3.

    Raises ValueError for a negative number of units or a load that is negative or no number.
    """
    _check(units, load)
    blocked = 1.0
    for n in range(1, units + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(units: int, load: float) -> float:
    """The chance that a call finds all of `units` bound and waits (M/M/c, first come first served).

    C = c B / (c - load (1 - B)); 1 where the load is not below the units: the line then grows without end.

    Source: Erlang (1917), the delay formula. Raises ValueError as `erlang_b`.
    """
    _check(units, load)
    if load >= units:
        return 1.0 if load > 0 or units == 0 else 0.0
    blocked = erlang_b(units, load)
    return units * blocked / (units - load * (1.0 - blocked))


def waited_within(units: int, load: float, *, service_s: float, limit_s: float) -> float:
    """The share of calls for which a unit is free within `limit_s` seconds.

    P(W <= t) = 1 - C exp(-(c - load) t / service). `service_s` is how long a call binds a unit on average.

    Raises ValueError as `erlang_b`, and for a service that is not a positive number.
    """
    if not (math.isfinite(service_s) and service_s > 0):
        raise ValueError(f"a call binds a unit for a positive time, got {service_s}")
    waits = erlang_c(units, load)
    if limit_s < 0 or load >= units:
        return 0.0 if load > 0 or units == 0 else 1.0
    return 1.0 - waits * math.exp(-(units - load) * limit_s / service_s)


def reached_within(
    units: int, load: float, travel_s: ArrayLike, *, service_s: float, limit_s: float, seen_free: float | None = None
) -> float:
    """The share of calls reached within `limit_s` seconds of coming in: waiting for a unit, then its way.

    `travel_s` are ways as they were seen (seconds, any number of them), taken as they are and independent of the
    wait. Seen while `seen_free` units were free on average, they are stretched by sqrt(seen_free / (units - load)):
    free units stand the nearer the more there are. None leaves them as they are.

    Source of the stretch: P. Kolesar and E. H. Blum (1973), "Square root laws for fire engine response
    distances", Management Science 19:1368-1378.

    Raises ValueError as `waited_within`, and where no way is given or one is negative.
    """
    ways = _ways(travel_s)
    if load >= units:
        return 0.0
    if seen_free is not None and seen_free > 0:
        ways = ways * math.sqrt(seen_free / (units - load))
    waits = erlang_c(units, load)
    if not (math.isfinite(service_s) and service_s > 0):
        raise ValueError(f"a call binds a unit for a positive time, got {service_s}")
    left = limit_s - ways
    in_time = np.where(left >= 0, 1.0 - waits * np.exp(-(units - load) * np.maximum(left, 0.0) / service_s), 0.0)
    return float(in_time.mean())


def units_needed(
    load: float,
    travel_s: ArrayLike,
    *,
    service_s: float,
    limit_s: float,
    share: float = 0.95,
    seen_free: float | None = None,
    at_most: int = MOST_UNITS,
) -> Promise | None:
    """The fewest units that reach `share` of the calls within `limit_s`; None where `at_most` don't do it.

    None is an answer too: where the ways themselves are too long, more units at the same places don't shorten
    them. Raises ValueError as `reached_within`, and for a share outside (0, 1).
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"a share lies strictly between 0 and 1, got {share}")
    for units in range(max(1, math.floor(load) + 1), at_most + 1):
        reached = reached_within(units, load, travel_s, service_s=service_s, limit_s=limit_s, seen_free=seen_free)
        if reached >= share:
            return Promise(units, erlang_c(units, load), reached, load / units)
        if seen_free is None and units > 2 * load + 30:
            return None  # nobody waits any more, and the ways stay as they are
    return None


def _ways(travel_s: ArrayLike) -> NDArray[np.float64]:
    ways = np.asarray(travel_s, dtype=np.float64).ravel()
    if ways.size == 0 or not np.isfinite(ways).all() or (ways < 0).any():
        raise ValueError("ways are times of 0 s or more, and at least one is needed")
    return ways


def _check(units: int, load: float) -> None:
    if units < 0:
        raise ValueError(f"a number of units is 0 or more, got {units}")
    if not (math.isfinite(load) and load >= 0):
        raise ValueError(f"a load is 0 or more, got {load}")
