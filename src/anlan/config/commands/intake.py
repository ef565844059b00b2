"""``anlan intake …``: measurements of intake that need no database."""

from __future__ import annotations

import click

from anlan.config.commands.dedupe import dedupe_eval


@click.group("intake")
def group() -> None:
    """Call intake."""


group.add_command(dedupe_eval)
