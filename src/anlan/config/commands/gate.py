"""``anlan gate …``: doors that don't exist, to try real ones on. No database."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from anlan.engines.gate_simulator import EDITION, LAYOUTS, LINES, SCENARIOS, over, passages
from anlan.engines.rfid import journal_line


@click.group("gate")
def group() -> None:
    """A door with readers: make labelled streams of a simulated one, learn from some and keep score on others."""


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


@group.command("score")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line instead of a table.")
@click.option("--line", "line_name", type=click.Choice(sorted(LINES)), default="good", show_default=True)
def score(file: Path, as_json: bool, line_name: str) -> None:
    """Judge a stream that `anlan gate simulate` wrote and say how much was right, with intervals, by scenario.

    With --line the same stream comes over a worse line: late, twice, out of order, with a clock that is wrong.
    """
    from anlan.config.gate_files import day_from
    from anlan.config.gate_score import score as keep_score
    from anlan.config.gate_score import told
    from anlan.equipment.learnt import trees_of

    day, layout = day_from(file, lambda seed, events: over(seed, LINES[line_name], events))
    for row in told(keep_score([day], layout, trees_of(layout)), layout):
        click.echo(msgspec.json.encode(row).decode() if as_json else _plain(row))


def _plain(row: dict[str, object]) -> str:
    between = f"  {row['interval']}" if "interval" in row else ""
    return f"{row['figure']}: {row['value']}{between}  n={row['n']}"


@group.command("train")
@click.option("--layout", type=click.Choice(sorted(LAYOUTS)), required=True)
@click.option("--doors", type=click.IntRange(1, 60), default=60, show_default=True)
@click.option("--passages", "count", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def train(layout: str, doors: int, count: int, out: Path) -> None:
    """Learn to tell movements apart at simulated doors that no score is kept on."""
    from anlan.config.gate_learning import LEARNT_ON, learn
    from anlan.equipment.learnt import trees_write

    trees = learn(layout, LEARNT_ON[:doors], count)
    out.write_bytes(trees_write(trees))
    told_of = {"layout": layout, "doors": doors, "passages": doors * count, "trees": len(trees.root),
               "nodes": len(trees.feature), "edition": EDITION}  # fmt: skip
    click.echo(msgspec.json.encode(told_of).decode())
