"""A simulated centre must agree with what can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from anlan.engines.queueing import erlang_b, erlang_c, waited_within
from anlan.engines.simulation import Ground, Policy, Rules, World, calls_of, closest, fleet_of, luck_of, run

AT_ONCE = Rules(turnout_s=0.0, turnout_road_s=0.0, cover_every_s=600.0)


def one_place() -> Ground:
    none = np.zeros((1, 1))
    return Ground(none, none, none, np.ones(1), np.ones(1))


def centre(
    load: float, units: int, *, n: int, seed: int, rules: Rules = AT_ONCE, service: str = "exponential"
) -> World:
    """One place, no driving: calls at random with a mean of 600 s on the spot."""
    rng = np.random.default_rng(seed)
    at_s = np.cumsum(rng.exponential(600.0 / load, n))
    scene_s = rng.exponential(600.0, n) if service == "exponential" else np.full(n, 600.0)
    return World(
        one_place(), fleet_of([0] * units), calls_of(at_s, np.zeros(n, dtype=int), scene_s=scene_s), rules=rules
    )


def played(world: World):
    return run(
        world,
        Policy("closest", closest, diverts=False),
        luck_of(len(world.calls), world.rules, np.random.default_rng(1)),
    )


def share_interval(hits: np.ndarray, blocks: int = 20) -> tuple[float, float]:
    """Of a share in one long run: means of blocks hardly depend on each other."""
    means = np.array([block.mean() for block in np.array_split(hits, blocks)])
    wide = stats.t.ppf(0.9995, blocks - 1) * means.std(ddof=1) / np.sqrt(blocks)
    return float(means.mean() - wide), float(means.mean() + wide)


@pytest.mark.parametrize(("load", "units"), [(1.0, 2), (3.0, 4), (0.5, 1)])
def test_calls_lost_where_nobody_waits_are_erlangs_first_formula(load, units):
    rules = Rules(turnout_s=0.0, turnout_road_s=0.0, waits=False, cover_every_s=1e6)
    course = played(centre(load, units, n=3000, seed=3, rules=rules))
    low, high = share_interval(~np.isfinite(course.first_s[:, 0]))
    assert low <= erlang_b(units, load) <= high


@pytest.mark.parametrize(("load", "units"), [(1.4, 2), (2.5, 4)])
def test_calls_that_wait_are_erlangs_second_formula(load, units):
    course = played(centre(load, units, n=3000, seed=5))
    low, high = share_interval(course.first_s[:, 0] > 0.0)
    assert low <= erlang_c(units, load) <= high
    low, high = share_interval(course.first_s[:, 0] <= 300.0)
    assert low <= waited_within(units, load, service_s=600.0, limit_s=300.0) <= high


@pytest.mark.parametrize("service", ["exponential", "fixed"])
def test_with_units_enough_so_many_are_bound_as_poisson_says_whatever_a_call_takes(service):
    # M/G/infinity: the number in use is Poisson with the load as its mean, for any law of service.
    course = played(centre(4.0, 25, n=3000, seed=7, service=service))
    seen = course.in_use / course.in_use.sum()
    number = np.arange(len(seen))
    mean = float((seen * number).sum())
    assert mean == pytest.approx(4.0, rel=0.05)
    assert float((seen * (number - mean) ** 2).sum()) == pytest.approx(4.0, rel=0.12)
    assert np.abs(np.cumsum(seen) - stats.poisson.cdf(number, 4.0)).max() < 0.03


def test_urgent_calls_overtake_those_that_wait():
    calls = calls_of([0.0, 10.0, 20.0], [0, 0, 0], scene_s=[100.0, 100.0, 100.0], priority=[2, 3, 1])
    world = World(one_place(), fleet_of([0]), calls, rules=AT_ONCE)
    assert played(world).first_s[:, 0].tolist() == [0.0, 190.0, 80.0]
