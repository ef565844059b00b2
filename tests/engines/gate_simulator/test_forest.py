"""How hard the simulated door is: a random forest that knows strength and time of each tag alone gets 94 ± 1 % right.

That is what Alfian and others published for such a door (94.25 %, doi 10.3390/fi15030103); a door on which the
forest did better would prove nothing about what is built against it.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from anlan.engines.gate_simulator import Told, passages
from anlan.engines.intervals import mean_interval
from anlan.engines.rfid import Sighting

LEARNT_ON, LEARNT_PASSAGES = range(1, 61), 30
JUDGED_ON, JUDGED_PASSAGES = range(201, 261), 25
"""Many doors and few passages at each: doors differ more than the days of one door."""
NEVER = -99.0
PARTS = (0.0, 0.2, 0.5, 0.8, 1.01)


def of_one_antenna(reads: np.ndarray, first_s: float) -> list[float]:
    """Count, when it was heard first, last, loudest and on average, and how loudly."""
    if not len(reads):
        return [0.0] + [NEVER] * 10
    t, rssi = reads[:, 0] - first_s, reads[:, 2]
    weight = 10 ** (rssi / 20)
    times = [t[0], t[-1], t[rssi.argmax()], float((weight * t).sum() / weight.sum())]
    return [len(reads), *times, rssi.max(), rssi.mean(), rssi.min(), rssi.std(), rssi[0], rssi[-1]]


def balance(reads: np.ndarray) -> list[float]:
    """In the beginning, the middle and the end: how much louder the inner antenna heard it, and how loud both."""
    t, amplitude, inner = reads[:, 0], 10 ** (reads[:, 2] / 20), reads[:, 1] == 2
    place = (t - t[0]) / max(t[-1] - t[0], 1e-3)
    told = []
    for low, high in pairwise(PARTS):
        part = (place >= low) & (place < high)
        within, without = amplitude[part & inner].sum(), amplitude[part & ~inner].sum()
        told += [np.log((within + 1e-4) / (without + 1e-4)), np.log(within + without + 1e-5)]
    return told


def features(told: Told) -> list[tuple[list[float], str]]:
    """Of each tag that was heard in the passage: its own reads in figures, and what it truly did."""
    heard: dict[str, list[tuple[float, int, float]]] = {}
    for event in told.events:
        if isinstance(event, Sighting) and event.t_us >= told.truth.t_us:
            t_s = (event.t_us - told.truth.t_us) / 1e6
            heard.setdefault(event.epc, []).append((t_s, event.antenna, event.rssi_cdbm / 100))
    rows = []
    for thing in told.truth.things:
        if thing.kind == "reference" or thing.epc not in heard:
            continue
        reads = np.array(heard[thing.epc])
        both = [of_one_antenna(reads[reads[:, 1] == antenna], reads[0, 0]) for antenna in (1, 2)]
        apart = [one - other for one, other in zip(*both, strict=True)]
        whole = [len(reads), float(np.ptp(reads[:, 0])), reads[:, 2].max(), reads[:, 2].mean(), reads[:, 2].std()]
        rows.append(([*whole, *both[0], *both[1], *apart, *balance(reads)], thing.movement))
    return rows


def table(seeds: range, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = [(*row, seed) for seed in seeds for told in passages(seed, count) for row in features(told)]
    values, movements, doors = zip(*rows, strict=True)
    return np.array(values), np.array(movements), np.array(doors)


@pytest.mark.release
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_forest_on_strength_and_time_gets_94_per_cent():
    known, movements, _ = table(LEARNT_ON, LEARNT_PASSAGES)
    unseen, truth, doors = table(JUDGED_ON, JUDGED_PASSAGES)
    guess = RandomForestClassifier(300, random_state=0).fit(known, movements).predict(unseen)
    by_door = [float(np.mean((guess == truth)[doors == door])) for door in JUDGED_ON]
    low, high = mean_interval(by_door)
    right = float(np.mean(by_door))
    told = (
        f"{right:.4f} ({low:.4f} to {high:.4f}) is the mean of {len(JUDGED_ON)} doors, {len(truth)} tags, learnt on "
        f"{len(movements)} of {len(LEARNT_ON)} others; {dict(Counter(truth.tolist()))}"
    )
    print(told)  # noqa: T201 - the figure of docs/gate-simulator.md
    assert 0.93 <= right <= 0.95, told
