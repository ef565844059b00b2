"""Cover while a patrol is driven: a street with calls at both ends, on paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.patrol_route import (
    NOWHERE,
    PatrolTask,
    Plan,
    Stop,
    Unit,
    cover_curve,
    cover_worth,
    first_plan,
    whereabouts,
)

# Base at 0, stops at 100 and 400 metres, a second a metre; three calls at 0 and one at 400, in reach within 120 s.
AT = np.array([0.0, 100.0, 400.0])
TRAVEL = np.abs(AT[:, None] - AT[None, :])
REACH = TRAVEL[:, [0, 2]] <= 120
DEMAND = np.array([3.0, 1.0])


def street(units=1):
    stops = (Stop(1, 1.0, dwell_s=100), Stop(2, 1.0, dwell_s=100))
    return PatrolTask(TRAVEL, stops, tuple(Unit(0, 0, 0.0, 1200.0) for _ in range(units)))


def test_where_a_unit_is_follows_its_route_and_changes_place_half_way():
    # 0-100 s to the first stop, there until 200, 200-500 to the second, there until 600, 600-1000 home.
    where = whereabouts(street(), Plan(((0, 1),)), [0, 49, 51, 200, 349, 351, 799, 801, 1199, 1200])
    assert where.tolist() == [[0, 0, 1, 1, 1, 2, 2, 0, 0, NOWHERE]]


def test_cover_is_the_share_of_calls_somebody_reaches():
    task = street(units=2)
    where = whereabouts(task, Plan(((1,), ())), [0, 450, 1300])
    # Both at the base; one at the far end (and one at the base); nobody on duty.
    assert cover_curve(task, where, REACH, DEMAND).tolist() == [0.75, 1.0, 0.0]
    assert cover_curve(task, where, REACH, [0, 0]).tolist() == [0, 0, 0]


def test_a_stop_is_worth_what_it_brings_into_reach_beside_the_others():
    # The base is held all along by a unit that stays: the near stop adds 0.3 of three calls, the far one a whole one.
    near, far = cover_worth(street(), Plan(((),)), REACH, DEMAND, busy=0.3, step_s=300)
    assert near == pytest.approx(0.3 * 3 * 100 / 1200)
    assert far == pytest.approx(1.0 * 100 / 1200)
    with pytest.raises(ValueError, match="busy"):
        cover_worth(street(), Plan(((),)), REACH, DEMAND, busy=1.0)


def test_without_units_there_is_no_cover_to_be_won():
    task = PatrolTask(TRAVEL, (Stop(1, 1.0),), ())
    assert cover_worth(task, Plan(()), REACH, DEMAND, busy=0.3).tolist() == [0.0]


@given(st.integers(0, 3), st.lists(st.floats(0, 1200), min_size=1, max_size=5))
def test_one_more_unit_never_covers_less(units, times):
    before = whereabouts(street(units), Plan(((),) * units), times)
    after = whereabouts(street(units + 1), first_plan(street(units + 1)), times)
    alone = np.vstack([before, after[-1:]]) if units else after
    fewer = cover_curve(street(units), before, REACH, DEMAND)
    assert (cover_curve(street(units + 1), alone, REACH, DEMAND) >= fewer - 1e-12).all()


def test_who_is_on_foot_has_less_in_reach():
    # On foot a tenth as fast: from the base the near end alone is within 120 s, by car both ends are.
    ways = np.stack([TRAVEL / 10, TRAVEL])
    task = PatrolTask(ways, (Stop(2, 1.0, 100),), (Unit(0, 0, 0.0, 1200.0, way=1),))
    reach = ways[:, :, [0, 2]] <= 120
    assert cover_curve(task, whereabouts(task, Plan(((),)), [0]), reach, DEMAND).tolist() == [0.75]
    driven = PatrolTask(ways, task.stops, (Unit(0, 0, 0.0, 1200.0),))
    assert cover_curve(driven, whereabouts(driven, Plan(((),)), [0]), reach, DEMAND).tolist() == [1.0]
    assert cover_worth(driven, Plan(((),)), reach, DEMAND, busy=0.0).tolist() == [0.0]
