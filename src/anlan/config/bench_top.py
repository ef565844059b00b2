"""``anlan bench top``: team-orienteering instances by the patrol planner, beside the plain library, one line each."""

from __future__ import annotations

import csv
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from anlan.config.bench_top_bound import upper_bound
from anlan.engines.patrol_route import PatrolTask, Plan, Progress, Stop, Unit, better_plan, faults_of, is_compiled

CLOSING_S = 0.4
"""Kept back of the seconds for the last choice among the routes found."""
Clock = Callable[[], float]


@dataclass(frozen=True)
class Instance:
    """One file: a task whose every unit has the same time, and the best score known for it (None: not listed)."""

    name: str
    task: PatrolTask
    reference: float | None


def instance_read(path: Path, reference: float | None) -> Instance:
    """Chao's format: n, m, tmax, then x y score a line; the first vertex is the start, the last the end.

    Raises ValueError naming the file where it is cut off.
    """
    lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
    try:
        head = {line[0]: float(line[1]) for line in lines[:3]}
        rows = np.array(lines[3:], dtype=float)
        n, m, most = int(head["n"]), int(head["m"]), head["tmax"]
        if rows.shape != (n, 3):
            raise ValueError(f"{n} vertices announced, {len(rows)} found")
    except (KeyError, IndexError, ValueError) as wrong:
        raise ValueError(f"{path.name} is no team-orienteering instance: {wrong}") from wrong
    travel = np.hypot(rows[:, None, 0] - rows[None, :, 0], rows[:, None, 1] - rows[None, :, 1])
    stops = tuple(
        Stop(k, float(rows[k, 2]))
        for k in range(1, n - 1)
        if rows[k, 2] > 0 and travel[0, k] + travel[k, n - 1] <= most
    )
    return Instance(
        path.name, PatrolTask(travel, stops, tuple(Unit(0, n - 1, 0.0, most) for _ in range(m))), reference
    )


def instances_in(folder: Path, reference: Path) -> Iterator[Instance]:
    """Every instance of the reference file that lies in the folder or below, in the file's order."""
    with reference.open(newline="") as file:
        known = {row["instance"]: float(row["reference_score"]) for row in csv.DictReader(file)}
    paths = {path.name: path for path in folder.rglob("*.txt")}
    for name, score in known.items():
        if name in paths:
            yield instance_read(paths[name], score)


def planned(task: PatrolTask, *, seconds: float, cores: int, seed: int, clock: Clock, rate: float) -> Plan:
    """The planner's answer within `seconds` of `clock`, which runs `rate` times as fast as one lane's."""
    begin = clock()

    def go_on(_: Progress) -> bool:
        return (clock() - begin) / rate < seconds - CLOSING_S

    with ThreadPoolExecutor(cores) as threads:
        return better_plan(task, seed=seed, go_on=go_on, lanes=cores, run_all=threads.map)


def plainly(task: PatrolTask, *, seconds: float, seed: int, clock: Clock) -> Plan:
    """PyVRP as it comes, with its defaults: seconds x 10,000 rounded up, prizes above all travel. One core."""
    import pyvrp

    scale = 10_000
    way: Any = np.ceil(task.travel_s * scale).astype(np.int64)  # PyVRP's stubs name older array types
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(way))],
        clients=[pyvrp.Client(stop.place, prize=int(stop.prize * scale), required=False) for stop in task.stops],
        depots=[pyvrp.Depot(unit) for unit in (task.units[0].start_place, task.units[0].end_place)],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=len(task.units),
                start_depot=0,
                end_depot=1,
                tw_late=int(task.units[0].end_s * scale),
                unit_distance_cost=0,
                unit_duration_cost=1,
            )
        ],
        distance_matrices=[way],
        duration_matrices=[way],
    )
    begin = clock()
    found = pyvrp.solve(data, stop=lambda _: clock() - begin >= seconds, seed=seed, collect_stats=False)
    routes = [()] * len(task.units) if not found.is_feasible() else [_clients(route) for route in found.best.routes()]
    return Plan(tuple(tuple(route) for route in [*routes, *[()] * len(task.units)][: len(task.units)]))


