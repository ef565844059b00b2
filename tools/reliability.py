"""``RELIABILITY.md`` from the ledger of runs: ``python tools/reliability.py [--check | --add MINUTES]``.

``--add`` first goes on with the faults for so long: slice after slice, always of the fault that is furthest behind
its number for a release. What was run before counts, so it may be stopped and gone on with at any time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEDGER = ROOT / "docs" / "reliability" / "runs.jsonl"
LOADS = ROOT / "docs" / "reliability" / "loads.jsonl"
PAGE = ROOT / "RELIABILITY.md"

FEWEST = 20
SKIPPED = 77
"""The exit code of ``anlan chaos`` where this machine can't do a fault: it is told and the others go on."""
# Fault: trials a release wants, trials in a slice of some minutes.
RELEASE = {
    "F1": (300, 20),
    "F2": (480, 120),
    "F3": (20_000, 500),
    "F4": (60, 10),
    "F4-PostgreSQL": (60, 10),
    "F5": (50, 5),
    "F6": (2_000, 100),
    "F7": (100, 5),
    "F8": (100_000, 10_000),
    "F9": (50, 10),
    "F10": (400, 40),
    "F11": (60, 10),
    "F12": (60, 4),
    "F13": (200, 40),
    "F14": (40, 10),
    "F15": (20_000, 1_000),
    "F16": (300, 60),
    "F17": (8, 8),
    "F18": (60, 12),
}


def asked(name: str) -> list[str]:
    """The words of ``anlan chaos`` for a name of the list above."""
    fault, _, store = name.partition("-")
    return ["--fault", fault, *(["--store", store] if store else [])]


def name_of(fault: str, store: str) -> str:
    """What a run on the ledger counts for."""
    both = f"{fault}-{store}"
    return both if both in RELEASE else fault


HEAD = """# Reliability: what was tried, and what survived

Made from [the ledger of runs](docs/reliability/runs.jsonl) by `python tools/reliability.py`; anybody can add to it
with `anlan chaos --fault F… --count N --ledger docs/reliability/runs.jsonl`. Each line of it names the seed, the
commit, the machine and the command that does the same again.

**The promise.** "Accepted" is answered only after the record is on stable storage; from then on it survives any
single fault and takes effect exactly once. After every trial [sixteen sentences](docs/rooms/assurance.md) (`anlan
verify`) are held against the store and against what clients had been told; *no answer* counts as neither yes nor
no.

**How to read it.** No failure in n trials bounds the failure rate below 3/n with 95 % confidence (the rule of
three), for trials like these: this traffic, this machine, this model of a disk. It proves nothing about a disk that
lies about its syncs."""

FAULTS_HEAD = "| fault | what | trials | broke a promise | failure rate (95 %) | seeds | commits |"
TAIL = """## What these runs don't cover

- F3 asks the five sentences a power cut can break at each cut (I1, I2, I3, I7, I9), and all sixteen at every tenth.
  Cuts of one seed share one tape of traffic; they are not independent of each other.
- The file of unit positions syncs less on purpose (devices send again until they are told): a power cut may take
  the last quarter of a minute of positions, never a call, a sending or a unit's status. The power rig leaves that
  file out.
- Sync times: the machines here acknowledge a sync in a fraction of a millisecond; nothing about speed follows from
  this page.
- `ready` under F1 is the time from the start of the processes to the first answer, on a machine shared with other
  work. One start in fifteen is made and timed as an operator makes it; at the others the processes come out of one
  that has read all modules, open the store anew, prepare it and serve. Under F7 it is the time until a call is taken
  again.
- F2 ends the process between statements; within a statement and a sync it is F3 that looks. F2, F6, F10, F15, F17
  and F18 run in one process with the whole application in it and no server. F10 changes the clock as the program
  reads it.
- After a clock has jumped, steps of one matter may bear times that go back. I6 names each; none is corrected.
- F15: SQLite keeps no sum of a page. A byte that changed in the store itself is found when the following backup makes
  its next whole copy (hourly), not when it is read.
- F6: with SQLite a failed sync takes the commit back, and the next one writes the same place of the log again; so the
  process goes on. No sync was let fail and then the power cut.
- F4: the image is copied while every process stands still, not at one instant as a plug would do it; what the system
  holds in memory is not in it. Positions are left out there too. It runs where it may mount.
- F14 spoils whole connections through a relay; single packets are not lost. What a browser or phone keeps while its
  line is cut is told by the tests of those pages.
- Half requests have no thread: bodies are read whole before one is given to them, and one that brings nothing for
  30 s, or less than 1,000 bytes a second on the whole, is answered with 408. Thousands of open lines still cost
  memory and open files; a proxy keeps those away.
- F12: both machines on this one, as processes; the line is cut by a relay between them. It runs in sync mode; in
  async mode an old machine that is cut off does go on writing (its planted fault shows that). Calls, sendings and
  positions are held against what was told; files of content are not asked for there, and keys are carried by hand.
  A standby that keeps no positions was not tried where the second machine is killed and back.
- F16 takes back what the last migration of a room did and does it again; stores of earlier releases are not kept.
- A plant caught in a part of its trials: the others are of a kind it does not touch (F10: jumps forward; F18: two
  of three acts; F2: steps before the answer). Each run has its seed, so the same trials catch it again.
- F9: Debian's mosquitto with its own persistence (written each second and on change), one reader, outages of seconds;
  whoever listens keeps lines in a store of its own with the settings of service, not in the register of equipment.
- PostgreSQL: F4 and F7; no standby promoted. Under F4 only the server's own folder lies on the disk that is cut, not
  the application's. F7 has no planted fault: the planted server of F1 answers nothing but 503 there under load, which
  would be caught for a wrong reason."""


