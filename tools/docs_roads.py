"""Draw docs/roads.md anew from what `anlan bench roads` printed: its table of networks, and the curve of growth.

    tools/docs_roads.py [LINES ...]     with files of lines, keep what the page needs of them first
    tools/docs_roads.py --check         only say whether page and drawing are what the kept lines make

What is kept lies in docs/figures/roads/lines.jsonl, each line with its machine and commit; nothing is typed by hand.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "docs" / "figures" / "roads" / "lines.jsonl"
DRAWING = KEPT.with_name("growth.svg")
PAGE = ROOT / "docs" / "roads.md"
BEGIN, END = "<!-- networks: begin -->", "<!-- networks: end -->"
CASES = {
    "": ("junctions", "import"),
    "ours": ("p50", "p95"),
    "ours, processor": ("p50", "p95"),
    "plain, processor": ("p50", "p95"),
    "route of any unit, processor": ("p50", "p95"),
    "closure": ("p95",),
    "serving": ("memory_at_most",),
    "straight line": ("first_is_wrong", "first_is_wrong_low", "first_is_wrong_high"),
}
CURVES = {"ours, processor": "ours", "route of any unit, processor": "a way of any unit", "plain, processor": "plain"}
COLOURS = ("#0b5cad", "#2e8b57", "#a0303f")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 320, 56, 540, 20, 270

Lines = dict[tuple[str, str, str], dict[str, Any]]
"""By network, case and metric."""


def kept_of(texts: Iterable[str]) -> Lines:
    """The lines a page is made of, the last of each; growth and other lines are made anew or not needed."""
    found: Lines = {}
    for text in texts:
        line = json.loads(text) if text.startswith("{") else {}
        name, _, case = line.get("case", "").partition("/")
        if line.get("bench") == "roads" and line["metric"] in CASES.get(case, ()):
            found[name, case, line["metric"]] = line
    return found


def table(lines: Lines) -> str:
    """A row for each network, by junctions; real ones first."""
    value = {key: line["value"] for key, line in lines.items()}
    names = sorted(
        {name for name, _, metric in value if metric == "junctions"},
        key=lambda name: (name.startswith("grid "), value[name, "", "junctions"]),
    )
    head = (
        "| network | junctions | ours, ms | on the wall | plain, ms | a way of any unit, ms | a road closed, ms "
        "| nearest by line is not the quickest (95 %) | import, s | serving at most, MB |"
    )
    return "\n".join([head, "|---" * 10 + "|", *(_row(name, value) for name in names)])


def _row(name: str, value: dict[tuple[str, str, str], float]) -> str:
    def pair(case: str) -> str:
        p50, p95 = (value.get((name, case, metric)) for metric in ("p50", "p95"))
        return "" if p50 is None else f"{p50:.1f} / {p95:.1f}"

    wrong = [value.get((name, "straight line", f"first_is_wrong{end}"), math.nan) for end in ("", "_low", "_high")]
    cells = (
        "made up" if name.startswith("grid ") else name,
        f"{value[name, '', 'junctions']:,.0f}",
        pair("ours, processor"),
        pair("ours"),
        pair("plain, processor"),
        pair("route of any unit, processor"),
        f"{value.get((name, 'closure', 'p95'), math.nan):.1f}",
        "{:.0%} ({:.0%}–{:.0%})".format(*wrong),
        "" if name.startswith("grid ") else f"{value.get((name, '', 'import'), math.nan):.1f}",
        f"{value.get((name, 'serving', 'memory_at_most'), math.nan):.0f}",
    )
    return "| " + " | ".join(cells) + " |"


def said(lines: Lines) -> str:
    """On what it was measured, as the lines say."""
    machines, commits = ({line[key] for line in lines.values()} for key in ("machine", "commit"))
    n = min(line["n"] for (_, case, _), line in lines.items() if case == "ours")
    return f"{'; '.join(sorted(machines))}; commit {', '.join(sorted(commits))}; at least {n} calls each."


def drawing(lines: Lines) -> str:
    """p50 by junctions over the made-up cities, both axes by factors of ten; rings are the real networks."""
    value = {key: line["value"] for key, line in lines.items()}
    sizes = {name: value[name, "", "junctions"] for name, _, metric in value if metric == "junctions"}

    def x(junctions: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (math.log10(junctions) - 2.5) / 3.0, 1)

    def y(took_ms: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (math.log10(max(took_ms, 0.1)) + 1.0) / 3.0, 1)

    body = []
    for ms in (0.1, 1, 10, 100):
        body.append(f'<path class="grid" d="M{LEFT} {y(ms)}H{RIGHT}"/>')
        body.append(f'<text x="{LEFT - 6}" y="{y(ms) + 4}" text-anchor="end">{ms:g}</text>')
    for size in (1_000, 10_000, 100_000):
        body.append(f'<path class="grid" d="M{x(size)} {TOP}V{BOTTOM}"/>')
        body.append(f'<text x="{x(size)}" y="{BOTTOM + 16}" text-anchor="middle">{size:,}</text>')
    for (case, label), colour, row in zip(CURVES.items(), COLOURS, range(3), strict=True):
        points = {name: value[name, case, "p50"] for name in sizes if (name, case, "p50") in value}
        made_up = sorted((sizes[name], took_ms) for name, took_ms in points.items() if name.startswith("grid "))
        path = "L".join(f"{x(size)} {y(took_ms)}" for size, took_ms in made_up)
        body.append(f'<path fill="none" stroke="{colour}" stroke-width="2" d="M{path}"/>' if path else "")
        for name, took_ms in sorted(points.items()):
            inside = colour if name.startswith("grid ") else "none"
            at = f'cx="{x(sizes[name])}" cy="{y(took_ms)}" r="3"'
            body.append(
                f'<circle fill="{inside}" stroke="{colour}" {at}><title>{name}: {took_ms:g} ms</title></circle>'
            )
        body.append(f'<text fill="{colour}" x="{LEFT + 10}" y="{TOP + 14 + 16 * row}">{label}</text>')
    words = "ms of processor (p50) by junctions; dots: made-up cities, rings: real networks"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">\n'
        "<style>text { font: 12px sans-serif } .grid { stroke: #ccc }</style>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
        + "\n".join(text for text in body if text)
        + f'\n<text x="{LEFT}" y="{HEIGHT - 12}">{words}</text>\n</svg>\n'
    )


def page(text: str, lines: Lines) -> str:
    """The page with its table drawn anew."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{said(lines)}\n\n{table(lines)}\n{END}{rest.split(END)[1]}"


def main(words: list[str]) -> int:
    """Keep, draw, or check."""
    files = [word for word in words if not word.startswith("--")]
    if files:
        paths = [*([KEPT] if KEPT.exists() else []), *map(Path, files)]
        found = kept_of(text for path in paths for text in path.read_text(encoding="utf-8").splitlines())
        KEPT.write_text("".join(json.dumps(line) + "\n" for _, line in sorted(found.items())), encoding="utf-8")
    lines = kept_of(KEPT.read_text(encoding="utf-8").splitlines())
    wanted = {PAGE: page(PAGE.read_text(encoding="utf-8"), lines), DRAWING: drawing(lines)}
    if "--check" in words:
        return int(any(path.read_text(encoding="utf-8") != text for path, text in wanted.items()))
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
