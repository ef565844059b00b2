"""Writes the tables of docs/forecasting-method.md from the lines of backtests.

anlan forecast backtest … --json > /some/where/san_antonio.jsonl      (one file a city, named for it)
python tools/docs_forecast.py /some/where/*.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "forecasting-method.md"
BEGIN, END = "<!-- backtests: begin -->", "<!-- backtests: end -->"
COLUMNS = (
    "city",
    "category (n)",
    "shown",
    "capture@5 % bar → shown",
    "difference",
    "capture@20 % bar → shown",
    "difference",
    "PEI* ratio",
    "deviance skill over the bar, %",
    "predicted / actual",
    "80 % interval held",
)
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"


def main(paths: list[str]) -> None:
    rows = [row for path in paths for row in city_rows(Path(path))]
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{HEAD}\n" + "\n".join(rows) + f"\n{END}{after}", encoding="utf-8")
    print(f"{len(rows)} rows")


def city_rows(path: Path) -> list[str]:
    lines = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    bars = {line["category"]: line for line in lines if line["model"] == "yearly_mean"}
    city = path.stem.replace("_", " ")
    return [row(city, bars[line["category"]], line) for line in lines if line["model"] == "chosen"]


def row(city: str, bar: dict, shown: dict) -> str:
    name = "**all**" if shown["category"] == "all" else shown["category"]
    cells = [city, f"{name} ({shown['n']:,})", shown.get("shows", "")]
    for share in (5, 20):
        cells.append(f"{100 * bar[f'capture_{share}']:.1f} → {100 * shown[f'capture_{share}']:.1f}")
        cells.append(spread(shown, f"diff_capture_{share}", "+.1f"))
    cells += [f"{shown['pei_5_ratio']:.3f}", spread(shown, "d2_yearly_mean", "+.1f")]
    held = shown.get("coverage_80")
    cells += [f"{shown['pred_over_actual']:.2f}", f"{100 * held:.0f} %" if held is not None else ""]
    return "| " + " | ".join(cells) + " |"


def spread(line: dict, name: str, shape: str) -> str:
    middle, low, high = (100 * line[f"{name}{end}"] for end in ("", "_lo", "_hi"))
    return f"{middle:{shape}} [{low:{shape}}, {high:{shape}}]"


if __name__ == "__main__":
    main(sys.argv[1:])
