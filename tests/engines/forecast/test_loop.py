"""Forecast, patrol, discovery, learning: only what citizens report keeps the loop from believing in itself."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.engines.forecast.loop import loop_simulate


def test_what_citizens_report_keeps_every_area_at_its_true_share():
    found = loop_simulate(learns_from="citizens", runs=20, seed=1)
    assert found.passes
    assert found.worst < 1.03
    assert found.beyond == 0.0


def test_what_patrols_find_runs_away():
    found = loop_simulate(learns_from="patrols", areas=2, steps=2_000, runs=60, shares=[0.6, 0.4], seed=1)
    assert not found.passes
    assert found.ratio[0] > 1.1


def test_both_together_are_refused_too():
    found = loop_simulate(learns_from="both", steps=400, runs=10, seed=2)
    assert not found.passes


def test_a_loop_that_was_not_fed_by_patrols_does_not_hear_how_many_they_find():
    few = loop_simulate(learns_from="citizens", steps=50, runs=4, found_a_step=0.0, seed=3)
    flood = loop_simulate(learns_from="citizens", steps=50, runs=4, found_a_step=1e6, seed=3)
    assert np.array_equal(few.ratio, flood.ratio)


@pytest.mark.parametrize("wrong", [{"learns_from": "anything"}, {"learns_from": "both", "steps": 0}])
def test_it_refuses_another_stream_and_no_steps(wrong):
    with pytest.raises(ValueError, match=r".+"):
        loop_simulate(seed=1, **wrong)


def test_true_shares_are_positive():
    with pytest.raises(ValueError, match="positive"):
        loop_simulate(learns_from="citizens", steps=1, runs=1, shares=[0.5, 0.0], seed=1)
