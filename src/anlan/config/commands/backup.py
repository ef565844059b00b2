"""``anlan backup`` and ``anlan restore``: a copy that follows the store, and the store as it was at a second."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.utils import timezone

from anlan.assurance.backup.follow import Follower, NoSpace, StoreChanged
from anlan.assurance.backup.restore import NothingToRestore, points, restore
from anlan.assurance.ledger import run_add, run_of
from anlan.core.clock import now

_FOLDER = click.Path(path_type=Path, file_okay=False)


def _store() -> Path:
    told = settings.DATABASES["default"]
    if "postgresql" in str(told["ENGINE"]):
        raise click.ClickException(
            "This centre's store is PostgreSQL; it is backed up by PostgreSQL's own tools (docs/drills.md). "
            "本中心使用 PostgreSQL，请用其自带工具备份（docs/drills.md）。"
        )
    return Path(str(told["NAME"]))


@click.command()
@click.argument("into", type=_FOLDER)
@click.option("--follow", is_flag=True, help="Go on until stopped: carry each second's changes after the copy.")
@click.option(
    "--every", default=1.0, show_default=True, type=click.FloatRange(0.1, 60), help="Seconds between looks."
)
@click.option(
    "--whole-every", default=3600.0, show_default=True, type=click.FloatRange(60), help="Seconds; whole copies."
)
@click.option("--keep-days", default=35, show_default=True, type=click.IntRange(1, 3650))
def backup(into: Path, follow: bool, every: float, whole_every: float, keep_days: int) -> None:
    """Copy the store into the folder INTO, on another disk; with --follow each second's changes too.

    Files of content go along; the keys in secrets/ don't: keep them apart, or whoever has the copy has them too.
    """
    follower = Follower(_store(), into.resolve(), media=Path(settings.MEDIA_ROOT))
    try:
        follower.start(now())
        follower.copy(now())
        click.echo(f"已备份 / copied: {follower.generation} → {into}")
        if follow:
            _go_on(follower, every, whole_every, keep_days)
    except NoSpace as problem:
        raise click.ClickException(f"备份盘已满，此前的备份完好 / the backup disk is full: {problem}") from problem
    finally:
        follower.stop()


def _go_on(follower: Follower, every: float, whole_every: float, keep_days: int) -> None:
    whole_at = time.monotonic() + whole_every
    while True:
        time.sleep(every)
        at = now()
        follower.copy(at)
        if time.monotonic() >= whole_at and _whole(follower, at):
            whole_at = time.monotonic() + whole_every
            follower.prune(before=at - timedelta(days=keep_days))


def _whole(follower: Follower, at: datetime) -> bool:
    """Begin a generation with a whole copy, if it can be done now; a store that was changed is told, loudly."""
    try:
        return follower.rotate(at, whole=True)
    except StoreChanged as problem:
        click.echo(
            f"数据库文件已损坏：有 {len(problem.pages)} 页与写入内容不符（首页号 {problem.pages[0]}）。"
            "此副本未保存，备份从上一份完好副本起继续。请立即告知管理员，按操作预案恢复。/ "
            f"THE STORE IS DAMAGED: {problem} differ from what was written. This copy was not kept; the backup "
            "goes on from the sound one before. Tell the administrator now and restore (docs/drills.md).",
            err=True,
        )
        return True


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--into", type=_FOLDER, help="Folder that becomes a home (ANLAN_HOME) with the store in it.")
@click.option("--at", "at_text", default="", help="'2026-11-22 20:15:03' in local time; without it the newest.")
@click.option(
    "--drill", is_flag=True, help="Restore into a folder that is removed again, and say whether it is sound."
)
@click.option("--list", "is_list", is_flag=True, help="From when to when the store can be restored.")
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False), help="Put the drill on this ledger.")
def restore_command(
    source: Path, into: Path | None, at_text: str, drill: bool, is_list: bool, ledger: Path | None
) -> None:
    """Make a store as it was at a second from the backups in SOURCE, and hold every invariant against it.

    Nothing that is there is overwritten.
    """
    if is_list:
        known = points(source)
        click.echo(
            f"{_local(known[0].at)} – {_local(known[-1].at)} ({len(known)})" if known else "无备份 / no backup"
        )
        return
    if (into is None) != drill:
        raise click.ClickException("either --into FOLDER or --drill")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="anlan-restore-") as scratch:
        home = Path(scratch) / "home" if into is None else into.resolve()
        code = _restored(source, home, _instant(at_text))
    if ledger is not None:
        run = run_of(
            "F13",
            at=now(),
            source=Path(__file__).parent,
            seed=0,
            count=1,
            failed=int(code != 0),
            wall_s=round(time.monotonic() - began, 1),
            replay=f"anlan restore {source.name} --drill",
        )
        run_add(ledger, run)
    sys.exit(code)


def _restored(source: Path, home: Path, at: datetime | None) -> int:
    home.mkdir(parents=True, exist_ok=True)
    try:
        point = restore(source, home / "anlan.sqlite3", at=at)
    except NothingToRestore as problem:
        raise click.ClickException(f"无法恢复 / can't be restored: {problem}") from problem
    if (source / "media").is_dir():
        shutil.copytree(source / "media", home / "media", dirs_exist_ok=True)
    click.echo(f"已恢复到 / restored to {_local(point.at)}")
    return _verified(home)


def _verified(home: Path) -> int:
    """Bring its tables up to date and hold the invariants against it, as a centre of its own would."""
    env: dict[str, Any] = {**os.environ, "ANLAN_HOME": str(home)}
    env.pop("ANLAN_DATABASE_URL", None)
    for words in (["migrate"], ["verify"]):
        code = subprocess.run([sys.executable, "-m", "anlan.config.cli", *words], env=env).returncode
        if code:
            return code
    return 0


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as problem:
        raise click.ClickException(f"{text}: {problem}") from problem
    return read if read.tzinfo else timezone.make_aware(read)


def _local(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
