"""``anlan takeover``: a person makes the standby the centre."""

from __future__ import annotations

import getpass
from pathlib import Path

import click
import psycopg
from django.conf import settings
from django.utils import timezone

from anlan.assurance.standby.kept import NotSound
from anlan.assurance.standby.postgres import server_standing, server_take_over
from anlan.assurance.standby.takeover import NoStandby, standing, take_over
from anlan.config.commands.standby import tell
from anlan.core.clock import now


@click.command()
@click.option("--reason", required=True, help="Why; it stands on record.")
@click.option("--by", default=getpass.getuser, help="Who says so.")
@click.option("--yes", is_flag=True, help="Don't ask again.")
def takeover(reason: str, by: str, yes: bool) -> None:
    """Make this standby the centre: the other machine saves nothing any more once it hears of it."""
    if settings.DATABASE_URL:
        _server(by, reason, is_sure=yes)
        return
    home = Path(settings.HOME)
    try:
        tell(standing(home))
        if not yes:
            click.confirm("由本机接管？ / Take over on this machine?", abort=True)
        take_over(home, by=by, reason=reason, at=now())
    except (NoStandby, NotSound) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(
        "已接管。请启动：anlan run；备机接收进程请保持运行，以便告知原主机。/ "
        "Taken over. Start it: anlan run; let the receiving process run on, so that the old machine is told."
    )


def _server(by: str, reason: str, *, is_sure: bool) -> None:
    """The same on PostgreSQL: the standby server of this machine (``ANLAN_DATABASE_URL``) becomes the first."""
    try:
        held = server_standing(settings.DATABASE_URL)
        last = f"{timezone.localtime(held.last_change_at):%Y-%m-%d %H:%M:%S}" if held.last_change_at else "-"
        click.echo(f"最近一次变更 / last change here: {last}; epoch {held.epoch}")
        if held.is_heard:
            click.echo("注意：主数据库仍在传送。/ ATTENTION: the first server is still sending.")
        if not is_sure:
            click.confirm("由本机接管？ / Take over on this machine?", abort=True)
        server_take_over(settings.DATABASE_URL, by=by, reason=reason, at=now())
    except (NoStandby, psycopg.Error) as problem:
        raise click.ClickException(f"未接管 / not taken over: {problem}") from problem
    click.echo(
        "已接管。请启动：anlan run，并为原主机设置 ANLAN_PARTNER_DATABASE_URL 指向本机数据库，使其获知已被接管。/ "
        "Taken over. Start it: anlan run. On the old machine ANLAN_PARTNER_DATABASE_URL names this server, so that "
        "it learns that it was replaced; it comes back with a new base backup alone."
    )
