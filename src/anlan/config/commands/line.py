"""``anlan line …``: let the demo's telephone lines fail, and work again, to see what the desk sees then."""

from __future__ import annotations

from pathlib import Path

import click

from anlan.config.commands.demo import HOME


@click.command()
@click.argument("wanted", type=click.Choice(["down", "up"]))
@click.option("--home", default=HOME, show_default=True, type=click.Path(path_type=Path), help="Folder of the demo.")
def line(wanted: str, home: Path) -> None:
    """Tell the running demo's simulated switch to go down, or to work again.

    While it is down the desk says so and calls are entered by hand.
    """
    if not home.is_dir():
        raise click.ClickException(f"there is no demo in {home}; start one with anlan demo")
    mark = home / "line-down"
    if wanted == "down":
        mark.touch()
    else:
        mark.unlink(missing_ok=True)
    click.echo(f"the demo's lines are told to be {wanted}")
