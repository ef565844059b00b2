"""``anlan guard …``: PostgreSQL's own row policies as second net under the program's (docs/row-security.md)."""

from __future__ import annotations

import click
from django.db import connection, transaction

from anlan.config.row_security import policies_drop, policies_make, role_make, standing


@click.group("guard")
def group() -> None:
    """PostgreSQL's own row policies on the tables that say who people are."""
    if connection.vendor != "postgresql":
        raise click.ClickException("SQLite knows no row policies; this is about PostgreSQL (ANLAN_DATABASE_URL)")


@group.command()
@click.option("--role", help="Make or renew a role for the centre that owns nothing and passes by no policy.")
def on(role: str | None) -> None:
    """Guard the tables; run it as their owner, after each `anlan migrate`."""
    with transaction.atomic(), connection.cursor() as cursor:
        policies_make(cursor)
        if role:
            role_make(cursor, role)
    click.echo(f"guarded; let the centre sign in as {role}" if role else "guarded")


@group.command()
def off() -> None:
    """Guard nothing any more."""
    with transaction.atomic(), connection.cursor() as cursor:
        policies_drop(cursor)
    click.echo("not guarded")


@group.command()
def status() -> None:
    """How the tables are guarded; exit 1 where one isn't, or whoever asks passes by."""
    with connection.cursor() as cursor:
        rows, passes = standing(cursor)
    for row in rows:
        held = row.is_on and row.is_forced and row.has_policy
        click.echo(f"{row.table:<28}{'guarded' if held else 'not guarded'}")
    click.echo("this role passes by every policy: the centre must use another" if passes else "this role is bound")
    if passes or not all(row.is_on and row.is_forced and row.has_policy for row in rows):
        raise SystemExit(1)
