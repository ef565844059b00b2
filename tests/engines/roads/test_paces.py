"""How long roads take by class and time of the week, read off drives that can be checked on paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.arrival.paces import Drove, paces_from, paces_learn
from anlan.engines.roads import (
    WEEK_BANDS,
    DriveMode,
    Paces,
    RoadClass,
    RoadLine,
    Snapper,
    Vehicle,
    driven_by_class,
    graph_from_lines,
    match_track,
    metre_weights,
    paces_mean,
    position_along,
    route,
    travel_weights,
    week_band,
)

WEST, MIDDLE, EAST = (120.0, 30.0), (120.02, 30.0), (120.04, 30.0)
HALF_M = 1925.9  # 0.02 degrees of longitude at 30 north


@pytest.fixture(scope="module")
def street():
    """Two kilometres of main road and two of a side street, both driven at 36 km/h."""
    graph = graph_from_lines(
        [
            RoadLine("甲路", "primary", [WEST, MIDDLE], speed_kmh=36.0),
            RoadLine("乙街", "residential", [MIDDLE, EAST], speed_kmh=36.0),
        ]
    )
    return graph, Snapper(graph), travel_weights(graph), metre_weights(graph, mode=DriveMode.NORMAL)


def drive(street, slower, every_s=5.0, noise_m=0.0, seed=1):
    """The whole street driven: the main road so many times as long as the map says, the side street as it says."""
    graph, snapper, weights, metres = street
    way = route(graph, weights, snapper.snap(*WEST), snapper.snap(*EAST))
    main_s = HALF_M / 10.0 * slower
    at_s = np.arange(0.0, main_s + HALF_M / 10.0, every_s)
    map_s = np.where(at_s < main_s, at_s / slower, at_s - main_s + HALF_M / 10.0)
    noise = np.random.default_rng(seed).normal(0.0, noise_m / 111_195.0, (2, len(at_s)))
    lon, lat = np.array([position_along(way, seconds)[:2] for seconds in map_s]).T + noise
    track = match_track(snapper, metres, lon, lat, at_s)
    return driven_by_class(graph, metres, weights, track)


@pytest.mark.parametrize("slower", [0.8, 1.0, 2.0])
def test_a_drive_says_how_much_longer_each_class_took(street, slower):
    told = dict(drive(street, slower).ratios())
    assert set(told) == {"primary", "residential"}
    assert told["primary"] == pytest.approx(slower, rel=0.03)
    assert told["residential"] == pytest.approx(1.0, rel=0.08), "the stretch over the crossing is shared out"


def test_noise_of_positions_changes_little(street):
    told = dict(drive(street, 2.0, noise_m=8.0).ratios())
    assert told["primary"] == pytest.approx(2.0, rel=0.1)


def test_standing_at_a_light_counts_and_a_stretch_where_nobody_may_drive_does_not(street):
    graph, snapper, weights, metres = street
    lon = np.concatenate([np.linspace(120.0, 120.005, 11), np.full(12, 120.005), np.linspace(120.005, 120.015, 21)])
    at_s = np.arange(len(lon)) * 5.0
    track = match_track(snapper, metres, lon, np.full(len(lon), 30.0), at_s)
    driven = driven_by_class(graph, metres, weights, track)
    assert driven.actual_s.sum() == pytest.approx(at_s[-1], abs=25.0), "what is left over at the end is no stretch"
    closed = travel_weights(graph, slowdown=np.full(graph.n_links, np.inf))
    assert driven_by_class(graph, metres, closed, track).map_s.sum() == 0.0


def test_a_handful_of_drives_is_drawn_to_the_map_by_hand():
    """Twenty drives' worth of "as the map says" for everything, then the same again for each step down."""
    drives = [Drove("car", "normal", "primary", "workday_morning", 2.0)] * 20
    fit = paces_learn(drives)
    # everything: half of ln 2; car: half way from there; normal; class; hours.
    mu, steps = 0.0, 5
    for _ in range(steps):
        mu = (mu + np.log(2.0)) / 2.0
    assert fit.paces().factor["car", "normal", "primary", "workday_morning"] == pytest.approx(np.exp(mu), rel=1e-3)
    other = fit.paces().factor["car", "normal", "primary", "night"]
    assert 1.0 < other < np.exp(mu), "hours never driven go by the class"


@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_the_truth_is_found_again_by_class_and_hours(seed):
    rng = np.random.default_rng(seed)
    truth = {(c, b): float(rng.uniform(0.8, 2.5)) for c in ("primary", "tertiary") for b in WEEK_BANDS}
    drives = [
        Drove("car", "urgent", c, b, float(true * np.exp(rng.normal(0.0, 0.2))))
        for (c, b), true in truth.items()
        for _ in range(200)
    ]
    for row in paces_learn(drives).rows():
        assert row.factor == pytest.approx(truth[row.road_class, row.band], rel=0.15)
        assert row.low < row.factor < row.high
        assert row.n == 200


def test_foolish_drives_count_as_the_bounds_and_nothing_known_says_nothing():
    fit = paces_learn([Drove("car", "normal", "primary", "night", ratio) for ratio in (1e-9, 1e9)] * 500)
    assert 0.4 <= fit.paces().factor["car", "normal", "primary", "night"] <= 5.0
    assert paces_learn([]).paces().factor == {}


def test_what_is_kept_reads_back_the_same():
    fit = paces_learn([Drove("car", "normal", "primary", "night", 1.3)] * 60)
    again = paces_from(fit.content()).paces().factor
    assert again == pytest.approx(fit.paces().factor, rel=1e-4)


def test_factors_fall_on_the_roads_of_their_class_and_walkers_know_none(street):
    graph = street[0]
    paces = Paces({("car", "normal", "primary", "night"): 1.5})
    on = paces.of_links(graph, Vehicle.CAR, DriveMode.NORMAL, "night")
    assert on[graph.link_class == int(RoadClass.PRIMARY)].tolist() == [1.5]
    assert on[graph.link_class == int(RoadClass.RESIDENTIAL)].tolist() == [1.0]
    assert paces.of_links(graph, Vehicle.CAR, DriveMode.NORMAL, "free_day") is None
    assert paces.of_links(graph, Vehicle.FOOT, DriveMode.NORMAL, "night") is None


def test_the_level_of_all_roads_weighs_classes_by_how_much_they_are_driven():
    paces = Paces({("car", "normal", "primary", "night"): 4.0})
    weight = {
        ("car", "normal", "primary"): 1.0,
        ("car", "normal", "tertiary"): 1.0,
        ("foot", "normal", "primary"): 9.0,
    }
    assert paces_mean(paces, weight, ("car", "normal", "night")) == pytest.approx(2.0)
    assert paces_mean(paces, weight, ("car", "normal", "free_day")) == 1.0
    assert paces_mean(paces, {}, ("car", "normal", "night")) == 1.0


@pytest.mark.parametrize(
    ("hour", "is_workday", "band"),
    [(3, True, "night"), (6, False, "night"), (7, True, "workday_morning"), (9, True, "workday_day"),
     (16, True, "workday_evening"), (19, True, "workday_late"), (22, True, "night"), (7, False, "free_day"),
     (21, False, "free_day")],
)  # fmt: skip
def test_the_week_falls_into_six_parts(hour, is_workday, band):
    assert week_band(hour, is_workday=is_workday) == band
    assert band in WEEK_BANDS
