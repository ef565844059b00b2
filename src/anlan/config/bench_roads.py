"""One network of ``anlan bench roads``, in a process of its own so that its memory is its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from anlan.drills.bench.roads import roads_lines, serving_lines
from anlan.engines.roads import road_graph_build, ways_from_lines
from anlan.engines.roads.compare import grid_lines
from anlan.places.memory import memory_return
from anlan.places.osm_import import road_file_read
from anlan.places.road_store import graph_load, graph_save


def main(job: dict[str, Any]) -> int:
    """Print a JSON line per figure of a file, or of a made-up grid."""
    if job.get("serves"):
        return _serve(job)
    side, path = job.pop("side", None), job.pop("roads", None)
    begin = time.perf_counter()
    ways = ways_from_lines(grid_lines(side, job["seed"])) if side else road_file_read(Path(path)).ways
    read_s = time.perf_counter() - begin
    for line in roads_lines(ways, read_s=read_s, **job):
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        path = Path(folder) / "graph.npz"
        graph_save(road_graph_build(ways), path)
        # In a process of its own that does what a server does with the network, and nothing else.
        words = [sys.executable, "-m", "anlan.config.bench_roads", json.dumps({**job, "serves": str(path)})]
        return subprocess.run(words, check=False).returncode


def _serve(job: dict[str, Any]) -> int:
    """Memory of a process that reads a network from its file, prices it for cars under blue light, and is asked."""
    graph = graph_load(Path(job["serves"]), verify=False)
    for line in serving_lines(graph, job["name"], units=job["units"], seed=job["seed"], tidy=memory_return):
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