def _clients(route: Any) -> tuple[int, ...]:
    return tuple(activity.idx for activity in route if activity.is_client())


def line_of(instance: Instance, plan: Plan, *, solver: str, seconds: float, processor_s: float) -> dict[str, Any]:
    """What is printed of an answer; `gap` is per cent below the reference, negative where it is beaten."""
    score, reference = instance.task.prize_of(plan), instance.reference
    return {
        "instance": instance.name,
        "solver": solver,
        "score": score,
        "reference": reference,
        "gap": None if reference is None else round(gap_of(score, reference), 4),
        "feasible": not faults_of(instance.task, plan),
        "seconds": round(seconds, 2),
        "processor_s": round(processor_s, 2),
    }


def gap_of(score: float, reference: float) -> float:
    """Per cent below the reference; where nothing can be had, nothing is missing."""
    return 100.0 * (reference - score) / reference if reference else 0.0


def out_of_reach(line: dict[str, Any]) -> bool:
    """Whether the reference is more than any plan can score, where the bound was asked for and found."""
    bound = line.get("bound")
    return bound is not None and line["reference"] - bound > 1e-6 * line["reference"]


def summary(lines: list[dict[str, Any]], solver: str) -> dict[str, Any]:
    """Mean and worst gap of one solver; with it the mean where beating a reference counts as none."""
    own = [line for line in lines if line["solver"] == solver and line["gap"] is not None]
    gaps = [line["gap"] for line in own]
    worst = max(own, key=lambda line: line["gap"], default=None)
    return {
        "solver": solver,
        "instances": len(own),
        "mean_gap": round(math.fsum(gaps) / len(gaps), 4) if gaps else None,
        "mean_gap_not_below_0": round(math.fsum(max(gap, 0.0) for gap in gaps) / len(gaps), 4) if gaps else None,
        "worst_gap": worst and worst["gap"],
        "worst": worst and worst["instance"],
        "beaten": sum(gap < 0 for gap in gaps),
        "missed": sum(gap > 0 for gap in gaps),
        "reference_out_of_reach": [line["instance"] for line in own if out_of_reach(line)],
        "feasible": all(line["feasible"] for line in own),
    }


def run(job: dict[str, Any], say: Callable[[str], None]) -> bool:
    """All instances, one after another; whether every answer could be driven."""
    seconds, cores, seed = float(job["seconds"]), int(job["cores"]), int(job["seed"])
    by_processor = bool(job["processor"])
    clock, rate = (time.process_time, float(cores)) if by_processor else (time.perf_counter, 1.0)
    solvers: dict[str, Callable[[PatrolTask], Plan]] = {
        "anlan": partial(planned, seconds=seconds, cores=cores, seed=seed, clock=clock, rate=rate)
    }
    if job["plain"]:
        solvers["pyvrp"] = partial(plainly, seconds=seconds, seed=seed, clock=clock)
    lines: list[dict[str, Any]] = []
    chosen = list(instances_in(Path(job["instances"]), Path(job["reference"])))[:: int(job["every"])]
    for instance in [one for one in chosen if not job["only"] or one.name.startswith(tuple(job["only"]))]:
        for solver, solve in solvers.items():
            begin, spent = time.perf_counter(), time.process_time()
            plan = solve(instance.task)
            took, used = time.perf_counter() - begin, time.process_time() - spent
            lines.append(line_of(instance, plan, solver=solver, seconds=took, processor_s=used))
            if job["bound"] and lines[-1]["score"] < (instance.reference or 0.0):
                lines[-1]["bound"] = upper_bound(instance.task)
            say(json.dumps(lines[-1]))
    for solver in solvers:
        told = {"cores": cores, "clock": "processor" if by_processor else "wall", "compiled": is_compiled()}
        say(json.dumps({**summary(lines, solver), "seconds": seconds, **told}))
    return bool(lines) and all(line["feasible"] for line in lines)


if __name__ == "__main__":
    sys.exit(0 if run(json.loads(sys.argv[1]), partial(print, flush=True)) else 1)
