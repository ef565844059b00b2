"""What a load run found, a line of JSON a figure, each beside its bound."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.assurance.load.profiles import PROFILES, Profile
from anlan.drills.bench.figures import commit, machine
from anlan.engines.intervals import percentile


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it must not exceed (``is_least``: fall below); ``is_met`` is None where nothing is held."""

    metric: str
    value: float
    unit: str
    n: int
    bound: float | None = None
    is_least: bool = False

    @property
    def is_met(self) -> bool | None:
        if self.bound is None:
            return None
        # A figure of nothing shows nothing.
        if not self.n:
            return False
        return self.value >= self.bound if self.is_least else self.value <= self.bound

    def json(self, case: str, *, busy: float) -> str:
        """One line; ``busy`` is how many processes wanted the machine while it was measured."""
        told = asdict(self)
        told.pop("is_least")
        told |= {"met": self.is_met, "load_1min": round(busy, 1), "machine": machine(), "commit": commit()}
        return json.dumps({"load": case, **told}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class LoadRun:
    """One run on the ledger of loads: ``values`` by metric, and those metrics whose bound was ``missed``."""

    case: str
    at: str
    seed: int
    commit: str
    machine: str
    load_1min: float
    values: dict[str, float]
    missed: tuple[str, ...]

    @classmethod
    def of(cls, case: str, found: Sequence[Figure], *, busy: float, seed: int, at: datetime) -> LoadRun:
        """The run that found these figures."""
        values = {figure.metric: figure.value for figure in found}
        missed = tuple(figure.metric for figure in found if figure.is_met is False)
        return cls(case, at.isoformat(timespec="seconds"), seed, commit(), machine(), round(busy, 1), values, missed)


def load_add(path: Path, run: LoadRun) -> None:
    """Append a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")


def loads_read(path: Path) -> Iterator[LoadRun]:
    """All runs of a ledger, oldest first; none where there is no file."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            read = json.loads(line)
            yield LoadRun(**{**read, "missed": tuple(read["missed"])})


def case_of(profile: Profile, minutes: float) -> str:
    """The profile's name, and where it was shortened by how much."""
    told = f"{profile.id} {profile.title}"
    if profile.sync_ms:
        told += f" (+{profile.sync_ms:g} ms a sync)"
    if profile.half_requests:
        told += f" ({profile.half_requests} requests without an end)"
    if profile.calls_per_min != PROFILES[profile.id].calls_per_min:
        told += f" ({profile.calls_per_min:g} calls/min)"
    return told if minutes >= profile.minutes else f"{told}: {minutes:g} of {profile.minutes:g} min"


def quantiles(name: str, seconds: Sequence[float], bounds: dict[int, float | None]) -> list[Figure]:
    """Quantiles in milliseconds; 100 is the longest."""
    values, n = list(seconds), len(seconds)
    return [
        Figure(
            f"{name}_{'max' if q == 100 else f'p{q}'}",
            round(percentile(values, q) * 1000, 1) if n else 0.0,
            "ms",
            n,
            bound,
        )
        for q, bound in bounds.items()
    ]


def figures(profile: Profile, told: dict[str, Any]) -> list[Figure]:
    """All of a run: ``told`` is what callers, audience and oracle said, by name."""
    calls, ears, oracle = told["callers"], told["audience"], told["oracle"]
    n = calls["calls"]
    found = quantiles(
        "accept",
        calls["accept_s"],
        {50: None, 95: None, 99: profile.accept_p99_ms, 100: profile.accept_max_ms},
    )
    found += [
        Figure("late_at_the_gate", round(calls["late_ms"], 1), "ms", n),
        Figure("refused", calls["refused"], "1", n, 0),
        Figure("failed", calls["failed"], "1", n, 0),
        Figure("unanswered_in_the_end", calls["unanswered"], "1", n, 0),
        Figure("lost", oracle["lost"], "1", oracle["looked_at"], 0),
        Figure("doubled", oracle["doubled"], "1", oracle["looked_at"], 0),
        Figure("promises_broken", len(oracle["broken"]), "1", oracle["promises"], 0),
    ]
    found += quantiles("other_consoles", ears["delays_s"], {50: None, 95: profile.others_p95_ms, 99: None})
    found += quantiles("map_at_most", ears["map_s"], {50: None, 95: profile.map_p95_ms})
    found += quantiles("phone_step", calls["step_s"], {50: None, 95: None})
    found += quantiles("positions_batch", calls["batch_s"], {50: None, 95: None, 99: None})
    found += [
        Figure("phone_steps_failed", calls["steps_failed"], "1", n, 0),
        Figure("positions_sent", calls["fixes"], "1", calls["fixes"]),
        Figure("positions_failed_batches", calls["batches_failed"], "1", len(calls["batch_s"]), 0),
        Figure("positions_lost", max(0, calls["fixes_accepted"] - oracle["fixes_kept"]), "1", calls["fixes"], 0),
        Figure("positions_per_s", round(calls["fixes"] / calls["wall_s"], 1), "1/s", calls["fixes"]),
        Figure("calls_per_min", round(60 * n / calls["wall_s"], 1), "1/min", n),
    ]
    found += _beside_a_crowd(profile, calls)
    about = calls["about_same"]
    if about:
        share = round(calls["suggested"] / about, 3)
        found.append(Figure("same_event_suggested", share, "1", about, profile.suggested_share, is_least=True))
    if profile.leave:
        found += quantiles("back", ears["back_s"], {50: None, 95: None})
        found.append(
            Figure("until_all_back", round(ears["until_all_s"], 2), "s", profile.leave, profile.back_within_s)
        )
        found.append(Figure("changes_missed", ears["missed"], "1", ears["compared"], 0))
    if profile.slow_readers:
        found.append(Figure("slow_readers_told_to_resync_or_cut", ears["slow_told"], "1", profile.slow_readers))
    return found


def _beside_a_crowd(profile: Profile, calls: dict[str, Any]) -> list[Figure]:
    """What calls waited before the crowd and beside it, in the same run on the same machine, and the ratio."""
    found = []
    if profile.backlog or profile.half_requests:
        before, beside = calls["before_s"], calls["beside_s"]
        found += quantiles("accept_before_crowd", before, {50: None, 95: None, 99: None})
        found += quantiles("accept_beside_crowd", beside, {50: None, 95: None, 99: None})
        for q in (95, 99):
            if before and beside:
                ratio = percentile(beside, q) / percentile(before, q)
                found.append(Figure(f"beside_to_before_p{q}", round(ratio, 2), "1", min(len(before), len(beside))))
    if profile.backlog:
        found.append(Figure("positions_put_off_batches", calls["batches_put_off"], "1", len(calls["batch_s"])))
    if profile.half_requests:
        found.append(Figure("half_requests_told", calls["half_told"], "1", profile.half_requests))
    return found
