"""A street of places a hundred seconds apart: every time can be added up on paper."""

from __future__ import annotations

import numpy as np

from anlan.engines.simulation import Calls, Fleet, Ground, Need, Rules, World, calls_of, fleet_of

PLAIN = Rules(turnout_s=0.0, turnout_road_s=0.0, cover_every_s=1e6)


def street(places: int = 11, demand: list[float] | None = None, *, cover_s: float = 150.0) -> Ground:
    """Places 0, 1, 2 … in a row, 100 s and 1,000 m from one to the next."""
    steps = np.abs(np.subtract.outer(np.arange(places), np.arange(places))).astype(float)
    wanted = np.ones(places) if demand is None else np.array(demand)
    return Ground(100.0 * steps, 100.0 * steps, 1000.0 * steps, wanted, np.full(places, cover_s))


def small(
    homes: list[int],
    calls: Calls,
    *,
    ground: Ground | None = None,
    rules: Rules = PLAIN,
    fleet: Fleet | None = None,
    answers: tuple[tuple[Need, ...], ...] = ((Need(),),),
    posts: list[int] | None = None,
) -> World:
    waits = np.array(homes if posts is None else posts, dtype=np.int64)
    return World(ground or street(), fleet or fleet_of(homes), calls, answers, rules, waits)


def at_places(*calls: tuple[float, int, int], scene_s: float = 1000.0, target_s: float = 250.0) -> Calls:
    """Calls as (second, place, priority)."""
    at_s, zone, priority = (np.array(each) for each in zip(*calls, strict=True))
    return calls_of(
        at_s.astype(float), zone, scene_s=np.full(len(calls), scene_s), priority=priority, target_s=target_s
    )
