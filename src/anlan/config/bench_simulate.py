"""``anlan bench simulate``: calls a second on Manhattan with sixty units, a county's year, paired runs of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from anlan.config.simulate_files import Stated, made_from_files
from anlan.engines.simulation import (
    CallProcess,
    Ground,
    Rules,
    World,
    call_process,
    calls_of,
    compare,
    fleet_of,
    luck_of,
    policy_read,
    run,
)

POLICIES = ("closest", "home:180", "cover", "closest+post", "closest+moveup")
UNITS, A_DAY = 60, 2000.0
YEAR_DAYS, COUNTY_ZONES, COUNTY_A_DAY = 365, 600, 330.0
PAIR = ("closest", "cover")


def manhattan(data: Path, *, calls: int, seed: int) -> Iterator[dict[str, Any]]:
    """Precomputation told apart, then calls a second of processor time by policy, one core."""
    roads = data / "roads-manhattan"
    begin, worked = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor() as threads:
        made = made_from_files(
            calls=data / "nyc_crime_2014_2015" / "events.parquet", units=roads / "ems-stations.csv",
            roads=roads / "manhattan.osm.pbf", onward=None, n_units=UNITS, span=None, seed=seed,
            stated=Stated(calls_a_day=A_DAY), only=("precinct", 1.0, 34.0), spread=threads.map,
        )  # fmt: skip
    assert made.process is not None
    yield {
        "bench": "simulate", "case": "manhattan, precomputation", "zones": made.told["zones"],
        "wall_s": round(time.perf_counter() - begin, 2), "cpu_s": round(time.process_time() - worked, 2),
    }  # fmt: skip
    drawn = made.process.draw(max(round(calls / A_DAY), 1), np.random.default_rng(seed))
    world = replace(made.world, calls=drawn)
    luck = luck_of(len(drawn), world.rules, np.random.default_rng(seed))
    for text in POLICIES:
        begin, worked = time.perf_counter(), time.process_time()
        run(world, policy_read(text), luck)
        cpu_s, wall_s = time.process_time() - worked, time.perf_counter() - begin
        yield {
            "bench": "simulate", "case": f"manhattan, {text}", "units": UNITS, "calls": len(drawn),
            "calls_per_cpu_s": round(len(drawn) / cpu_s), "calls_per_wall_s": round(len(drawn) / wall_s),
        }  # fmt: skip


def county(*, runs: int, jobs: int, seed: int) -> Iterator[dict[str, Any]]:
    """A year of a county of sixty units: one run of each policy here, then paired runs shared out to processes."""
    world, process = _county(seed)
    for text in PAIR:
        begin, worked = time.perf_counter(), time.process_time()
        run(world, policy_read(text), luck_of(len(world.calls), world.rules, np.random.default_rng(seed)))
        yield {
            "bench": "simulate", "case": f"a year of a county, {text}", "calls": len(world.calls),
            "wall_s": round(time.perf_counter() - begin, 1), "cpu_s": round(time.process_time() - worked, 1),
        }  # fmt: skip
    if not runs:
        return
    begin = time.perf_counter()
    with ProcessPoolExecutor(jobs) as pool:
        told = compare(
            world, [policy_read(text) for text in PAIR], runs=runs, seed=seed, process=process, days=YEAR_DAYS,
            executor=pool,
        )  # fmt: skip
    late = told.differences[PAIR[1]]["late"]
    yield {
        "bench": "simulate", "case": f"two policies over a year, {runs} paired runs, {jobs} processes",
        "calls": round(told.calls * runs), "wall_s": round(time.perf_counter() - begin, 1),
        "late_difference": [late.value, late.low, late.high],
    }  # fmt: skip


def _county(seed: int) -> tuple[World, CallProcess]:
    """A town and its villages on a plain of 40 by 40 kilometres: two thirds of the calls in the town."""
    rng = np.random.default_rng(seed)
    town = rng.normal(20_000, 3_000, (COUNTY_ZONES // 2, 2))
    place = np.vstack([town, rng.uniform(0, 40_000, (COUNTY_ZONES - len(town), 2))])
    way_m = 1.3 * np.hypot(*(place[:, None] - place[None, :]).transpose(2, 0, 1))
    weight = np.repeat([2.0, 1.0], COUNTY_ZONES // 2)
    ground = Ground(way_m / 14.0, way_m / 11.0, way_m, weight, np.full(COUNTY_ZONES, 600.0))
    n = round(YEAR_DAYS * COUNTY_A_DAY)
    at_s = np.sort(rng.random(n)) * YEAR_DAYS * 86_400.0
    calls = replace(
        calls_of(
            at_s, rng.choice(COUNTY_ZONES, n, p=weight / weight.sum()), scene_s=rng.exponential(1800.0, n),
            priority=rng.choice([1, 2, 3, 4], n, p=[0.1, 0.3, 0.4, 0.2]), target_s=900.0,
        ),
        block=(at_s // 86_400.0).astype(np.int64),
    )  # fmt: skip
    homes = rng.choice(COUNTY_ZONES, UNITS, p=weight / weight.sum()).tolist()
    world = World(ground, fleet_of(homes), calls, rules=Rules(drive_spread=0.234), posts=np.unique(homes))
    return world, call_process(calls, days=YEAR_DAYS)
