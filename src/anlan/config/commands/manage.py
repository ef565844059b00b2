"""``anlan manage …``: Django's own administration commands."""

from __future__ import annotations

import click
from django.core.management import execute_from_command_line


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.pass_context
def manage(ctx: click.Context) -> None:
    """Run one of Django's administration commands."""
    execute_from_command_line(["anlan manage", *ctx.args])
