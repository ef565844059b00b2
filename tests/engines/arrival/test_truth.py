"""Arrival times against a truth from outside: siren times of another model of the same streets, and real delays.

The estimator sees our own map's driving time. What comes is the JEMSS model's siren time over its own graph, with
streets closed that the estimator doesn't know, noise, and a turn-out with the spread of a real town's dispatch log.
"""

from __future__ import annotations

import csv
import gzip
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from anlan.engines.arrival import Trips, arrival_fit, calibration, hour_band
from anlan.engines.roads import DriveMode, Snapper, Vehicle, road_graph_build, search_to, travel_weights

SHARED = Path(__file__).parents[4] / "shared/data"
DAYS, CALLS, UNITS = 40, 150, 20
"""Half of the days are learned from, half tried. Among the first five, single days judged by the other four spread
by 2.3 points in Auckland and 3.1 in Manhattan, so that five days against five tell a share to 2.8 and 3.8 points
(95 %) where the aim is 90 within 2; twenty against twenty tell it to 1.4 and 1.9. That alone chose the number,
before the later days were made.
"""
SHORT = 10
"""The run this test had at first, whose figures are told beside: the same first days."""
DAY_S = 86_400.0
CLOSED_SHARE = 0.02


def table(path, *names):
    """These columns of one of the model's files."""
    rows = list(csv.reader(StringIO(gzip.decompress(path.read_bytes()).decode())))
    start = next(k for k, row in enumerate(rows) if row and row[0] == "index")
    columns = [rows[start].index(name) for name in names]
    return np.array([[float(row[k]) for k in columns] for row in rows[start + 1 :] if row and row[0]])


@cache
def minutes_seen():
    """Real minutes from call to dispatch."""
    pq = pytest.importorskip("pyarrow.parquet")
    minutes = pq.read_table(SHARED / "slo_calls_2021_22/events.parquet")["min_to_dispatched"].to_numpy()
    return minutes[np.isfinite(minutes) & (minutes >= 0) & (minutes <= 30)]


def delays_s(count, rng):
    """Turn-outs with the spread of real minutes to dispatch, their median set to a minute; whole minutes blurred."""
    seen = minutes_seen()
    drawn = np.maximum(rng.choice(seen, count) + rng.uniform(-0.5, 0.5, count), 0.1)
    return 60.0 * drawn / max(float(np.median(seen)), 0.5)


def others_judged(trips, days):
    """Each day by what was learned on all others: which five days happen to come last plays no part."""
    actual, promised = [], []
    for day in np.unique(days):
        fit, left_out = arrival_fit(trips.only(days != day)), trips.only(days == day)
        actual.append(left_out.actual_s)
        promised.append(fit.quantiles_of(left_out)[1])
    return calibration(
        np.concatenate(actual), np.concatenate(promised), days=days[np.argsort(days, kind="stable")].tolist()
    )


def judged(trips, days, n):
    """Of the first ``n`` days the later half by what the first half taught: p90, p50 and the stated times."""
    fit, later = arrival_fit(trips.only(days < n / 2)), (days >= n / 2) & (days < n)
    left_out = trips.only(later)
    p50, p90 = fit.quantiles_of(left_out)
    bounds = (p90, p50, (left_out.travel_s + 30.0) * 1.35)
    return [calibration(left_out.actual_s, bound, days=days[later].tolist()) for bound in bounds]


def told_of(name, found):
    """Print the measurement this is for."""
    words = zip(("inside p90", "inside p50", "by the stated times"), found, strict=False)
    told = ", ".join(
        f"{word} {row.share:.3f} ({row.inside}/{row.n}, {row.low:.3f}-{row.high:.3f})" for word, row in words
    )
    print(f"\n{name}: {told}")  # noqa: T201 - said aloud


@pytest.mark.release
@pytest.mark.parametrize("city", ["manhattan", "auckland"])
def test_nine_in_ten_are_there_within_what_was_promised_on_later_days(city, capsys):
    from anlan.places.osm_import import road_file_read

    folder = SHARED / f"roads-{city}"
    if not folder.exists():
        pytest.skip(f"{folder} isn't here")
    rng = np.random.default_rng(20261123)
    nodes = table(folder / "jemss-nodes.csv.gz", "index", "x", "y")
    arcs = table(folder / "jemss-arcs.csv.gz", "fromNode", "toNode", "mode_1")
    ends, seconds = arcs[:, :2].astype(int) - 1, arcs[:, 2] * DAY_S
    graph = road_graph_build(road_file_read(folder / f"{city}.osm.pbf").ways)
    weights = travel_weights(graph, Vehicle.CAR, DriveMode.EMERGENCY)
    snapper = Snapper(graph)
    west, south, east, north = graph.bounds
    inside = (nodes[:, 1] > west) & (nodes[:, 1] < east) & (nodes[:, 2] > south) & (nodes[:, 2] < north)
    rows = {name: [] for name in ("travel", "actual", "turn", "day", "hour")}
    for day in range(DAYS):
        open_ = rng.random(len(seconds)) >= CLOSED_SHARE
        truth = csr_matrix((seconds[open_], (ends[open_, 1], ends[open_, 0])), shape=(len(nodes),) * 2)
        for call in rng.choice(np.flatnonzero(inside), CALLS):
            units = rng.choice(np.flatnonzero(inside), UNITS)
            siren_s = dijkstra(truth, indices=int(call))[units]
            target = snapper.snap(*nodes[call, 1:3], usable=weights.usable)
            places = snapper.snap_many(nodes[units, 1], nodes[units, 2], usable=weights.usable)
            map_s = search_to(graph, weights, target).travel_s(places)
            hour = int(rng.integers(24))
            noise = np.exp(rng.normal(0, 0.2, UNITS)) * (1.35 if hour in (7, 8, 9, 17, 18) else 1.0)
            # The nearest few are sent, as a desk does.
            near = [row for row in np.argsort(map_s)[:5] if np.isfinite(map_s[row] + siren_s[row])]
            turn_s = delays_s(len(near), rng)
            rows["travel"] += [map_s[row] for row in near]
            rows["actual"] += [turn + siren_s[row] * noise[row] for turn, row in zip(turn_s, near, strict=True)]
            rows["turn"] += turn_s.tolist()
            rows["day"] += [day] * len(near)
            rows["hour"] += [hour] * len(near)
    told = {name: np.array(values, dtype=float) for name, values in rows.items()}
    bands = [hour_band(int(hour)) for hour in told["hour"]]
    still = np.zeros(len(bands))
    trips = Trips(
        told["travel"], still, told["actual"], told["turn"], still,
        [("available", band) for band in bands], [("car", "urgent", band) for band in bands],
    )  # fmt: skip
    kept = judged(trips, told["day"], DAYS)
    with capsys.disabled():
        for days in (SHORT, DAYS):
            told_of(f"{city}, {days} days", judged(trips, told["day"], days))
        told_of(f"{city}, each day by all others", (by_others := others_judged(trips, told["day"]),))
    assert 0.88 <= by_others.share <= 0.92
    assert 0.88 <= kept[0].share <= 0.92
