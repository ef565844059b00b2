"""``anlan standby …`` and ``anlan takeover``: a second machine that holds every commit."""

from __future__ import annotations

import getpass
import json
import logging
import secrets
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

import click
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from anlan.assurance.standby.copy import Copy
from anlan.assurance.standby.kept import NotSound
from anlan.assurance.standby.page import Page, code_path, page_serve
from anlan.assurance.standby.serve import Ear
from anlan.assurance.standby.takeover import NoStandby, Standing, standing
from anlan.config.standby_centre import Waiting
from anlan.config.standby_fill import NoSecond, standby_fill
from anlan.config.standby_left import calls_left
from anlan.core.clock import now
from anlan.core.sqlite_backend.errors import Replaced
from anlan.core.sqlite_backend.notes import ASYNC, STORE, SYNC, alone_note, replaced_note, stream_state
from anlan.core.sqlite_backend.sealed import LineBroken
from anlan.core.sqlite_backend.second import GO_ON, INTAKE, LEASE_S, Terms, second_seen

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""None that is taken for another when it is read from paper."""
NOT_FILLED = "备机尚未装满 / the second machine has no whole copy yet"
LEFT_BEFORE = timedelta(seconds=5)
"""The first commit without an answer is some seconds older than the moment that was noticed."""


@click.group("standby")
def group() -> None:
    """A second machine that holds every commit before anybody is told of it."""


@group.command()
def key() -> None:
    """Make the key both machines share, if there is none; carry the file to the other one by hand."""
    path = Path(settings.STANDBY_KEY_FILE)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    click.echo(str(path))


@group.command()
@click.argument("address")
@click.option("--mode", type=click.Choice([SYNC, ASYNC]), default=SYNC, show_default=True)
@click.option(
    "--lease", default=LEASE_S, show_default=True, type=click.FloatRange(10), help="Seconds without a word (async)."
)
@click.option(
    "--when-cut",
    type=click.Choice([GO_ON, INTAKE]),
    default=GO_ON,
    show_default=True,
    help="After that: go on with everything, or take new calls alone (async).",
)
def use(address: str, mode: str, lease: float, when_cut: str) -> None:
    """Send every commit of this home to the standby at ADDRESS (host:port), from the next start or ``fill`` on."""
    if not Path(settings.STANDBY_KEY_FILE).exists():
        raise click.ClickException("没有密钥，请先执行 anlan standby key / no key yet: anlan standby key")
    settings.STANDBY_FILE.write_text(Terms(address, mode == SYNC, lease, when_cut).as_text(), encoding="utf-8")
    # Until it has a whole copy nothing waits for it: a running centre goes on.
    told = {"at": now().isoformat(), "by": getpass.getuser(), "reason": NOT_FILLED, "until_filled": True}
    alone_note(str(_store())).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    click.echo(
        f"{address} {mode}；下次启动时生效，或立即执行 anlan standby fill，无需停机 / "
        "from the next start on, or at once, while the centre runs: anlan standby fill"
    )


@group.command()
def fill() -> None:
    """Give the standby a whole copy now, while the centre goes on; from then on every commit waits for it again."""
    try:
        size = standby_fill()
    except (NoSecond, Replaced, LineBroken, OSError) as problem:
        raise click.ClickException(f"备机未装满，本机照旧 / not filled, this centre goes on: {problem}") from problem
    click.echo(
        f"备机已有完整副本（{size / 1024**2:.1f} MB），此后逐笔同步。/ "
        "The second machine has a whole copy; from now on every commit goes to it."
    )


@group.command()
@click.option("--reason", required=True)
def alone(reason: str) -> None:
    """Go on without the standby, at once; who said so and why is kept beside the store."""
    told = {"at": now().isoformat(), "by": getpass.getuser(), "reason": reason}
    alone_note(str(_store())).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    click.echo("已转为单机运行，接警不再等待备机。/ Going on alone: nothing waits for the second machine any more.")


@group.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the other machine's commits come in.")
@click.option("--port", default=8020, show_default=True)
@click.option("--page", default="127.0.0.1:8021", show_default=True, help="This machine's page; '' for none.")
@click.option("--centre", default="", help="HOST:PORT; the page's take-over button starts the centre there.")
def serve(host: str, port: int, page: str, centre: str) -> None:
    """Be the standby: take what the other machine sends into this home (ANLAN_HOME), until stopped."""
    logging.getLogger("anlan.standby").setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        copy = Copy(Path(settings.HOME))
    except NotSound as problem:
        raise click.ClickException(str(problem)) from problem
    secret = Path(settings.STANDBY_KEY_FILE).read_bytes().strip()
    with Ear((host, port), copy, secret, clock=now) as ear:
        ear.looker.start()
        click.echo(f"备机已就绪 / standby ready: {host}:{port}")
        if page:
            waiting = Waiting(copy.home, _address(centre)) if centre else None
            start = waiting.start if waiting else None
            page_serve(Page(ear, code_file=code_path(), centre=start), _address(page))
            click.echo(f"备机页面 / its page: http://{page}")
        ear.serve_forever()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


@group.command()
def code() -> None:
    """Make a new take-over code for this machine's page, and say it once; write it down and seal it."""
    said = "-".join("".join(secrets.choice(CODE_LETTERS) for _ in range(4)) for _ in range(4))
    path = code_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(make_password(said), encoding="ascii")
    click.echo(
        f"接管码（只显示这一次，请写下封存）/ take-over code, shown this once; write it down and seal it: {said}"
    )


