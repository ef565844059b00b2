"""One network of ``anlan bench roads``, in a process of its own so that its memory is its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from anlan.drills.bench.figures import Line, latencies
from anlan.drills.bench.roads import roads_lines, serving_lines
from anlan.engines.roads import RoadGraph, road_graph_build, ways_from_lines
from anlan.engines.roads.bench import places_near_roads
from anlan.engines.roads.compare import grid_lines
from anlan.places.memory import memory_return
from anlan.places.osm_import import road_file_read
from anlan.places.road_store import graph_load, graph_save

VALHALLA_CALLS = 21
VALHALLA_PATIENCE_S = 300.0


def main(job: dict[str, Any]) -> int:
    """Print a JSON line per figure of a file, or of a made-up grid."""
    if job.get("serves"):
        return _serve(job)
    side, path, other = (job.pop(word, None) for word in ("side", "roads", "valhalla"))
    begin = time.perf_counter()
    ways = ways_from_lines(grid_lines(side, job["seed"])) if side else road_file_read(Path(path)).ways
    read_s = time.perf_counter() - begin
    for line in roads_lines(ways, read_s=read_s, **job):
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output
    graph = road_graph_build(ways)
    if other and path:
        _beside_valhalla(other, path, graph, job)
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        path = Path(folder) / "graph.npz"
        graph_save(graph, path)
        # In a process of its own that does what a server does with the network, and nothing else.
        words = [sys.executable, "-m", "anlan.config.bench_roads", json.dumps({**job, "serves": str(path)})]
        return subprocess.run(words, check=False).returncode


def _beside_valhalla(python: str, path: str, graph: RoadGraph, job: dict[str, Any]) -> None:
    """Print what Valhalla takes for as many units and a few calls at such places, or that it is not there."""
    rng = np.random.default_rng(job["seed"])
    units, calls = (
        np.column_stack(places_near_roads(graph, n, 30.0, rng)).tolist() for n in (job["units"], VALHALLA_CALLS)
    )
    asked = json.dumps({"roads": path, "units": units, "calls": calls, "patience_s": VALHALLA_PATIENCE_S})
    words = [python, str(Path(__file__).with_name("bench_valhalla.py")), asked]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=2 * VALHALLA_PATIENCE_S)
    told: dict[str, Any] = {"absent": done.stderr[-200:]}
    if done.returncode == 0:
        told = json.loads(done.stdout.splitlines()[-1])
    if "absent" in told:
        print(f"Valhalla is not present in {python}: {told['absent']}", file=sys.stderr)  # noqa: T201 - said aloud
        return
    case = f"{job['name']}/Valhalla {told['version']}"
    lines = [Line("roads", case, "import", round(told["built_s"], 2), "s", 1)]
    lines += latencies("roads", case, told["ranked_s"][1:], (50, 95))
    lines += latencies("roads", f"{case}, processor", told["ranked_work_s"][1:], (50, 95))
    lines += latencies("roads", f"{case}, route of any unit", told["drawn_s"][1:], (50, 95))
    lines += latencies("roads", f"{case}, route of any unit, processor", told["drawn_work_s"][1:], (50, 95))
    for line in lines:
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output


def _serve(job: dict[str, Any]) -> int:
    """Memory of a process that reads a network from its file, prices it for cars under blue light, and is asked."""
    graph = graph_load(Path(job["serves"]), verify=False)
    for line in serving_lines(graph, job["name"], units=job["units"], seed=job["seed"], tidy=memory_return):
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