def page() -> str:
    """The whole page."""
    from anlan.assurance.chaos.catalogue import NOT_BUILT, fault_of, on_stores
    from anlan.assurance.ledger import Run, rule_of_three, runs_read

    ours: dict[tuple[str, str], list[Run]] = defaultdict(list)
    planted: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs_read(LEDGER):
        if run.plant:
            planted[(run.fault, run.plant)].append(run)
        else:
            ours[run.fault, run.store].append(run)
    rows = []
    for fault, store in on_stores():
        runs = ours[fault, store]
        if not runs:
            continue
        trials, failed = sum(run.count for run in runs), sum(run.failed for run in runs)
        bound = "–" if failed else f"< {rule_of_three(trials):.2g}" if trials >= FEWEST else "too few to say"
        seeds = "–".join(str(seed) for seed in sorted({min(r.seed for r in runs), max(r.seed for r in runs)}))
        commits = ", ".join(sorted({run.commit for run in runs}))
        what = fault_of(fault, store).title
        rows.append(f"| {fault} | {what} | {trials:,} | **{failed}** | {bound} | {seeds} | {commits} |")
    proofs = [
        f"| {fault} | {plant} | {sum(r.count for r in runs):,} | {sum(r.failed for r in runs):,} "
        f"| {next(iter(runs[-1].examples), '–')} |"
        for (fault, plant), runs in sorted(planted.items())
    ]
    lacking = [f"- {fault}: {NOT_BUILT[fault]}" for fault in NOT_BUILT]
    machines = sorted({run.machine for runs in ours.values() for run in runs})
    named = {key: f"{key[0]} on {key[1]}" if len({s for f, s in ours if f == key[0]}) > 1 else key[0] for key in ours}
    parts = [
        HEAD,
        "## Faults, and what they broke",
        "\n".join([FAULTS_HEAD, "|---|---|---|---|---|---|---|", *rows]),
        _figures({named[key]: runs for key, runs in ours.items()}),
        "Machines: " + "; ".join(machines) + ".",
        "## The rigs see what they are for",
        "A known fault was put in; a rig that had stayed silent would be worth nothing.",
        "| fault | put in | trials | caught | for example |\n|---|---|---|---|---|\n" + "\n".join(proofs),
        _loads(),
        *(["## Not built yet", "\n".join(lacking)] if lacking else []),
        TAIL,
    ]
    return "\n\n".join(parts) + "\n"


LOADS_HEAD = """## Loads

`anlan load --profile L1` … `L9`: an open loop (no call waits for the answer to the last) against a centre that was
started as `anlan run` starts it, callers and listeners in processes of their own on the same two cores. *Busy* is
how many processes wanted the machine: above 2 it was shared with other work, and times are too long by so much.
Lost, doubled and refused don't depend on that, nor does the ratio of what calls waited before and beside a crowd
(positions of an outage, requests without an end) in one run. The last run of each:

| load | accept p50, p99, max | before → beside crowd | others p95 | lost, doubled, refused | missed | busy | commit |
|---|---|---|---|---|---|---|---|"""


