"""``anlan bench patrol``: a shift's patrol as a centre plans it: how soon the first answer, how good the last."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from anlan.engines.patrol_route import (
    PatrolTask,
    Progress,
    Stop,
    Unit,
    better_plan,
    faults_of,
    first_plan,
    is_compiled,
)

SHIFT_S = 8 * 3600.0
STOP_S, MEAL_S = 900.0, 2700.0
SIDE_M, SPEED_MPS = 12_000.0, 30 / 3.6
VISITS, FALLING = 3, 0.8
TRIES = 5
CLOSING_S = 2.5
"""Kept back of the seconds for the last choice among the routes found."""


def shift_task(*, units: int, stops: int, seed: int) -> PatrolTask:
    """A made-up town: places on streets at right angles, each visited in thirds of the shift at falling worth.

    Each tenth stop is a must; every unit has a break at its base in the middle third.
    """
    dice = np.random.default_rng(seed)
    places = -(-stops // VISITS)
    xy = dice.uniform(0, SIDE_M, size=(units + places, 2))
    travel = np.abs(xy[:, None] - xy[None, :]).sum(axis=2) / SPEED_MPS
    prizes = dice.gamma(1.0, 1.0, size=places)
    asked = [
        Stop(
            units + k % places,
            float(prizes[k % places]) * FALLING ** (k // places),
            STOP_S,
            opens_s=(k // places) * SHIFT_S / VISITS,
            closes_s=(k // places + 1) * SHIFT_S / VISITS - STOP_S,
            must=k % 10 == 0,
        )
        for k in range(stops)
    ]
    meals = [
        Stop(k, 0.0, MEAL_S, SHIFT_S / 3, SHIFT_S * 2 / 3, must=True, units=frozenset({k})) for k in range(units)
    ]
    return PatrolTask(travel, (*asked, *meals), tuple(Unit(k, k, 0.0, SHIFT_S) for k in range(units)))


def run(job: dict[str, Any], say: Callable[[str], None]) -> bool:
    """First and final answer of one task; whether both can be driven."""
    units, stops, seconds, seed = (job[key] for key in ("units", "stops", "seconds", "seed"))
    took, processor = [], []
    for _ in range(TRIES):
        task = shift_task(units=units, stops=stops, seed=seed)
        begin, used = time.perf_counter(), time.process_time()
        first = first_plan(task)
        took.append((time.perf_counter() - begin) * 1000)
        processor.append((time.process_time() - used) * 1000)
    begin = time.perf_counter()

    def go_on(_: Progress) -> bool:
        return time.perf_counter() - begin < seconds - CLOSING_S

    with ThreadPoolExecutor(job["cores"]) as threads:
        final = better_plan(task, first, seed=seed, go_on=go_on, lanes=job["cores"], run_all=threads.map)
    whole_s = time.perf_counter() - begin
    good = not faults_of(task, first) and not faults_of(task, final)
    line = {
        "bench": "patrol",
        "units": units,
        "stops": stops,
        "first_ms": round(median(took), 1),
        "first_processor_ms": round(median(processor), 1),
        "first_prize": round(task.prize_of(first), 3),
        "first_travel_h": round(task.travel_of(first) / 3600, 2),
        "final_s": round(whole_s, 2),
        "final_prize": round(task.prize_of(final), 3),
        "final_travel_h": round(task.travel_of(final) / 3600, 2),
        "musts_left_out": sum(stop.must for k, stop in enumerate(task.stops) if k not in final.served),
        "feasible": good,
        "compiled": is_compiled(),
        "cores": job["cores"],
    }
    say(json.dumps(line))
    return good


if __name__ == "__main__":
    sys.exit(0 if run(json.loads(sys.argv[1]), partial(print, flush=True)) else 1)
