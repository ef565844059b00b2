"""The whole-recommendation case of ``anlan bench recommend``: one network, in the fresh store of ANLAN_HOME."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
django.setup()

from anlan.config.server import prepare  # noqa: E402 - Django must be set up first
from anlan.core.clock import now  # noqa: E402
from anlan.drills.bench.many import many_at_once  # noqa: E402
from anlan.drills.bench.recommend import whole_recommendation  # noqa: E402
from anlan.engines.roads import road_graph_build  # noqa: E402
from anlan.places.osm_import import road_file_read  # noqa: E402


def main(job: dict[str, Any]) -> int:
    """Print a JSON line per figure."""
    prepare()
    path = Path(job.pop("roads"))
    graph = road_graph_build(road_file_read(path).ways)
    lines = whole_recommendation(graph, **job, at=now())
    many = many_at_once(graph, name=job["name"], seed=job["seed"], at=now() + timedelta(days=1))
    for line in chain(lines, many):
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
