"""``anlan load``: what a city sends in its worst hour, against a centre of its own, and whether it held."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from anlan.assurance.chaos.site import PROGRAM, Site
from anlan.assurance.load.figures import Figure, LoadRun, case_of, figures, load_add
from anlan.assurance.load.profiles import PROFILES, Profile
from anlan.config.load_store import NOTE
from anlan.config.server import web_workers
from anlan.core.clock import now
from anlan.drills.bench.processor import cpu_s

SETTLES_S = 3.0
SLOW = (sys.executable, "-m", "anlan.config.load_slow")


@click.command()
@click.option("--profile", "name", type=click.Choice(sorted(PROFILES)), help="Without it the profiles are printed.")
@click.option(
    "--minutes", type=click.FloatRange(0.1, 600), help="Shorter or longer than the profile; the lines say so."
)
@click.option("--seed", default=1, show_default=True)
@click.option("--past", type=click.IntRange(0, 20_000_000), help="Past incidents, where not those of the profile.")
@click.option("--sync-ms", type=click.FloatRange(0, 1000), help="How much longer a sync takes (L6: 5 and 20).")
@click.option("--calls-per-min", type=click.FloatRange(1, 10_000), help="Calls, where not those of the profile.")
@click.option("--half-requests", type=click.IntRange(1, 2000), help="So many requests stop half-way after a third.")
@click.option("--workers", default=web_workers, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False), help="Put the run on this ledger.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the made centre in this folder.")
def load(
    name: str | None,
    minutes: float | None,
    seed: int,
    past: int | None,
    sync_ms: float | None,
    calls_per_min: float | None,
    half_requests: int | None,
    workers: int,
    ledger: Path | None,
    keep: Path | None,
) -> None:
    """Put a centre of its own under load, as ``anlan run`` starts it; exit 1 where a bound is missed.

    Calls come at moments of their own, whatever the answers do (an open loop, from a process beside the server).
    Each line is a figure with its bound; ``met`` is false where it was missed, and load_1min says how busy the
    machine was. Afterwards the store is held to every promise (``anlan verify``).
    """
    if name is None:
        for profile in PROFILES.values():
            click.echo(_told(profile))
        return
    profile = PROFILES[name]
    changed = {"past": past, "sync_ms": sync_ms, "calls_per_min": calls_per_min, "half_requests": half_requests}
    profile = replace(profile, **{field: value for field, value in changed.items() if value is not None})  # type: ignore[arg-type]
    lasts = minutes if minutes is not None else profile.minutes
    with _home(profile, keep) as home:
        found, busy = _run(profile, home, lasts, seed, workers)
    case = case_of(profile, lasts)
    for figure in found:
        click.echo(figure.json(case, busy=busy))
    if ledger:
        load_add(ledger, LoadRun.of(case, found, busy=busy, seed=seed, at=now()))
    sys.exit(int(any(figure.is_met is False for figure in found)))


def _told(profile: Profile) -> str:
    return (
        f"{profile.id}  {profile.title}: {profile.minutes:g} min, {profile.calls_per_min:g} calls/min, "
        f"{profile.consoles} consoles, {profile.positions_per_s} positions/s, {profile.phones} phones"
    )


@contextlib.contextmanager
def _home(profile: Profile, keep: Path | None) -> Iterator[Path]:
    """A home with the centre in it, made or copied from where it was kept."""
    with tempfile.TemporaryDirectory(prefix="anlan-load-", ignore_cleanup_errors=True) as folder:
        size = f"{profile.units}-{profile.consoles}-{profile.phones}-{profile.past}"
        made = (keep.resolve() if keep else Path(folder)) / f"centre-{size}"
        if not (made / NOTE).exists():
            made.mkdir(parents=True, exist_ok=True)
            job = {"units": profile.units, "desks": profile.consoles, "phones": profile.phones, "past": profile.past}
            words = [sys.executable, "-m", "anlan.config.load_store", str(made / NOTE), json.dumps(job)]
            subprocess.run(words, env=_env(made), check=True)
        home = Path(folder) / "home"
        shutil.copytree(made, home, ignore=shutil.ignore_patterns("reserve"))
        # What was just copied would be written out beside the commits that are timed.
        os.sync()
        yield home


def _env(home: Path) -> dict[str, str]:
    env = {**os.environ, "ANLAN_HOME": str(home), "ANLAN_FORECASTS": "off"}
    env.pop("ANLAN_DATABASE_URL", None)
    return env


def _run(profile: Profile, home: Path, minutes: float, seed: int, workers: int) -> tuple[list[Figure], float]:
    """Start the centre, its audience and its callers; what they and the oracle say, and how busy the machine was."""
    if profile.sync_ms:
        os.environ["ANLAN_SYNC_MS"] = str(profile.sync_ms)
    site = Site(home, {}, SLOW if profile.sync_ms else PROGRAM, workers=workers)
    job: dict[str, Any] = {"profile": asdict(profile), "home": str(home), "seed": seed, "minutes": minutes}
    told: dict[str, Any] = {}
    try:
        site.start()
        assert site.group is not None
        job["port"] = site.port
        with _beside("audience", job, home) as ears:
            assert ears.stdout is not None
            if ears.stdout.readline().strip() != "ready":
                raise click.ClickException("the audience did not get in")
            before, began = cpu_s(site.group), time.monotonic()
            told["callers"] = _said("callers", job, home)
            spent = (cpu_s(site.group) - before) / (time.monotonic() - began)
            busy = os.getloadavg()[0]
            time.sleep(SETTLES_S)
            said, _ = ears.communicate("")
            told["audience"] = json.loads(said)
        told["oracle"] = _said("oracle", job, home)
    finally:
        site.kill()
    for line in told["oracle"]["broken"]:
        click.echo(f"BROKEN {line}", err=True)
    return [*figures(profile, told), Figure("server_cpu", round(100 * spent, 1), "% of a core", 1)], busy


def _beside(role: str, job: dict[str, Any], home: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "anlan.config.load_run", role, json.dumps(job)]
    return subprocess.Popen(words, env=_env(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _said(role: str, job: dict[str, Any], home: Path) -> dict[str, Any]:
    """What a process of that role says in the end."""
    with _beside(role, job, home) as running:
        said, _ = running.communicate()
    if running.returncode:
        raise click.ClickException(f"the {role} ended with {running.returncode}")
    told: dict[str, Any] = json.loads(said)
    return told
