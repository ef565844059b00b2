"""``anlan chaos``: break a centre on purpose, and see whether what it promised still holds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anlan.assurance.chaos.cluster import Cluster, cluster
from anlan.config.assurance_store import centre_made

if TYPE_CHECKING:
    from anlan.assurance.chaos.fault import Fault

MADE = "made"
SKIPPED = 77
"""The exit code where this machine can't do the fault: nothing is on the ledger, the reason was told."""


@click.command()
@click.option("--fault", help="F1 … F18; without it the list of faults is printed.")
@click.option("--count", default=20, show_default=True, type=click.IntRange(1, 1_000_000), help="Trials.")
@click.option("--seed", type=int, help="Without it: the one after the last on the ledger, or 1.")
@click.option(
    "--store", type=click.Choice(["SQLite", "PostgreSQL"], case_sensitive=False), help="Where it can be both."
)
@click.option("--slice", "slice_", default=0, help="Trials of one entry on the ledger; 0: all in one.")
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False), help="Put each run on this ledger.")
@click.option("--plant", default="", help="Put a known fault in, as the list names it; then the run must fail.")
@click.option(
    "--centre", type=click.Path(path_type=Path, file_okay=False), help="Keep the made centre in this folder."
)
def chaos(
    fault: str | None,
    count: int,
    seed: int | None,
    store: str | None,
    slice_: int,
    ledger: Path | None,
    plant: str,
    centre: Path | None,
) -> None:
    """Do FAULT to a centre of its own under load, COUNT times; exit 1 when a promise was broken.

    Nothing of this touches the store of this installation. Each failure prints the command that does it again.
    """
    from anlan.assurance.chaos.catalogue import BUILT, NOT_BUILT, ON_BOTH, fault_of
    from anlan.assurance.ledger import seed_next

    if fault is None:
        for name in sorted({*BUILT, *NOT_BUILT}, key=lambda name: int(name[1:])):
            click.echo(f"{name:<4}{BUILT[name].title if name in BUILT else 'not built: ' + NOT_BUILT[name]}")
            for known in BUILT[name].plants if name in BUILT else ():
                click.echo(f"      --plant '{known}'")
            for known in ON_BOTH[name].plants if name in ON_BOTH else ():
                click.echo(f"      --store {ON_BOTH[name].store} --plant '{known}'")
        return
    if fault not in BUILT:
        raise click.ClickException(
            f"{fault} is {'not built: ' + NOT_BUILT[fault] if fault in NOT_BUILT else 'no fault'}"
        )
    kind = fault_of(fault, store or "")
    if store and kind.store != store:
        raise click.ClickException(f"{fault} is done on {kind.store} alone")
    if plant and plant not in kind.plants:
        known = ", ".join(f"'{one}'" for one in kind.plants) or "none"
        raise click.ClickException(f"{fault} has no plant '{plant}'; there is: {known}")
    failed = 0
    first = seed if seed is not None else (seed_next(ledger, fault, 1) if ledger else 1)
    part = slice_ or count
    with (
        tempfile.TemporaryDirectory(prefix="anlan-chaos-", ignore_cleanup_errors=True) as folder,
        _server(kind.store, Path(folder)) as server,
    ):
        made = centre or Path(folder) / "centre"
        if server is None:
            centre_made(made)
        else:
            centre_made(made, url=server.address())
            server.keep_as(MADE)
        for number, start in enumerate(range(0, count, part)):
            trials = min(part, count - start)
            code = _slice(kind, first + number, trials, made, Path(folder), ledger, plant, server)
            if code == SKIPPED:
                sys.exit(SKIPPED)
            failed += code
    sys.exit(1 if failed else 0)


def _server(store: str, folder: Path) -> AbstractContextManager[Cluster | None]:
    """A PostgreSQL of one's own for faults that need one."""
    if store != "PostgreSQL":
        return nullcontext()
    home = folder / "pg"
    home.mkdir()
    folder.chmod(0o755)
    return cluster(home)


def _slice(
    kind: type[Fault],
    seed: int,
    count: int,
    made: Path,
    folder: Path,
    ledger: Path | None,
    plant: str,
    server: Cluster | None,
) -> int:
    """One slice on a fresh copy of the made centre, in a process of its own."""
    from anlan.assurance.chaos.catalogue import BUILT

    home = folder / f"home-{seed}"
    shutil.copytree(made, home, ignore=shutil.ignore_patterns("reserve"))
    words = f"anlan chaos --fault {kind.id} --count {count} --seed {seed}"
    words += f" --store {kind.store}" if kind.store != BUILT[kind.id].store else ""
    words += f" --plant '{plant}'" if plant else ""
    job = {
        "fault": kind.id,
        "store": kind.store,
        "seed": seed,
        "count": count,
        "plant": plant,
        "ledger": str(ledger.resolve()) if ledger else "",
        "replay": words,
    }
    env = {**os.environ, "ANLAN_HOME": str(home), "ANLAN_FORECASTS": "off"}
    env.pop("ANLAN_DATABASE_URL", None)
    if server is not None:
        server.begin_with(MADE)
        env["ANLAN_DATABASE_URL"] = server.address()
    code = subprocess.run([sys.executable, "-m", "anlan.config.chaos_run", json.dumps(job)], env=env).returncode
    if code not in (0, SKIPPED):
        click.echo(f"FAILED; to see it again: {words}", err=True)
    shutil.rmtree(home, ignore_errors=True)
    return code
