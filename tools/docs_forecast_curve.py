"""The curve of cell sizes, drawn from the page's own table: as a picture for the docs, as figures for the program."""

from __future__ import annotations

import json
import re
from pathlib import Path

from anlan.engines.forecast.size_curve import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Panel, panels

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src" / "anlan" / "forecasting" / "data" / "sizes-1.json"
DRAWING = ROOT / "docs" / "figures" / "forecasting" / "sizes.svg"
ROW = re.compile(r"^\| (?P<rows>.+), (?P<cell>\d+) m \|(?P<cells>.+)\|$", re.MULTILINE)
AREAS_KM2 = (2, 5, 10, 20, 40)
STYLE = """
text { font: 12px sans-serif; fill: #333 } .title { font-weight: 600 } .grid { stroke: #ccc }
.curve, .bar { fill: none; stroke-width: 2 } .bar { stroke-width: 1; stroke-dasharray: 3 3 }
.apart { stroke-width: 2 }
.s0 { stroke: #0b5cad } .s1 { stroke: #2e8b57 } .s2 { stroke: #b8860b } .s3 { stroke: #a0303f }
.f0 { fill: #0b5cad } .f1 { fill: #2e8b57 } .f2 { fill: #b8860b } .f3 { fill: #a0303f }
""".strip()


def sizes_of(page: str) -> dict[str, object]:
    """The rows of the table of sizes, city by city."""
    table = page.split("<!-- sizes: begin -->")[1].split("<!-- sizes: end -->")[0]
    held: dict[str, list[dict[str, object]]] = {}
    for found in ROW.finditer(table):
        cells = [text.strip() for text in found["cells"].split("|")]
        pairs = [tuple(map(float, cell.split(" / "))) for cell in cells[: len(AREAS_KM2)]]
        size = {"cell_m": int(found["cell"]), "shown": [a for a, _ in pairs], "bar": [b for _, b in pairs]}
        held.setdefault(found["rows"], []).append(size | {"scattered_10": float(cells[len(AREAS_KM2)])})
    rows = [{"rows": name, "sizes": sizes} for name, sizes in held.items()]
    return {"areas_km2": list(AREAS_KM2), "panels": rows}


def data(sizes: dict[str, object]) -> str:
    return json.dumps(sizes, ensure_ascii=False, indent=1) + "\n"


def drawing(sizes: dict[str, object]) -> str:
    """Three panels beside each other, one line a size; dashed is the yearly mean, a ring what is left scattered."""
    held = panels(sizes)
    width = len(held) * (WIDTH + 12)
    body = "\n".join(
        f'<g transform="translate({number * (WIDTH + 12)},0)">{panel_of(panel)}</g>'
        for number, panel in enumerate(held)
    )
    words = (
        "% of calls caught by km² flagged in every shift; dashed: the yearly mean in cells of the same size;",
        "ring: what is left with 10 km² flagged when each call is moved within 120 m",
    )
    below = "\n".join(
        f'<text x="{LEFT}" y="{HEIGHT + 20 + 16 * line}">{text}</text>' for line, text in enumerate(words)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 44}" role="img" '
        'aria-label="Share of calls caught by ground flagged, for cells of 250, 300, 400 and 500 m">\n'
        f"<style>{STYLE}</style>\n"
        f'<rect width="{width}" height="{HEIGHT + 44}" fill="#fff"/>\n{body}\n{below}\n</svg>\n'
    )


def panel_of(panel: Panel) -> str:
    grid = "".join(
        f'<path class="grid" d="M{LEFT} {tick.at}H{RIGHT}"/><text x="{LEFT - 4}" y="{tick.at + 4}" '
        f'text-anchor="end">{tick.text}</text>'
        for tick in panel.upright
    )
    across = "".join(
        f'<text x="{tick.at}" y="{BOTTOM + 16}" text-anchor="middle">{tick.text}</text>' for tick in panel.across
    )
    lines = "".join(
        f'<path class="bar s{line.style}" d="{line.bar}"/><path class="curve s{line.style}" d="{line.shown}"/>'
        f'<circle class="apart s{line.style}" fill="none" cx="{line.apart_x}" cy="{line.apart_y}" r="4"/>'
        f'<text class="f{line.style}" x="{LEFT + 8}" y="{TOP + 16 + 15 * line.style}">{line.cell_m} m</text>'
        for line in panel.lines
    )
    return f'<text class="title" x="{LEFT}" y="{TOP - 8}">{panel.rows}</text>{grid}{across}{lines}'
