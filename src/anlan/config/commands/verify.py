"""``anlan verify``: does this store hold what clients were told?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from anlan.assurance.findings import Look
from anlan.assurance.history import History
from anlan.assurance.verify import broken, report_json, report_text, store_verify
from anlan.core.clock import now

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--history", "history_file", type=_FILE, help="What clients sent and were told, lines of JSON.")
@click.option("--log", "logs", type=_FILE, multiple=True, help="Log file to look through for what callers said.")
@click.option("--json", "is_json", is_flag=True, help="For machines.")
def verify(history_file: Path | None, logs: tuple[Path, ...], is_json: bool) -> None:
    """Hold every invariant against the store; exit 1 when one is broken."""
    at = now()
    history = History.read(history_file) if history_file else None
    found = store_verify(Look(at=at, history=history, logs=logs))
    click.echo(json.dumps(report_json(found, at=at), ensure_ascii=False, indent=1) if is_json else report_text(found))
    sys.exit(1 if broken(found) else 0)
