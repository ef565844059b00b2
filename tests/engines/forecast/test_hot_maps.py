"""Maps for weeks ahead: what is counted as caught, and what a map may not know."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.engines.forecast import Asked, YearlyMean, open_door
from anlan.engines.forecast.hot_maps import Origin, expected_hits, from_origin, gain, judge, kernel_density
from engines.forecast.rows import city


def test_cells_equal_at_the_edge_of_the_budget_count_for_their_mean():
    """Two of four cells may be flagged; one is best, three are equal with 0, 3 and 6 events: three are expected."""
    score, counts = np.array([9.0, 1.0, 1.0, 1.0]), np.array([2.0, 0.0, 3.0, 6.0])
    assert expected_hits(score, counts, 2) == pytest.approx(2 + 3)
    assert expected_hits(score, counts, 4) == counts.sum()


def test_the_map_of_what_came_is_perfect_and_no_event_is_no_figure():
    counts = np.random.default_rng(0).poisson(0.02, 40_000).astype(float)
    assert judge(counts, [counts], cell_ft=250.0).pei == pytest.approx(1.0)
    assert np.isnan(judge(counts, [np.zeros(40_000)], cell_ft=250.0).pei).all()


def test_all_maps_of_an_origin_are_judged_on_the_same_events():
    record, _ = open_door(city(a_day=40), Asked(20_045, 20_059, shift_hours=24))
    known = record.history.until(20_045)
    later = {}
    for name in known.categories:
        held = record.history.series[name].between(20_045, 20_060)
        later[name] = (held.day, known.active[held.cell])
    told = from_origin(Origin(known, later), (YearlyMean(),), cell_ft=1640.0, seed=0)
    assert {title for title, _ in told} > {"yearly_mean", "count_365", "count_all", "kde_365_500ft", "kde_all_300ft"}
    events = [held.events for (_, name), held in told.items() if name == "theft"]
    assert all(np.array_equal(events[0], other) for other in events)
    assert told["yearly_mean", "theft"].pei == pytest.approx(told["count_365", "theft"].pei)


def test_a_kernel_spreads_events_and_loses_none_inside_the_city():
    record, _ = open_door(city(a_day=40), Asked(20_045, 20_059))
    known = record.history.until(20_045)
    smooth = kernel_density(known, "theft", bandwidth_ft=300.0, days=None)
    assert smooth.sum() == pytest.approx(len(known.series["theft"]), rel=0.02)


def test_a_gain_is_zero_against_oneself_and_sure_where_every_origin_gains():
    mine = np.array([0.1, 0.2, 0.15, 0.3])
    assert gain(mine, mine, seed=0) == (0.0, 0.0, 0.0)
    middle, low, _ = gain(mine + 0.02, mine, seed=0)
    assert middle == pytest.approx(0.02)
    assert low > 0.019
