"""Cover, moves and advice: three cells on paper, laws for all cases, and the slow way to the same answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.coverage import advise, cover_of, expected_cover, move_up, post_for

# Three cells with 5, 3 and 2 calls; unit 0 reaches the first, unit 1 the first and second.
DEMAND = [5, 3, 2]
REACH = [[True, False, False], [True, True, False]]


@st.composite
def towns(draw, posts=False):
    cells = draw(st.integers(1, 6))
    rows = st.lists(st.booleans(), min_size=cells, max_size=cells)
    demand = draw(st.lists(st.integers(0, 20), min_size=cells, max_size=cells).filter(any))
    reach = np.array(draw(st.lists(rows, min_size=1, max_size=5)))
    stand = np.array(draw(st.lists(rows, min_size=1, max_size=4)))
    return (reach, stand, np.array(demand, dtype=float)) if posts else (reach, np.array(demand, dtype=float))


def test_three_cells_on_paper():
    cover = cover_of(REACH, DEMAND)
    assert (cover.share, cover.reached, cover.total) == (0.8, 8.0, 10.0)
    assert cover.loss.tolist() == [0.0, 0.3]  # the first cell is reached by both
    assert cover.after(1) == pytest.approx(0.5)


def test_a_second_unit_counts_where_units_are_taken():
    # cell one: 5 * (1 - .5**2) = 3.75; cell two: 3 * .5 = 1.5
    cover = expected_cover(REACH, DEMAND, busy=0.5)
    assert cover.reached == pytest.approx(5.25)
    assert cover.loss.tolist() == pytest.approx([0.125, 0.275])


def test_nobody_free_and_nothing_expected():
    assert cover_of(np.zeros((0, 3), dtype=bool), DEMAND).share == 0.0
    assert cover_of(REACH, [0, 0, 0]).loss.tolist() == [0.0, 0.0]


def test_the_unit_that_others_stand_in_for_moves_to_the_open_cell():
    # the post reaches cells two and three: unit 0 loses nothing and wins cell three (2 of 10)
    moves = move_up(REACH, [[False, True, True]], DEMAND)
    assert [(move.unit, move.post) for move in moves] == [(0, 0)]
    assert moves[0].gain == pytest.approx(0.2)
    assert moves[0].share == pytest.approx(1.0)


def test_a_move_that_wins_too_little_or_is_not_allowed_is_not_proposed():
    post = [[False, True, True]]
    assert move_up(REACH, post, DEMAND, least_gain=0.25) == []
    assert move_up(REACH, post, DEMAND, may_move=[[False], [False]]) == []


def test_a_freed_unit_waits_where_it_adds_most():
    posts = [[True, False, False], [False, False, True], [False, True, True]]
    assert post_for(REACH, posts, DEMAND, busy=0.3) == (2, pytest.approx((3 * 0.7 * 0.3 + 2 * 0.7) / 10))


def test_at_a_top_priority_the_quickest_goes_whatever_it_costs():
    found = advise([100, 110], [0.4, 0.0], cap_s=0)
    assert (found.unit, found.is_quickest) == (0, True)


def test_within_the_cap_the_one_that_leaves_more_is_advised_with_its_price():
    found = advise([100, 140, 190], [0.4, 0.1, 0.0], cap_s=60)
    assert (found.unit, found.quickest, found.added_s, found.saved) == (1, 0, 40.0, pytest.approx(0.3))
    assert advise([100, 140], [0.101, 0.1], cap_s=60).is_quickest  # a tenth of a point isn't worth 40 s


def test_where_nobody_can_go_nobody_is_advised():
    assert advise([np.inf], [0.0], cap_s=60).unit == -1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: cover_of([[True]], [1, 2]),
        lambda: cover_of([[True]], [-1]),
        lambda: expected_cover([[True]], [1], busy=1.0),
        lambda: move_up([[True]], [[True]], [1], may_move=[True]),
        lambda: post_for([[True]], np.zeros((0, 1), dtype=bool), [1], busy=0.3),
        lambda: advise([1, 2], [0], cap_s=1),
        lambda: advise([1], [0], cap_s=-1),
    ],
)
def test_it_refuses_what_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=r"needed|at least 0|from 0|no post"):
        wrong()


@settings(max_examples=80)
@given(towns())
def test_what_is_lost_with_a_unit_is_the_cover_without_it(town):
    reach, demand = town
    for count in (cover_of, lambda r, d: expected_cover(r, d, busy=0.4)):
        whole = count(reach, demand)
        for row in range(len(reach)):
            without = count(np.delete(reach, row, axis=0), demand)
            assert whole.share - whole.loss[row] == pytest.approx(without.share)
    assert expected_cover(reach, demand, busy=0.0).share == pytest.approx(cover_of(reach, demand).share)


@settings(max_examples=80)
@given(towns(posts=True))
def test_the_first_move_is_the_best_of_all_single_moves_and_its_share_is_true(town):
    reach, posts, demand = town
    before = cover_of(reach, demand).share
    tried = []
    for unit in range(len(reach)):
        for post in posts:
            moved = reach.copy()
            moved[unit] = post
            tried.append(cover_of(moved, demand).share - before)
    moves = move_up(reach, posts, demand, most=1, least_gain=1e-9)
    assert max([0.0, *tried]) == pytest.approx(moves[0].gain if moves else 0.0)
    for move in moves:
        moved = reach.copy()
        moved[move.unit] = posts[move.post]
        assert cover_of(moved, demand).share == pytest.approx(move.share)


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 10)), min_size=1, max_size=8), st.integers(0, 300))
def test_advice_never_adds_more_than_the_cap_and_never_costs_more_cover(units, cap):
    eta, loss = [float(t) for t, _ in units], [x / 10 for _, x in units]
    found = advise(eta, loss, cap_s=cap)
    assert eta[found.unit] - min(eta) == pytest.approx(found.added_s)
    assert found.added_s <= cap
    assert loss[found.unit] <= loss[found.quickest]


@settings(max_examples=60)
@given(towns(posts=True), st.floats(0.0, 0.9))
def test_one_unit_more_never_lowers_cover_nor_makes_another_dearer_to_lose(town, busy):
    reach, stand, demand = town
    for measure in (cover_of, lambda within, wanted: expected_cover(within, wanted, busy=busy)):
        before, after = measure(reach, demand), measure(np.vstack([reach, stand[:1]]), demand)
        assert after.share >= before.share - 1e-12
        assert (after.loss[:-1] <= before.loss + 1e-12).all()
