"""Valhalla asked what ``anlan bench roads`` asks our engine: run by a Python that has its wheel (`pyvalhalla`).

Another engine's wheels may want another Python, so nothing of this project is imported here. One argument, a job as
JSON; one line of JSON comes back: seconds of building its tiles and of each question, or that the wheel is not there.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOST_PAIRS = 1_000_000
MOST_M = 1_000_000.0


def main(job: dict[str, Any]) -> int:
    """Build tiles of a file, rank units for calls, draw ways; ``units``, ``calls``: [lon, lat] each."""
    try:
        valhalla = importlib.import_module("valhalla")
        defaults = importlib.import_module("valhalla.config").get_config
    except ImportError as problem:
        return _said({"absent": str(problem), "python": sys.version.split()[0]})
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        config: dict[str, Any] = defaults(tile_extract="", tile_dir=folder)
        config["mjolnir"].pop("tile_extract", None)
        # Its default for matrices takes a second and more for so many units.
        config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
        limits = config["service_limits"]["auto"]
        limits |= {
            "max_matrix_location_pairs": MOST_PAIRS,
            "max_matrix_distance": MOST_M,
            "max_locations": MOST_PAIRS,
        }
        path = Path(folder) / "valhalla.json"
        path.write_text(json.dumps(config))
        words = [sys.executable, "-m", "valhalla", "valhalla_build_tiles", "-c", str(path), job["roads"]]
        # The wheel looks for its own programs along the path.
        path_with = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        how: dict[str, Any] = {"check": True, "capture_output": True, "timeout": job["patience_s"], "env": path_with}
        built_s = _timed(lambda: subprocess.run(words, **how))
        actor = valhalla.Actor(str(path))
        units = [_place(*unit) for unit in job["units"]]
        took: dict[str, list[float]] = {"ranked_s": [], "ranked_work_s": [], "drawn_s": [], "drawn_work_s": []}
        for number, call in enumerate(job["calls"]):
            there = _place(*call)
            asked = {"sources": units, "targets": [there], "costing": "auto"}
            _note(took, "ranked", actor.matrix, asked)
            unit = units[number % len(units)]
            way = {"locations": [unit, there], "costing": "auto", "directions_type": "instructions"}
            _note(took, "drawn", actor.route, way)
    version = str(getattr(valhalla, "__version__", "?"))
    return _said({"version": version, "built_s": built_s, **took})


def _place(lon: float, lat: float) -> dict[str, float]:
    return {"lon": lon, "lat": lat}


def _timed(ask: Callable[[], object]) -> float:
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


def _note(took: dict[str, list[float]], question: str, ask: Callable[[Any], object], asked: dict[str, Any]) -> None:
    """Ask, and note seconds by the clock and of the processor."""
    work = time.process_time()
    took[f"{question}_s"].append(_timed(lambda: ask(asked)))
    took[f"{question}_work_s"].append(time.process_time() - work)


def _said(told: dict[str, Any]) -> int:
    print(json.dumps(told), flush=True)  # noqa: T201 - the line is the output
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
