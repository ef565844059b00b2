"""What somebody with every export in hand can find out about a cell, by solving for it."""

from __future__ import annotations

from itertools import chain, combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from anlan.engines.disclosure import Rule, cell_released, table_of

KEY, RULE = b"tests only", Rule(k=10, step=5)
AXES = [axes for n in range(4) for axes in combinations(range(3), n)]
AREAS, MONTHS, FAMILIES = ("west", "east"), ("2026-01", "2026-02"), ("01", "04")
CELLS = [(area, month, family) for area in AREAS for month in MONTHS for family in FAMILIES]
MOST = 60
counts_of = st.lists(st.integers(0, MOST), min_size=len(CELLS), max_size=len(CELLS)).map(
    lambda numbers: dict(zip(CELLS, numbers, strict=True))
)


def plain_exports(counts):
    """The export as one would write it without thinking: every sum told, cells under k left out."""
    told = []
    for axes in AXES:
        rows = {}
        for cell, count in counts.items():
            rows.setdefault(tuple(cell[axis] for axis in axes), []).append((cell, count))
        for members in rows.values():
            total = sum(count for _cell, count in members)
            if total >= RULE.k:
                told.append(([cell for cell, _count in members], total))
    return told


def released_of(counts):
    return {cell: cell_released(cell, count, rule=RULE, key=KEY) for cell, count in counts.items()}


def within(told, cell):
    """The least and the most that ``cell`` may count, after all sums told: the adversary's own reckoning."""
    names = list(CELLS)
    rows = np.array([[name in members for name in names] for members, _total in told], dtype=float)
    totals = np.array([total for _members, total in told], dtype=float)
    aim = np.array([name == cell for name in names], dtype=float)
    bounds = [
        milp(sign * aim, constraints=LinearConstraint(rows, totals, totals), integrality=np.ones(len(names))).fun
        for sign in (1, -1)
    ]
    return round(bounds[0]), round(-bounds[1])


def test_the_plain_export_betrays_a_small_cell_by_subtraction():
    """The adversary works: held against exports that merely leave small cells out, one solves for the cell."""
    counts = dict.fromkeys(CELLS, 30) | {CELLS[0]: 3}
    assert within(plain_exports(counts), CELLS[0]) == (3, 3)


def test_two_plain_exports_on_either_side_of_one_matter_betray_it():
    before = dict.fromkeys(CELLS, 30)
    after = before | {CELLS[0]: 31}
    assert plain_exports(before) != plain_exports(after)


@given(counts_of)
@settings(max_examples=60)
def test_every_sum_told_follows_from_the_cells_told(counts):
    """Complementary sums, differences of exports, other cuts of the same rows: none says more than the cells."""
    told = released_of(counts)
    for axes in AXES:
        for name, row in table_of(told, axes).items():
            members = [told[cell] for cell in CELLS if tuple(cell[axis] for axis in axes) == name]
            assert row.count == sum(value or 0 for value in members)
            assert (row.cells, row.held_back) == (len(members) - members.count(None), members.count(None))


@given(counts_of, st.sampled_from(CELLS), st.integers(0, RULE.k - 1))
@settings(max_examples=60)
def test_a_cell_held_back_may_count_anything_under_k(counts, cell, other):
    """With every export in hand, cells under k are alike: none, one and nine write the same files, byte for byte."""
    few, fewer = counts | {cell: RULE.k - 1}, counts | {cell: other}
    assert released_of(few) == released_of(fewer)


@given(counts_of, st.sampled_from(CELLS))
@settings(max_examples=60)
def test_one_matter_more_can_be_told_from_none_at_one_count_in_a_step_at_most(counts, cell):
    """For each cell there is one draw, and so one rest at which it goes up: the others are told alike."""
    numbers = range(RULE.k, RULE.k + RULE.step)
    told = [released_of(counts | {cell: number})[cell] for number in numbers]
    assert sum(a != b for a, b in pairwise(told)) <= 1
    assert set(told) <= {RULE.k, RULE.k + RULE.step}


def test_asked_again_the_answer_is_the_same_so_nothing_is_averaged_out():
    told = {cell_released(("west", "2026-01", "04"), 13, rule=RULE, key=KEY) for _ in range(50)}
    assert len(told) == 1


def test_another_house_draws_otherwise_and_a_name_can_not_be_read_as_two():
    cells = [(str(n), "2026-01", "04") for n in range(60)]
    here = [cell_released(cell, 12, rule=RULE, key=KEY) for cell in cells]
    assert here != [cell_released(cell, 12, rule=RULE, key=b"another house") for cell in cells]
    pairs = [(("a", "bc"), ("ab", "c")), (("1", "12"), ("11", "2"))]
    many = [[cell_released((f"{n}", *cell), 12, rule=RULE, key=KEY) for n in range(60)] for cell in chain(*pairs)]
    assert len({tuple(each) for each in many}) == len(many)


def test_sums_of_many_cells_are_right_on_average():
    """Rounding takes no side: a thousand cells of 12 sum to 12,000 within five standard deviations."""
    cells = [(str(n), "2026-01", "04") for n in range(1000)]
    told = sum(cell_released(cell, 12, rule=RULE, key=KEY) or 0 for cell in cells)
    deviation = RULE.step * (1000 * 0.4 * 0.6) ** 0.5
    assert abs(told - 12_000) < 5 * deviation


@pytest.mark.parametrize(("k", "step"), [(1, 1), (10, 1), (4, 5), (0, 0)])
def test_a_rule_that_holds_nothing_back_is_refused(k, step):
    with pytest.raises(ValueError, match="a rule needs"):
        Rule(k=k, step=step)
