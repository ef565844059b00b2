"""Rules: no plan scores above the bound, and a reference above it is told as out of anybody's reach."""

from __future__ import annotations

from itertools import permutations, product
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.config.bench_top import instance_read, line_of, summary
from anlan.config.bench_top_bound import upper_bound
from anlan.engines.patrol_route import PatrolTask, Plan, Stop, Unit, better_plan, faults_of

TOWNS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9)),
    min_size=1,
    max_size=4,
    unique_by=lambda p: p[:2],
)


def task_of(points: list[tuple[int, int, int]], most: float, units: int) -> PatrolTask:
    places = np.array([(0, 0), *(point[:2] for point in points), (0, 0)], dtype=float)
    travel = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    end = len(places) - 1
    stops = tuple(Stop(k, float(point[2])) for k, point in enumerate(points, 1))
    return PatrolTask(travel, stops, tuple(Unit(0, end, 0.0, most) for _ in range(units)))


def best_by_trying_all(task: PatrolTask) -> float:
    numbers, units = range(len(task.stops)), len(task.units)
    best = 0.0
    for order in permutations(numbers):
        for cut in product(range(units + 1), repeat=len(order)):
            routes = tuple(tuple(n for n, unit in zip(order, cut, strict=True) if unit == k) for k in range(units))
            if not faults_of(task, Plan(routes)):
                best = max(best, task.prize_of(Plan(routes)))
    return best


@given(TOWNS, st.integers(1, 25), st.integers(1, 2))
@settings(max_examples=15)
def test_no_plan_scores_above_the_bound(points: list[tuple[int, int, int]], most: int, units: int) -> None:
    task = task_of(points, float(most), units)
    bound, best = upper_bound(task), best_by_trying_all(task)
    assert bound is not None
    assert best <= bound + 1e-6
    if units == 1:
        assert bound == best, "one unit drives one set: nothing can be cut in pieces"


def test_where_too_many_sets_can_be_driven_no_bound_is_told() -> None:
    task = task_of([(k, 0, 1) for k in range(1, 9)], 100.0, 1)
    assert upper_bound(task, most_sets=50) is None
    assert upper_bound(task, most_sets=500) == 8.0


def test_a_reference_above_the_bound_is_told_and_one_that_was_missed_is_not(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("n 4\nm 1\ntmax 4\n0 0 0\n1 0 10\n0 9 50\n0 0 0\n")
    lines = []
    for reference in (60.0, 10.0):
        one = instance_read(file, reference)
        plan = better_plan(one.task, seed=1, go_on=lambda _: False)
        line = line_of(one, plan, solver="anlan", seconds=0.0, processor_s=0.0)
        lines.append({**line, "instance": f"of {reference:g}", "bound": upper_bound(one.task)})
    assert [line["score"] for line in lines] == [10.0, 10.0]
    assert summary(lines, "anlan")["reference_out_of_reach"] == ["of 60"]


def test_a_published_score_of_the_instances_at_hand_is_out_of_reach(shared_data: Path) -> None:
    """Eleven stops lie within reach of p2.3.h. Of p6.4.k (46 of them) the command tells the same within a minute."""
    file = next((shared_data / "top-instances").rglob("p2.3.h.txt"))
    assert upper_bound(instance_read(file, 170.0).task) == 165.0
