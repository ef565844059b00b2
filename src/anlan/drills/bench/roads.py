"""``anlan bench roads``: the road engine on one network, beside a plain search and the straight line."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anlan.drills.bench.figures import Line, latencies
from anlan.engines.intervals import wilson_interval
from anlan.engines.roads import (
    DriveMode,
    RoadGraph,
    RoadWays,
    Snapper,
    Vehicle,
    road_graph_build,
    route,
    travel_weights,
    with_cells,
)
from anlan.engines.roads.bench import places_near_roads
from anlan.engines.roads.compare import compare_searches

WAYS = {
    "ours": "ours_s",
    "plain": "plain_s",
    "straight line": "line_s",
    "route": "route_s",
    "closure": "closure_s",
    "ours, processor": "ours_processor_s",
    "plain, processor": "plain_processor_s",
}


def roads_lines(ways: RoadWays, *, name: str, read_s: float, units: int, queries: int, seed: int) -> Iterator[Line]:
    """Figures of one network: import, size, each way's latency, errors of the straight line, memory."""
    begin = time.perf_counter()
    graph = road_graph_build(ways)
    built_s = time.perf_counter() - begin
    yield Line("roads", name, "import", round(read_s + built_s, 2), "s", 1)
    yield Line("roads", name, "junctions", graph.n_nodes, "1", 1)
    yield Line("roads", name, "turns", len(graph.turns.come_from), "1", 1)
    yield Line("roads", name, "turns_forbidden", int(graph.turns.is_barred.sum()), "1", 1)
    found = compare_searches(
        graph,
        ways,
        n_units=units,
        n_queries=queries,
        seed=seed,
        timer=time.perf_counter,
        processor=time.process_time,
    )
    for case, column in WAYS.items():
        # The first one pays for what is made once.
        yield from latencies("roads", f"{name}/{case}", getattr(found, column)[1:], (50, 95))
    wrong = sum(found.is_wrong)
    low, high = wilson_interval(wrong, queries)
    yield Line("roads", f"{name}/straight line", "first_is_wrong", round(wrong / queries, 4), "1", queries)
    yield Line("roads", f"{name}/straight line", "first_is_wrong_low", round(low, 4), "1", queries)
    yield Line("roads", f"{name}/straight line", "first_is_wrong_high", round(high, 4), "1", queries)
    if wrong:
        lost = np.array(found.lost_s)[np.array(found.is_wrong)]
        for q in (50, 90):
            yield Line(
                "roads", f"{name}/straight line", f"lost_p{q}", round(float(np.percentile(lost, q)), 1), "s", wrong
            )
    yield Line("roads", name, "memory_at_most", round(_most_mb()), "MB", 1)


def serving_lines(graph: RoadGraph, name: str, *, units: int, seed: int, tidy: Callable[[], None]) -> Iterator[Line]:
    """What a server holds of a network, and the ways of units wherever they stand, drawn alone.

    ``tidy`` is what a server does when it has worked a network out.
    """
    snapper = Snapper(graph)
    weights = with_cells(graph, travel_weights(graph, Vehicle.CAR, DriveMode.EMERGENCY))
    tidy()
    rng = np.random.default_rng(seed)
    spots = snapper.snap_many(*places_near_roads(graph, 2 * units, 30.0, rng), usable=weights.usable)
    took_s, work_s = [], []
    for k in range(min(units, 60)):
        begin, work = time.perf_counter(), time.process_time()
        route(graph, weights, spots[k], spots[units + k])
        took_s.append(time.perf_counter() - begin)
        work_s.append(time.process_time() - work)
    yield from latencies("roads", f"{name}/route of any unit", took_s[1:], (50, 95))
    yield from latencies("roads", f"{name}/route of any unit, processor", work_s[1:], (50, 95))
    yield Line("roads", f"{name}/serving", "memory_at_most", round(_most_mb()), "MB", 1)
    yield Line("roads", f"{name}/serving", "memory_of_its_own", round(_status_mb("RssAnon")), "MB", 1)


GROWING = ("ours, processor", "plain, processor", "route of any unit, processor")
"""Cases whose growth with the number of junctions is told."""
BAR = 48


def growth_lines(lines: Sequence[Mapping[str, Any]]) -> list[Line]:
    """How each case grows over made-up cities: the exponent k of time ~ junctions^k (least squares of logarithms)."""
    told = []
    for (case, metric), points in _growing(lines).items():
        if len(points) < 2:
            continue
        junctions, took_ms = np.log(np.array(points, dtype=float)).T
        slope = float(np.polyfit(junctions, took_ms, 1)[0])
        told.append(Line("roads", f"growth/{case}", f"{metric}_exponent", round(slope, 3), "1", len(points)))
    return told


def growth_drawn(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """The same as a curve of bars to look at, a row a size; one length stands for the same time in all."""
    growing = {case: points for (case, metric), points in _growing(lines).items() if metric == "p50"}
    longest = max((took_ms for points in growing.values() for _, took_ms in points), default=0.0)
    drawn = []
    for case, points in growing.items():
        drawn.append(f"{case}, p50 in ms by junctions")
        for junctions, took_ms in points:
            drawn.append(f"{junctions:>9,d} {took_ms:8.2f} {'#' * max(round(BAR * took_ms / longest), 1)}")
    return drawn


def _growing(lines: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """By case and quantile, junctions and milliseconds of every made-up city, smallest first."""
    sizes = {line["case"]: int(line["value"]) for line in lines if line["metric"] == "junctions"}
    found: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for line in lines:
        name, _, case = line["case"].partition("/")
        if case in GROWING and name.startswith("grid ") and name in sizes and line["value"] > 0.0:
            found.setdefault((case, line["metric"]), []).append((sizes[name], float(line["value"])))
    return {key: sorted(points) for key, points in found.items()}


def _status_mb(field: str) -> float:
    """A figure of this process's memory as the system tells it; nothing where it doesn't."""
    status = Path("/proc/self/status")
    rows = status.read_text().splitlines() if status.exists() else []
    return next((int(row.split()[1]) / 1024 for row in rows if row.startswith(f"{field}:")), float("nan"))


def _most_mb() -> float:
    """The most memory this process ever held; `ru_maxrss` would count what its parent held before it began."""
    status = Path("/proc/self/status")
    if status.exists():
        told = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(told.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
