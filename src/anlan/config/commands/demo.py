"""``anlan demo``: a living centre of a fictional county, for looking and trying."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

HOME = "var/demo"


@click.command()
@click.option("--home", default=HOME, show_default=True, type=click.Path(path_type=Path), help="Folder of the demo.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--rate", default=900.0, show_default=True, help="Calls a day; a county of this size has about 150.")
@click.option("--days", default=730, show_default=True, type=click.IntRange(1), help="Days of past calls to make.")
@click.option("--seed", default=1, show_default=True)
@click.option("--keep", is_flag=True, help="Go on with the store of last time, your own calls included.")
@click.option(
    "--leave", "leave_s", default=45.0, show_default=True, help="Seconds for which some rings are left to you."
)
def demo(home: Path, host: str, port: int, rate: float, days: int, seed: int, keep: bool, leave_s: float) -> None:
    """Make the demo county (once), start everything, and let calls keep coming.

    Lines ring: simulated takers answer most; while somebody is signed in at a call desk some rings are left
    to them. F1 answers. All of it is synthetic. Each start begins with the county as made, unless --keep is given.
    """
    os.environ["ANLAN_HOME"] = str(home.resolve())
    os.environ["ANLAN_DEMO"] = "1"
    os.environ.pop("ANLAN_DATABASE_URL", None)
    import django

    django.setup()
    from anlan.config.demo_run import demo_run

    sys.exit(
        demo_run(
            home=home.resolve(), host=host, port=port, rate=rate, days=days, seed=seed, keep=keep, leave_s=leave_s
        )
    )
