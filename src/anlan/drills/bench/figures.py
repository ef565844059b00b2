"""One JSON line per figure, each with n, the machine and the commit."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from anlan.drills.bench.load import Outcome
from anlan.engines.intervals import percentile


@dataclass(frozen=True)
class Line:
    """A measured figure."""

    bench: str
    case: str
    metric: str
    value: float
    unit: str
    n: int

    def json(self) -> str:
        return json.dumps({**asdict(self), "machine": machine(), "commit": commit()}, ensure_ascii=False)


@lru_cache(maxsize=1)
def machine() -> str:
    """Processor, cores and Python: what the figure was measured on."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0))
    return f"{names[0] if names else platform.machine()}, {cores} cores, Python {platform.python_version()}"


@lru_cache(maxsize=1)
def commit() -> str:
    """The commit the figure belongs to; "+" marks changes on top of it."""
    head = _git("rev-parse", "--short", "HEAD")
    return head + ("+" if _git("status", "--porcelain", "-uno") else "") if head else "unknown"


def _git(*words: str) -> str:
    root = Path(__file__).resolve().parents[4]
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False).stdout.strip()


def latencies(bench: str, case: str, seconds: Sequence[float], quantiles: Sequence[int]) -> list[Line]:
    """Quantiles of latencies in milliseconds."""
    values = list(seconds)
    if not values:
        return [Line(bench, case, "answers", 0.0, "1", 0)]
    return [Line(bench, case, f"p{q}", round(percentile(values, q) * 1000, 2), "ms", len(values)) for q in quantiles]


def answers(bench: str, case: str, outcome: Outcome, cpu: float) -> list[Line]:
    """What a load saw, and what the server's processor gave for it (seconds)."""
    n = len(outcome.seconds)
    return [
        *latencies(bench, case, outcome.seconds, (50, 95)),
        Line(bench, case, "rate", round(outcome.ok / outcome.wall_s, 1), "1/s", n),
        Line(bench, case, "failed", n - outcome.ok, "1", n),
        Line(bench, case, "server_cpu", round(cpu * 1000 / n, 2), "ms/request", n),
    ]


def growth(lines: Sequence[Mapping[str, Any]], *, low: int, high: int) -> list[Line]:
    """How median and processor time of each case grow from ``low`` to ``high`` past incidents, as ratios."""
    found = {(line["case"], line["metric"]): line for line in lines}
    told: list[Line] = []
    for (case, metric), small in found.items():
        if metric not in ("p50", "server_cpu") or f"past={low}/" not in case or low == high:
            continue
        large = found.get((case.replace(f"past={low}/", f"past={high}/"), metric))
        if large is not None and small["value"]:
            name = case.replace(f"past={low}/", f"past={low}→{high}/")
            ratio = round(large["value"] / small["value"], 2)
            told.append(Line(small["bench"], name, f"{metric}_growth", ratio, "x", min(small["n"], large["n"])))
    return told
