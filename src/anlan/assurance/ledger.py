"""The ledger of runs: a line for each slice of each fault, kept with the project, from which the report is made."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Run:
    """One slice: ``count`` trials of ``fault`` under ``seed``, of which ``failed`` broke a promise.

    ``plant`` names a fault put in on purpose; such a run is a proof of the rig and must fail. ``replay`` is the
    command that does the same again. ``figures`` are what else was counted.
    """

    fault: str
    seed: int
    count: int
    failed: int
    commit: str
    at: str
    store: str
    machine: str
    wall_s: float
    replay: str
    plant: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    examples: tuple[str, ...] = ()


def run_add(path: Path, run: Run) -> None:
    """Append a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")


def runs_read(path: Path) -> Iterator[Run]:
    """All runs of a ledger, oldest first; none where there is no file."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            read = json.loads(line)
            yield Run(**{**read, "examples": tuple(read["examples"])})


def seed_next(path: Path, fault: str, first: int) -> int:
    """The seed with which a fault goes on where earlier slices ended: one beyond the last without a plant."""
    return max((run.seed + 1 for run in runs_read(path) if run.fault == fault and not run.plant), default=first)


def rule_of_three(trials: int) -> float:
    """With no failure in ``trials``, the failure rate is below this with 95 % confidence (3/n)."""
    return 3.0 / trials if trials else 1.0


GROWING = "docs/reliability"
"""Where the ledgers lie: a run that has just been written down there is no change of what is tried."""


def commit_now(folder: Path) -> str:
    """The commit of the source in ``folder``, with + where more than a ledger was changed; "?" outside a checkout."""
    try:
        commit = _git(folder, "rev-parse", "--short=10", "HEAD")
        whole = _git(folder, "rev-parse", "--show-toplevel")
        but = ("--", ".", f":(exclude){GROWING}/*.jsonl")
        changed = _git(Path(whole), "status", "--porcelain", "--untracked-files=no", *but)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return "?"
    return commit + ("+" if changed else "")


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def machine_now() -> str:
    """Processor count, system, Python and SQLite: what a figure depends on."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def run_of(fault: str, *, at: datetime, source: Path, store: str = "SQLite", **told: Any) -> Run:
    """A run of now, on this machine and commit."""
    return Run(
        fault=fault,
        commit=commit_now(source),
        at=at.isoformat(timespec="seconds"),
        store=store,
        machine=machine_now(),
        **told,
    )
