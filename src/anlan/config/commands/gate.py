"""``anlan gate …``: doors that don't exist, to try real ones on. No database."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from anlan.engines.gate_simulator import EDITION, LAYOUTS, SCENARIOS, passages
from anlan.engines.rfid import journal_line


@click.group("gate")
def group() -> None:
    """A door with readers: make labelled streams of a simulated one."""


@group.command("simulate")
@click.option("--seed", type=click.IntRange(0), required=True, help="Which door; it decides all that happens there.")
@click.option("--passages", "count", type=click.IntRange(1, 1_000_000), required=True)
@click.option("--layout", type=click.Choice(sorted(LAYOUTS)), default="pair", show_default=True)
@click.option("--scenario", type=click.Choice(sorted(SCENARIOS)), help="Only this; else all, as they occur.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def simulate(seed: int, count: int, layout: str, scenario: str | None, out: Path) -> None:
    """Write what a reader tells of so many passages, a JSON object a line, and after each passage the truth of it.

    Lines of kind "truth" are for whoever keeps score; a reader knows nothing of them.
    """
    head = {"kind": "door", "edition": EDITION, "seed": seed, "layout": layout, "passages": count}
    events = things = 0
    try:
        with out.open("w", encoding="utf-8") as file:
            file.write(msgspec.json.encode(head).decode() + "\n")
            for told in passages(seed, count, layout, scenario=scenario or ""):
                file.writelines(journal_line(event) + "\n" for event in told.events)
                truth = {"kind": "truth", **msgspec.to_builtins(told.truth)}
                file.write(msgspec.json.encode(truth).decode() + "\n")
                events += len(told.events)
                things += len(told.truth.things)
    except OSError as problem:
        raise click.ClickException(
            f"写不进 {out}：{problem.strerror}。请换一个能写的位置。\n"
            f"{out} could not be written: {problem.strerror}. Choose a place that can be written to."
        ) from problem
    told_of = {**head, "events": events, "things": things, "out": str(out)}
    click.echo(msgspec.json.encode({key: value for key, value in told_of.items() if key != "kind"}).decode())
