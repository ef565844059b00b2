"""Writes the table of docs/trials-method.md from the lines of trials laid on days that are over.

The lines are kept in docs/figures/trials and the table is made from what is kept, so that the build can make it again
(``--check``, a test): a figure typed by hand fails.

anlan trial placebo --events … --json > /some/where/San_Antonio,_calls_for_service.json
python tools/docs_trials.py /some/where/*.json
python tools/docs_trials.py --check
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "trials-method.md"
KEPT = ROOT / "docs" / "figures" / "trials"
BEGIN, END = "<!-- placebo -->\n", "<!-- end -->\n"
HEADS = ("record", "whole days", "trial", "calls expected", "scatter", "fall found with 80 %", "false alarms")
HEAD = f"| {' | '.join((*HEADS, 'that fall planted: found'))} |\n|{'---|' * (len(HEADS) + 1)}\n"


def row(path: Path) -> str:
    """One record's line of the table."""
    told = json.loads(path.read_text(encoding="utf-8"))
    cells = [
        path.stem.replace("_", " "),
        f"{told['past_days']:,}",
        f"{told['days']} days, {told['coins']} coins",
        f"{told['calls_expected']:,.0f}",
        f"{told['scatter']:.2f}",
        f"{100 * told['least_fall']:.1f} %",
        share(told["false_alarms"]),
        share(told["found"]),
    ]
    return f"| {' | '.join(cells)} |\n"


def share(one: dict[str, Any]) -> str:
    """So many of so many, with its interval."""
    between = f"{100 * one['low']:.1f}–{100 * one['high']:.1f} %"
    return f"{one['told']}/{one['runs']:,} = {100 * one['share']:.1f} % ({between})"


def made(text: str) -> str:
    """The page with its table made from what is kept."""
    before, rest = text.split(BEGIN)
    after = rest.split(END, 1)[1]
    rows = "".join(row(path) for path in sorted(KEPT.glob("*.json")))
    return f"{before}{BEGIN}{HEAD}{rows}{END}{after}"


def main(words: list[str]) -> int:
    for name in words:
        if name != "--check":
            source = Path(name)
            (KEPT / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    if "--check" in words:
        return int(made(text) != text)
    PAGE.write_text(made(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
