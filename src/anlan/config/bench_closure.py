"""How soon a road closed in one process counts in another: the last part of ``anlan bench roads``.

The first process owns the store and closes roads; two others ask for a travel time over that road without
pause. Timed is from the return of the closing to the first answer of each that drives round, or finds no way;
the clock is the machine's own, the same for all processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
django.setup()

from anlan.config.server import prepare  # noqa: E402 - Django must be set up first
from anlan.core.actor import SYSTEM  # noqa: E402
from anlan.core.clock import now  # noqa: E402
from anlan.drills.bench.figures import latencies  # noqa: E402
from anlan.engines.roads import DriveMode, Vehicle, road_graph_build, travel_times_to, ways_from_lines  # noqa: E402
from anlan.engines.roads.compare import grid_lines  # noqa: E402
from anlan.places.selectors import road_graph  # noqa: E402
from anlan.places.services import network_activate, road_condition_lift, road_condition_set  # noqa: E402

READERS = 2
SIDE = 130
PLACE = (120.0645, 30.0645)
NEAR = [(120.0641, 30.0649), (120.06, 30.06)]
RADIUS_M = 150.0
PATIENCE_S = 30.0


def main(job: dict[str, Any]) -> int:
    """Print a JSON line per figure."""
    if job.get("reads"):
        return _read()
    prepare()
    graph = road_graph_build(ways_from_lines(grid_lines(SIDE, seed=1)))
    network_activate(name="grid", source="bench", graph=graph, attribution="", by=SYSTEM, at=now())
    words = [sys.executable, "-m", "anlan.config.bench_closure", json.dumps({"reads": True})]
    readers = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    try:
        took_s = _closures(readers, job["closures"])
    finally:
        for reader in readers:
            reader.terminate()
            reader.wait()
    for line in latencies(
        "roads", f"closure seen in {READERS} other processes, grid {SIDE * SIDE}", took_s, (50, 95)
    ):
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output
    return 0


def _closures(readers: list[subprocess.Popen[str]], times: int) -> list[float]:
    """Seconds from each closing until each reader's answer reckons with it."""
    took_s = []
    _heard(readers, is_closed=False)
    for _ in range(times):
        lon, lat = PLACE
        row = road_condition_set(
            kind="closed",
            cause="water",
            lon=lon,
            lat=lat,
            radius_m=RADIUS_M,
            ends_at=now() + timedelta(hours=1),
            by=SYSTEM,
            at=now(),
        )
        closed_at = time.monotonic()
        took_s += [max(seen_at - closed_at, 0.0) for seen_at in _heard(readers, is_closed=True)]
        road_condition_lift(condition=row, by=SYSTEM, at=now())
        _heard(readers, is_closed=False)
    return took_s


def _heard(readers: list[subprocess.Popen[str]], *, is_closed: bool) -> list[float]:
    """When each reader first answered so, by the machine's clock."""
    seen = []
    for reader in readers:
        assert reader.stdout is not None
        while True:
            words = reader.stdout.readline().split()
            if not words:
                raise RuntimeError("a process that asked for travel times ended")
            if (words[0] == "closed") == is_closed:
                seen.append(float(words[1]))
                break
    return seen


def _read() -> int:
    """Ask without pause; say each change of the answer, and when it was known."""
    said = None
    until = time.monotonic() + PATIENCE_S * 10
    while time.monotonic() < until:
        roads = road_graph()
        assert roads is not None
        weights = roads.weights(Vehicle.CAR, DriveMode.EMERGENCY)
        target = roads.snapper.snap(*PLACE, usable=weights.usable)
        sources = roads.snapper.snap_many([lon for lon, _ in NEAR], [lat for _, lat in NEAR], usable=weights.usable)
        told = "open" if (travel_times_to(roads.graph, weights, target, sources) < float("inf")).all() else "closed"
        if told != said:
            said = told
            print(told, time.monotonic(), flush=True)  # noqa: T201 - heard by the process that closes
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