@group.command()
@click.option("--since", "since_text", default="", help="Local time; without it: since the second machine was lost.")
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False), required=True, help="CSV file.")
def left(since_text: str, into: Path) -> None:
    """Calls this machine took while it was cut off: to be entered again in the centre that replaced it."""
    state = stream_state(str(_store()))
    if not since_text and (state is None or state.is_up):
        click.echo("备机在线，没有只留在本机的警情。/ The second machine has everything; nothing is left here alone.")
        return
    lost = state.at - LEFT_BEFORE if state else now()
    since = timezone.make_aware(datetime.fromisoformat(since_text)) if since_text else lost
    count = calls_left(since=since, into=into)
    click.echo(
        f"{since:%Y-%m-%d %H:%M:%S} 以来本机接警 {count} 条，已写入 {into}，请在新主机上逐条补录原时间。/ "
        f"{count} calls taken here since then are in {into}; enter each in the new centre with its real time."
    )


@group.command()
def status() -> None:
    """What this machine knows of the other one."""
    store = _store()
    try:
        tell(standing(Path(settings.HOME)))
    except NoStandby:
        replaced, alone_told, state = replaced_note(str(store)), alone_note(str(store)), stream_state(str(store))
        for note, words in ((replaced, "本机已被替换 / replaced"), (alone_told, "单机运行 / going on alone")):
            if note.exists():
                click.echo(f"{words}: {note.read_text(encoding='utf-8')}")
        second = second_seen(str(store))
        if second is not None and state is not None:
            told = "同步 / in step" if second.is_up else "备机无应答 / the standby does not answer"
            click.echo(f"{told} ({timezone.localtime(state.at):%Y-%m-%d %H:%M:%S}) {second.terms.address}")
            click.echo(f"滞后 / behind: {second.lag_s(now()):.0f} s, {second.behind_bytes} bytes")
            files = second.about.get("files_known")
            if files is not None:
                click.echo(f"附件 / files of content: {second.about['files_held']} / {files}")
        if state is None and not settings.STANDBY_FILE.exists():
            click.echo("未设备机 / no standby")


def tell(held: Standing) -> None:
    """How a standby stands, as both commands say it."""
    role = "备机 / standby" if held.role.taken is None else f"已接管 / has taken over: {held.role.taken}"
    heard = f"{timezone.localtime(held.heard_at):%Y-%m-%d %H:%M:%S}" if held.heard_at else "-"
    click.echo(f"{role}; epoch {held.role.epoch}; {held.bytes / 1024**2:.1f} MB")
    click.echo(f"最近一次收到主机数据 / last heard: {heard}")
    click.echo(_lacking(held))


def _lacking(held: Standing) -> str:
    if held.may_lack:
        return (
            "异步方式：此刻之后主机已受理的警情可能缺失。/ "
            "async: what the other machine accepted after that may be missing."
        )
    return "同步方式：已应答“受理”的内容一条不缺。/ sync: nothing that was acknowledged is missing."


def _store() -> Path:
    return Path(settings.HOME) / STORE
