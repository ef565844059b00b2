"""Write the table of docs/simulation-method.md from the lines of a run of ``anlan simulate --bound N --json``.

The run's lines are kept in docs/figures/simulation, and the table is made from what is kept there, so that the build
can make it again (``--check``, a test): a figure typed by hand fails.

anlan simulate … --json > docs/figures/simulation/manhattan.jsonl
python tools/docs_simulation.py [--check]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "simulation-method.md"
KEPT = ROOT / "docs" / "figures" / "simulation" / "manhattan.jsonl"
BEGIN, END = "<!-- figures: manhattan -->\n", "<!-- end of figures -->"
NAMES = {
    "closest+divert:off": "closest idle",
    "cover+divert:off": "cover-aware",
    "closest": "taking units from lesser calls",
    "closest+post+divert:off": "freed units to posts",
    "closest+units:2+divert:off": "two units more",
}
FIGURES = {
    "late": ("late", 100.0, 1, " %"),
    "late_p1": ("late at P1", 100.0, 1, " %"),
    "mean_s": ("mean response, s", 1.0, 0, ""),
    "p90_s": ("ninth decile, s", 1.0, 0, ""),
    "cover": ("cover", 100.0, 1, " %"),
    "km": ("km a day", 1.0, 0, ""),
}


def told(figure: dict[str, float | None] | None, key: str, *, signed: bool = False) -> str:
    """A figure with its interval."""
    if figure is None or figure["value"] is None:
        return "–"
    _name, scale, digits, unit = FIGURES[key]
    value, low, high = (None if figure[end] is None else scale * figure[end] for end in ("value", "low", "high"))
    sign = "+" if signed else ""
    text = f"{value:{sign},.{digits}f}" + ("" if signed else unit)
    return text if low is None or high is None else f"{text} ({low:,.{digits}f} to {high:,.{digits}f})"


def table(lines: list[dict[str, Any]]) -> str:
    """The policies side by side: the first, and the others' differences from it."""
    first, *others = (line for line in lines if line.get("policy") in NAMES)
    heads = [NAMES[first["policy"]], *(f"{NAMES[line['policy']]}, difference" for line in others)]
    rows = [["", *heads], ["---"] * (len(heads) + 1)]
    for key, (name, *_) in FIGURES.items():
        differences = [told(line["differences"][key], key, signed=True) for line in others]
        rows.append([name, told(first["figures"][key], key), *differences])
    return _drawn(rows)


def hindsight(lines: list[dict[str, Any]]) -> str:
    """What the first policy costs against the best possible, from both sides."""
    line = next(line for line in lines if line.get("policy") == "hindsight")
    heads = ("best possible, not below", "best way found", "surely to gain", "left to gain, at most")
    rows = [[f"{line['runs']} days", *heads], ["---"] * 5]
    for key in line["figures"]:
        parts = (line[part][key] for part in ("figures", "found", "surely_gained", "left_to_gain"))
        rows.append([FIGURES[key][0], *(told(part, key) for part in parts)])
    return _drawn(rows)


def _drawn(rows: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def written() -> str:
    """The page with the table as the kept lines have it."""
    page = PAGE.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()]
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table(lines)}\n{hindsight(lines)}\n{END}{rest.split(END, 1)[1]}"


def main() -> int:
    """Write the page, or say that it is stale."""
    page = written()
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text(encoding="utf-8") != page)
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
