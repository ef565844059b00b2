"""``anlan standby …`` and ``anlan takeover``: a second machine that holds every commit."""

from __future__ import annotations

import getpass
import json
import logging
import secrets
import signal
import sys
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from anlan.assurance.standby.copy import Copy, NotSound
from anlan.assurance.standby.serve import Ear
from anlan.assurance.standby.takeover import NoStandby, Standing, standing, take_over
from anlan.core.clock import now
from anlan.core.sqlite_backend.stream import ASYNC, STORE, SYNC, alone_note, replaced_note, stream_state


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
def use(address: str, mode: str) -> None:
    """Send every commit of this store to the standby at ADDRESS (host:port), from the next start on."""
    if not Path(settings.STANDBY_KEY_FILE).exists():
        raise click.ClickException("没有密钥，请先执行 anlan standby key / no key yet: anlan standby key")
    settings.STANDBY_FILE.write_text(json.dumps({"address": address, "mode": mode}), encoding="utf-8")
    alone_note(str(_store())).unlink(missing_ok=True)
    click.echo(f"{address} {mode}; 重新启动后生效 / from the next start on")


@group.command()
@click.option("--reason", required=True)
def alone(reason: str) -> None:
    """Go on without the standby, at once; who said so and why is kept beside the store."""
    told = {"at": now().isoformat(), "by": getpass.getuser(), "reason": reason}
    alone_note(str(_store())).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    click.echo("已转为单机运行，接警不再等待备机。/ Going on alone: nothing waits for the second machine any more.")


@group.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8020, show_default=True)
def serve(host: str, port: int) -> None:
    """Be the standby: take what the other machine sends into this home (ANLAN_HOME), until stopped."""
    logging.getLogger("anlan.standby").setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        copy = Copy(Path(settings.HOME))
    except NotSound as problem:
        raise click.ClickException(str(problem)) from problem
    secret = Path(settings.STANDBY_KEY_FILE).read_bytes().strip()
    with Ear((host, port), copy, secret, clock=now) as ear:
        click.echo(f"备机已就绪 / standby ready: {host}:{port}")
        ear.serve_forever()


@group.command()
def status() -> None:
    """What this machine knows of the other one."""
    store = _store()
    try:
        _tell(standing(Path(settings.HOME)))
    except NoStandby:
        replaced, alone_told, state = replaced_note(str(store)), alone_note(str(store)), stream_state(str(store))
        for note, words in ((replaced, "本机已被替换 / replaced"), (alone_told, "单机运行 / going on alone")):
            if note.exists():
                click.echo(f"{words}: {note.read_text(encoding='utf-8')}")
        if state is not None:
            told = "同步 / in step" if state.is_up else "备机无应答 / the standby does not answer"
            click.echo(f"{told} ({timezone.localtime(state.at):%Y-%m-%d %H:%M:%S})")
        if state is None and not settings.STANDBY_FILE.exists():
            click.echo("未设备机 / no standby")


def _tell(held: Standing) -> None:
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


@click.command()
@click.option("--reason", required=True, help="Why; it stands on record.")
@click.option("--by", default=getpass.getuser, help="Who says so.")
@click.option("--yes", is_flag=True, help="Don't ask again.")
def takeover(reason: str, by: str, yes: bool) -> None:
    """Make this standby the centre: the other machine saves nothing any more once it hears of it."""
    home = Path(settings.HOME)
    try:
        _tell(standing(home))
        if not yes:
            click.confirm("由本机接管？ / Take over on this machine?", abort=True)
        take_over(home, by=by, reason=reason, at=now())
    except (NoStandby, NotSound) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(
        "已接管。请启动：anlan run；备机接收进程请保持运行，以便告知原主机。/ "
        "Taken over. Start it: anlan run; let the receiving process run on, so that the old machine is told."
    )


def _store() -> Path:
    return Path(settings.HOME) / STORE