def _loads() -> str:
    from anlan.assurance.load.figures import loads_read

    last = {run.case: run for run in loads_read(LOADS)}
    rows = []
    for case, run in sorted(last.items()):
        value = run.values
        times = " / ".join(f"{value[f'accept_{name}']:,.0f}" for name in ("p50", "p99", "max"))
        counts = ", ".join(f"{value[name]:,.0f}" for name in ("lost", "doubled", "refused"))
        rows.append(
            f"| {case} | {times} ms | {_crowd(value)} | {value['other_consoles_p95']:,.0f} ms | {counts} "
            f"| {', '.join(run.missed) or 'none'} | {run.load_1min} | {run.commit} |"
        )
    return "\n".join([LOADS_HEAD, *rows])


def _crowd(value: dict[str, float]) -> str:
    if "accept_beside_crowd_p99" not in value:
        return "–"
    return f"{value['accept_before_crowd_p99']:,.0f} → {value['accept_beside_crowd_p99']:,.0f} ms"


def _figures(ours: dict[str, list]) -> str:
    """What was counted beside the failures, summed over the slices of each fault."""
    lines = []
    for fault, runs in ours.items():
        sums: dict[str, float] = defaultdict(float)
        for run in runs:
            for name, value in run.figures.items():
                if isinstance(value, int | float) and not name.startswith("ready"):
                    sums[name] += value
        told = ", ".join(f"{name} {value:,.0f}" for name, value in sums.items() if value)
        ready = [run.figures["ready_s_median"] for run in runs if "ready_s_median" in run.figures]
        if ready:
            most = max(run.figures["ready_s_most"] for run in runs if "ready_s_most" in run.figures)
            told += f", ready in {min(ready):g}–{most:g} s"
        if told:
            lines.append(f"- {fault}: {told}; {sum(run.wall_s for run in runs):,.0f} s in all")
    return "\n".join(lines)


def add(minutes: float) -> int:
    """Slices until the time is over or every number is reached; 1 where one broke a promise."""
    until, failed, left_out = time.monotonic() + 60 * minutes, 0, set[str]()
    while time.monotonic() < until:
        done = done_so_far()
        open_ones = [name for name, (wanted, _) in RELEASE.items() if done[name] < wanted and name not in left_out]
        if not open_ones:
            break
        fault = min(open_ones, key=lambda name: done[name] / RELEASE[name][0])
        part = RELEASE[fault][1]
        words = [sys.executable, "-m", "anlan.config.cli", "chaos", *asked(fault), "--count", str(part)]
        code = subprocess.run([*words, "--ledger", str(LEDGER)], cwd=ROOT).returncode
        if code == SKIPPED:
            left_out.add(fault)
        else:
            failed |= code
    _tell(done_so_far(), left_out)
    return int(failed != 0)


def done_so_far() -> dict[str, int]:
    """Trials on the ledger, by fault; those with a fault planted in them left out."""
    from anlan.assurance.ledger import runs_read

    done = dict.fromkeys(RELEASE, 0)
    for run in runs_read(LEDGER):
        name = name_of(run.fault, run.store)
        if name in done and not run.plant:
            done[name] += run.count
    return done


def _tell(done: dict[str, int], left_out: set[str]) -> None:
    """How far each fault is on the way to its number."""
    for fault, (wanted, _) in RELEASE.items():
        said = ", this machine can't do it" if fault in left_out else ""
        print(f"{fault:<14}{done[fault]:>8,} of {wanted:,}{said}")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    import django

    django.setup()
    failed = add(float(sys.argv[2])) if sys.argv[1:2] == ["--add"] else 0
    text = page()
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    if "--check" in sys.argv:
        print("RELIABILITY.md is up to date" if fresh else "RELIABILITY.md is stale: python tools/reliability.py")
        return int(not fresh)
    PAGE.write_text(text, encoding="utf-8")
    print("written RELIABILITY.md")
    return failed


if __name__ == "__main__":
    sys.exit(main())
