"""The command line: ``anlan …``. Each command is a thin door to the same services the screens use."""

from __future__ import annotations

import importlib
import os

import click

# name -> (module, attribute, needs the database and Django set up)
COMMANDS = {
    "run": ("anlan.config.commands.run", "run", True),
    "demo": ("anlan.config.commands.demo", "demo", False),
    "import": ("anlan.config.commands.imports", "group", True),
    "places": ("anlan.config.commands.places", "group", True),
    "platform": ("anlan.config.commands.platform", "group", True),
    "replay": ("anlan.config.commands.replay", "replay", True),
    "tag": ("anlan.config.commands.tag", "group", False),
    "intake": ("anlan.config.commands.intake", "group", False),
    "disputes": ("anlan.config.commands.disputes", "group", False),
    "forecast": ("anlan.config.commands.forecast", "group", False),
    "gate": ("anlan.config.commands.gate", "group", False),
    "simulate": ("anlan.config.commands.simulate", "simulate", True),
    "trial": ("anlan.config.commands.trial", "group", False),
    "bench": ("anlan.config.commands.bench", "group", True),
    "verify": ("anlan.config.commands.verify", "verify", True),
    "chaos": ("anlan.config.commands.chaos", "chaos", True),
    "load": ("anlan.config.commands.load", "load", True),
    "export": ("anlan.config.commands.export", "export", True),
    "backup": ("anlan.config.commands.backup", "backup", True),
    "restore": ("anlan.config.commands.backup", "restore_command", True),
    "doctor": ("anlan.config.commands.doctor", "doctor", True),
    "ledger": ("anlan.config.commands.ledger", "group", True),
    "token": ("anlan.config.commands.tokens", "group", True),
    "people": ("anlan.config.commands.people", "group", True),
    "factor": ("anlan.config.commands.factor", "group", True),
    "sso": ("anlan.config.commands.sso", "group", True),
    "guard": ("anlan.config.commands.guard", "group", True),
    "line": ("anlan.config.commands.line", "line", False),
    "migrate": ("anlan.config.commands.run", "migrate", True),
    "standby": ("anlan.config.commands.standby", "group", True),
    "takeover": ("anlan.config.commands.takeover", "takeover", True),
    "manage": ("anlan.config.commands.manage", "manage", True),
}


class Doors(click.Group):
    """Loads a command's module when it is asked for, so that ``anlan tag eval`` needs no database."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, needs_django = COMMANDS[cmd_name]
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
        if needs_django:
            import django

            django.setup()
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=Doors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="anlan")
def main() -> None:
    """Anlan 安澜: from the call to the settled matter."""


if __name__ == "__main__":
    main()
