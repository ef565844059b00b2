"""``anlan replay``: real events through the very services the screens use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import click


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--mapping", default="", help="A .toml mapping or the name of a built-in one.")
@click.option("--from", "start", required=True, help="First day or instant, e.g. 2015-06-01.")
@click.option("--to", "end", required=True, help="End, not included, e.g. 2015-06-08.")
@click.option("--units", default=60, show_default=True, type=click.IntRange(1, 5000))
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--no-roads", is_flag=True, help="Leave the road network aside: straight lines, no road ETA.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the replayed store in this folder.")
def replay(
    dataset: Path, mapping: str, start: str, end: str, units: int, seed: int, no_roads: bool, keep: Path | None
) -> None:
    """Replay the events of DATASET in a fresh store; prints a report as JSON.

    The road network in use (see "anlan import roads") serves travel times, and only events on it are
    replayed. The centre's own store is not touched.
    """
    from django.conf import settings

    _check(start, end)
    roads, attribution = ("", "") if no_roads else _network()
    with tempfile.TemporaryDirectory(prefix="anlan-replay-") as scratch:
        home = keep or Path(scratch)
        if keep and any(keep.glob("anlan.sqlite3*")):
            raise click.ClickException(f"{keep} holds a store already; name an empty folder.")
        home.mkdir(parents=True, exist_ok=True)
        job = {
            "dataset": str(dataset.resolve()),
            "mapping": mapping,
            "start": start,
            "end": end,
            "units": units,
            "seed": seed,
            "roads": roads,
            "attribution": attribution,
        }
        # Fixed keys: the keyed hashes in the event log must be the same in every run of one seed.
        keys = {"ANLAN_SECRET_KEY": "replay", "ANLAN_EVENT_HASH_KEY": "replay"}
        ready = {"ANLAN_READY_STORES": str(Path(settings.HOME) / "ready")}
        env = {**ready, **os.environ, **keys, "ANLAN_HOME": str(home), "PYTHONHASHSEED": "0"}
        env.pop("ANLAN_DATABASE_URL", None)
        done = subprocess.run(
            [sys.executable, "-m", "anlan.config.replay_run", json.dumps(job)], env=env, check=False
        )
        sys.exit(done.returncode)


def _check(start: str, end: str) -> None:
    """Refuse a span that can't be read before a store is made for it."""
    try:
        first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    except ValueError as problem:
        raise click.ClickException(f"--from and --to are days or instants such as 2015-06-01: {problem}") from problem
    if first.replace(tzinfo=None) >= last.replace(tzinfo=None):
        raise click.ClickException(f"--from {start} must lie before --to {end}.")


def _network() -> tuple[str, str]:
    """The file of the network in use, looked up in the centre's own store."""
    from django.conf import settings
    from django.db import OperationalError, ProgrammingError

    from anlan.places.models import RoadNetwork

    try:
        row = RoadNetwork.objects.filter(is_active=True).first()
    except (OperationalError, ProgrammingError):
        row = None
    return (str(Path(settings.ROADS_DIR) / row.file), row.attribution) if row else ("", "")
