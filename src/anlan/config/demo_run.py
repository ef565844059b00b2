"""Making the demo's store once, then starting everything and keeping it alive."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import click
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from anlan.config.commands.imports import bar
from anlan.config.demo_past import past_start
from anlan.config.not_fit import NotFit
from anlan.config.server import Centre, prepare
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.disputes.handlers import disputes_follow
from anlan.drills.county_history import county_history_load
from anlan.drills.county_load import DEMO_PASSWORD, county_load
from anlan.drills.demo import LINE_DOWN, WARM_UP, LivingDay
from anlan.drills.demo_past import local_midnight
from anlan.drills.desks import desks_open
from anlan.drills.quarrels import quarrels_open
from anlan.drills.weather import weather_past
from anlan.engines.county.generate import county_generate
from anlan.engines.county.records import County

ANSWER_WITHIN_S = 30.0
STORES = ("anlan.sqlite3", "positions.sqlite3")


def demo_run(
    *, home: Path, host: str, port: int, rate: float, days: int, seed: int, keep: bool, leave_s: float
) -> int:
    """Make or fetch the county's store, warm it up, start the centre, and play until stopped."""
    base = home / f"county-{_edition(seed, days)}.sqlite3"
    if not base.exists():
        _make(base, county_generate(seed), days=days, seed=seed)
    if not (keep and (home / STORES[0]).exists()):
        _fresh(base, home)
    try:
        prepare()
    except NotFit as problem:
        raise click.ClickException(str(problem)) from problem
    centre = Centre(host=host, port=port)
    # The pages get ready while the morning is played. The clocks wait: they must not judge half a morning.
    centre.start_doors()
    try:
        county = county_generate(seed)
        day = LivingDay(
            county,
            rate_per_day=rate,
            seed=seed,
            starts_at=now() - WARM_UP,
            left_for=timedelta(seconds=leave_s),
        )
        day.play_until(now())
    except BaseException:
        centre.stop()
        raise
    (home / LINE_DOWN).unlink(missing_ok=True)
    desks_open(now())
    quarrels_open(now(), follow=disputes_follow)
    day.open_doors()
    # Whoever waits for the address waits for the pages alone; what acts by itself begins behind them.
    _welcome(centre, county)
    past_start(home, seed)
    centre.start_work()
    return centre.wait(on_poll=lambda: day.play_until(now()))


def _edition(seed: int, days: int) -> str:
    """The made county belongs to these tables and this generator; others make another one."""
    tables = sorted(MigrationLoader(None).disk_migrations)
    generator = Path(__file__).parents[1] / "engines" / "county"
    digest = hashlib.sha256(repr((tables, seed, days)).encode())
    for source in sorted(generator.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _make(base: Path, county: County, *, days: int, seed: int) -> None:
    from anlan.tagging.services import taxonomy_load

    click.echo(f"{county.name_zh}（虚构）: making the county once / 首次生成数据…")
    _clear(settings.HOME)
    prepare()
    began = now()
    taxonomy_load(by=SYSTEM, at=began - timedelta(days=days + 1))
    county_load(county, at=began - timedelta(days=days + 1))
    until = local_midnight(began)
    weather_past(seed, start=until - timedelta(days=days), until=until, at=began)
    with bar("history", None) as progress:
        task = progress.task_ids[0]
        county_history_load(
            county,
            until=until,
            days=days,
            seed=seed,
            progress=lambda done, of: progress.update(task, completed=done, total=of),
        )
    for connection in connections.all():
        connection.close()
    for older in base.parent.glob("county-*.sqlite3*"):
        older.unlink()
    # The county's own file comes last: where it is, all of it is.
    for name, kept in reversed(list(zip(STORES, _kept(base), strict=True))):
        store = sqlite3.connect(Path(settings.HOME) / name)
        store.execute("VACUUM INTO ?", (str(kept),))
        store.close()


def _kept(base: Path) -> tuple[Path, Path]:
    """The made county, and its tables for positions: making those anew at each start takes seconds."""
    return base, base.with_name(f"{base.name}-positions")


def _clear(home: Path) -> None:
    for name in STORES:
        for path in Path(home).glob(f"{name}*"):
            path.unlink()


def _fresh(base: Path, home: Path) -> None:
    for connection in connections.all():
        connection.close()
    _clear(home)
    for name, kept in zip(STORES, _kept(base), strict=True):
        if kept.exists():
            shutil.copyfile(kept, home / name)


def _welcome(centre: Centre, county: County) -> None:
    """Print the address when it answers, with the accounts to sign in with."""
    until = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{centre.url}/sign-in", timeout=2):
                break
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    click.echo("")
    click.echo(f"  安澜 Anlan   {centre.url}")
    click.echo(f"  {county.label}")
    click.echo(f"  密码 password: {DEMO_PASSWORD}")
    for person in county.people:
        if person.featured:
            click.echo(f"    {person.username:<26}{person.name_zh}  {person.role}")
    click.echo("  Ctrl+C 结束 / ends it")
