"""One network of ``anlan bench roads``, in a process of its own so that its memory is its own."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from anlan.drills.bench.roads import roads_lines
from anlan.engines.roads import ways_from_lines
from anlan.engines.roads.compare import grid_lines
from anlan.places.osm_import import road_file_read


def main(job: dict[str, Any]) -> int:
    """Print a JSON line per figure of a file, or of a made-up grid."""
    side, path = job.pop("side", None), job.pop("roads", None)
    begin = time.perf_counter()
    ways = ways_from_lines(grid_lines(side, job["seed"])) if side else road_file_read(Path(path)).ways
    for line in roads_lines(ways, read_s=time.perf_counter() - begin, **job):
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
