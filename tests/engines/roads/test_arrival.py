"""When a unit is there: standing at the place, seen through noise; not passing it, nor beside it, nor silence."""

import numpy as np
import pytest

from anlan.engines.roads import (
    ArrivalRules,
    Going,
    RoadLine,
    Snapper,
    drive_state,
    graph_from_lines,
    metre_weights,
)

METRE = 1.0 / 111_195.0
"""Degrees of one metre at the equator, where the streets below lie."""


def street(name, *points):
    return RoadLine(name, "primary", [(x * METRE, y * METRE) for x, y in points], speed_kmh=50.0)


# Main Street runs east, 30 m north of it the viaduct; they meet two kilometres on only.
GRAPH = graph_from_lines(
    [
        street("Main Street", (0, 0), (1000, 0), (3000, 0)),
        street("Viaduct", (0, 30), (3000, 30)),
        street("Ramp", (3000, 0), (3000, 30)),
        street("Side Street", (1000, 0), (1000, -600)),
    ]
)
SNAPPER, METRES = Snapper(GRAPH), metre_weights(GRAPH)
GOAL = (1500 * METRE, -15 * METRE)


def track(legs, *, seed=0, noise_m=5.0, every_s=5.0, y_m=0.0):
    """Fixes of a unit that goes from place to place east along a road: (metres reached, seconds taken) each."""
    rng = np.random.default_rng(seed)
    marks = np.array([(0.0, 0.0), *legs])
    at_s = np.arange(0.0, marks[:, 1].sum() + 0.1, every_s)
    x = np.interp(at_s, np.cumsum(marks[:, 1]), marks[:, 0])
    noise = rng.normal(0.0, noise_m, (2, len(at_s)))
    return (x + noise[0]) * METRE, (y_m + noise[1]) * METRE, at_s


def judged(fixes, *, goal=GOAL, late_s=0.0, rules=None):
    return drive_state(SNAPPER, METRES, fixes, goal, now_s=float(fixes[2][-1]) + late_s, rules=rules)


@pytest.mark.parametrize("noise_m", [0.0, 5.0, 10.0])
def test_who_stands_at_the_place_is_there_from_the_moment_it_stood(noise_m):
    for seed in range(5):
        seen = judged(track([(1500, 120), (1500, 60)], seed=seed, noise_m=noise_m))
        assert seen.state is Going.ARRIVED
        assert seen.since_s == pytest.approx(120.0, abs=15.0)
        assert seen.left_m < 30.0


def test_a_little_short_of_the_place_or_beyond_it_is_there_too():
    for stop_m in (1460, 1540):
        assert judged(track([(stop_m, 120), (stop_m, 60)])).state is Going.ARRIVED


@pytest.mark.parametrize("speed_mps", [3.0, 8.0, 15.0])
def test_driving_by_is_no_arrival_however_slowly(speed_mps):
    for seed in range(2):
        lon, lat, at_s = track([(1900, 1900 / speed_mps)], seed=seed, noise_m=8.0)
        # At no moment of the drive past the place, not only at its end.
        for until in np.flatnonzero(np.abs(lon / METRE - 1500) < 100)[::2].tolist():
            seen = judged((lon[:until], lat[:until], at_s[:until]))
            assert seen.state is Going.MOVING, (seed, until)


def test_a_red_light_a_hundred_metres_short_is_no_arrival_and_is_not_standing_for_long():
    seen = judged(track([(1400, 100), (1400, 45)]))
    assert seen.state is Going.MOVING
    assert seen.left_m == pytest.approx(100.0, abs=15.0)
    assert judged(track([(1400, 100), (1400, 45), (1500, 10), (1500, 40)])).state is Going.ARRIVED


def test_a_queue_crept_through_before_the_place_is_forgotten_once_it_has_passed():
    crept = [(1480, 120), (1485, 40), (2600, 80)]
    assert judged(track(crept, noise_m=2.0)).state is Going.MOVING


def test_the_road_beside_is_another_road():
    for seed in range(5):
        lon, lat, at_s = track([(1500, 120), (1500, 100)], seed=seed, noise_m=4.0, y_m=30.0)
        seen = judged((lon, lat, at_s))
        assert seen.state is Going.STANDING
        assert seen.since_s == pytest.approx(120.0, abs=15.0)


def test_in_a_tunnel_nothing_is_concluded_and_behind_it_the_drive_goes_on():
    lon, lat, at_s = track([(1450, 120)])
    assert judged((lon, lat, at_s), late_s=60.0).state is Going.MOVING
    lost = judged((lon, lat, at_s), late_s=300.0)
    assert (lost.state, lost.since_s) == (Going.SILENT, at_s[-1])
    out = (np.append(lon, 2600 * METRE), np.append(lat, 0.0), np.append(at_s, at_s[-1] + 200.0))
    assert judged(out).state is Going.MOVING


def test_who_stood_there_and_fell_silent_is_there():
    assert judged(track([(1500, 120), (1500, 60)]), late_s=900.0).state is Going.ARRIVED


def test_one_wild_fix_neither_ends_a_stay_nor_makes_one():
    lon, lat, at_s = track([(1500, 120), (1500, 60)], noise_m=3.0)
    lon[-4] += 300 * METRE
    assert judged((lon, lat, at_s)).state is Going.ARRIVED
    lon, lat, at_s = track([(800, 100)], noise_m=3.0)
    lon[-1] = 1500 * METRE
    assert judged((lon, lat, at_s)).state is Going.MOVING


def test_standing_elsewhere_is_told_with_its_beginning():
    seen = judged(track([(700, 70), (700, 150)]))
    assert seen.state is Going.STANDING
    assert seen.since_s == pytest.approx(70.0, abs=15.0)
    assert seen.left_m == pytest.approx(800.0, abs=20.0)


def test_a_yard_without_mapped_roads_is_arrived_at_in_a_straight_line():
    goal = (2000 * METRE, -300 * METRE)
    at_s = np.arange(0.0, 100.0, 5.0)
    lon, lat = np.full(20, 2010 * METRE), np.full(20, -290 * METRE)
    assert judged((lon, lat, at_s), goal=goal).state is Going.ARRIVED
    assert judged((lon, lat - 150 * METRE, at_s), goal=goal).state is not Going.ARRIVED


def test_without_a_fix_nothing_is_said_and_foolish_rules_are_refused():
    assert drive_state(SNAPPER, METRES, ([], [], []), GOAL, now_s=0.0) is None
    assert drive_state(SNAPPER, METRES, ([0.0], [0.0], [50.0]), GOAL, now_s=10.0) is None
    with pytest.raises(ValueError, match="never falling"):
        drive_state(SNAPPER, METRES, ([0.0], [0.0, 1.0], [0.0, 1.0]), GOAL, now_s=10.0)
    with pytest.raises(ValueError, match="short stay"):
        ArrivalRules(stays_s=100.0)
