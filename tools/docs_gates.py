"""Writes the table of docs/gate-pipeline.md from the lines of doors that nothing was tuned on.

The lines are kept in docs/figures/gate, a file for each way a door is built, and the table is made from what is kept,
so that the build can make it again (``--check``, a test): a figure typed by hand fails.

anlan bench gate --first 9000 --doors 100 --passages 100 --layout barrier > docs/figures/gate/barrier.jsonl
python tools/docs_gates.py
python tools/docs_gates.py --check
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "gate-pipeline.md"
KEPT = ROOT / "docs" / "figures" / "gate"
BEGIN, END = "<!-- gates -->\n", "<!-- end -->\n"
LAYOUTS = {"pair": "two antennas, reads only", "barrier": "with two light barriers", "planes": "two planes"}
MOVEMENT_AIM = {"pair": 0.96, "barrier": 0.99, "planes": 0.99}
STRAY, WHOLE, FALSE = 0.99, 0.97, 1.0
FALSE_LOANS = "false loans per 10,000 passages"
BOOKED = "all of 1 to 10 right with bookings, questions answered"


def kept(layout: str) -> dict[str, dict[str, Any]]:
    """The lines of a layout by what they tell."""
    lines = (KEPT / f"{layout}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["figure"].replace(f", {layout}", ""): row for row in rows}


def share(row: dict[str, Any], aim: float | None = None) -> str:
    """A share with its interval and how many it is of, and whether it reaches what it should."""
    low, high = row["interval"]
    told = f"{row['value']:.4f} ({low:.4f} to {high:.4f}), n {row['n']:,}"
    return told if aim is None else f"{told}: {'met' if row['value'] >= aim else '**missed**'}"


def false(row: dict[str, Any], aim: float | None = None) -> str:
    """How many in so many passages; an interval that reaches beyond the aim shows nothing."""
    low, high = row["interval"]
    told = f"{row['count']} in {row['n']:,} ({low} to {high} in 10,000), {row['right']:,} right"
    if aim is None:
        return told
    verdict = "**missed**" if row["value"] > aim else "met" if high <= aim else "met, the interval reaches beyond"
    return f"{told}: {verdict}"


def table() -> str:
    """The table, a line for each figure."""
    told = {layout: kept(layout) for layout in LAYOUTS}

    def line(name: str, figure: str, aim: str = "", *, shown: Any = share, aims: Any = None) -> str:
        """One figure of every layout; ``aims`` by layout, or one for all."""
        cells = [shown(told[k][figure], *_aim(aims, k)) for k in LAYOUTS]
        return f"| {name} | {aim} | {' | '.join(cells)} |\n"

    parts = [name for part in (", movement ", ", scenario ") for name in sorted(told["pair"]) if part in name]
    lines = [line("movement right, of all tags heard", "movement right, all", "0.96; 0.99", aims=MOVEMENT_AIM)]
    lines += [line(_of(name), name) for name in parts]
    lines += [
        line("what lies about, not taken for a movement", "stray not taken for a movement", "0.99", aims=STRAY),
        line("false loans", FALSE_LOANS, "1 in 10,000 passages", shown=false, aims=FALSE),
        line("false returns", "false returns per 10,000 passages", shown=false),
        line("controlled things lent by the door alone", "controlled lent by the door alone", "0", shown=plain),
        line("all of 1 to 10 things right, bookings, questions answered", BOOKED, "0.97", aims=WHOLE),
        line("the same, with bookings or without", "all of 1 to 10 right with questions answered"),
        line("the same without a question", "all of 1 to 10 right without a question"),
        line("questions in so many passages, of which right", "questions", shown=asked),
    ]
    head = f"| figure | aim | {' | '.join(LAYOUTS.values())} |\n|---|---|{'---|' * len(LAYOUTS)}\n"
    return head + "".join(lines)


def _aim(aims: Any, layout: str) -> tuple[float, ...]:
    return () if aims is None else (aims[layout] if isinstance(aims, dict) else aims,)


def _of(figure: str) -> str:
    kind, _, name = figure.rpartition(" ")
    return f"of those {name}" if kind.endswith("movement") else name.replace("_", " ")


def plain(row: dict[str, Any]) -> str:
    """A count as it is."""
    return str(row["value"])


def asked(row: dict[str, Any]) -> str:
    """How many questions in how many passages, and how many of them were right."""
    return f"{row['value']:,} in {row['n']:,}, {row['right']:,}"


def made(text: str) -> str:
    """The page with its table made from what is kept."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}{table()}{END}{rest.split(END, 1)[1]}"


def main(words: list[str]) -> int:
    text = PAGE.read_text(encoding="utf-8")
    if "--check" in words:
        return int(made(text) != text)
    PAGE.write_text(made(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
