"""``anlan export``: counts for outside the house, which no other export gives in this shape."""

from __future__ import annotations

import re
from pathlib import Path

import click

from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.errors import DomainError
from anlan.reports.rules import AXES
from anlan.reports.selectors.exports import sheets_csv
from anlan.reports.services import export_outside


def _month(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", value):
        raise click.BadParameter("a month is written 2026-03")
    return value


@click.command()
@click.argument("first", callback=_month)
@click.argument("last", callback=_month)
@click.option("--by", "axes", multiple=True, type=click.Choice(AXES), help="May be given more than once.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def export(first: str, last: str, axes: tuple[str, ...], out: Path) -> None:
    """Write counts of matters from month FIRST to LAST as CSV, fit to leave the house."""
    try:
        sheet = export_outside(first=first, last=last, axes=axes, by=SYSTEM, at=now())
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    out.write_bytes(sheets_csv([sheet]))
    held = sum(int(row[-1] or 0) for row in sheet.rows)
    click.echo(f"{out}: {len(sheet.rows)} rows, {held} cells held back")
