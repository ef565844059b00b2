"""Writes the tables of docs/forecasting-method.md from the lines of backtests and of comparisons of cell sizes.

anlan forecast backtest … --json > /some/where/San_Antonio_2025.jsonl             (one file a city, named for it)
anlan forecast backtest … --json > /some/where/Taipei.unseen.jsonl              (spans nobody looked at before)
anlan forecast portland … > /some/where/Portland.portland.jsonl
anlan forecast resolution … > /some/where/San_Antonio_theft.resolution.jsonl
anlan forecast bounds … > /some/where/Chicago_2017_Q3.before.bounds.jsonl       (or .test.bounds.jsonl)
python tools/docs_forecast.py /some/where/*.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "forecasting-method.md"
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
    "months within 0.93-1.07 (by chance at best)",
)
FACTORS = (None, 1.0, 1.15, 1.25, 1.5)
FACTOR_COLUMNS = (
    "rows",
    "span",
    *("no bounds" if factor is None else f"{factor:g}" for factor in FACTORS),
    "flags by reports, lowest-highest, 1.15",
)
KINDS = {"before": "chosen on", "test": "audited on"}
KM2 = (2, 5, 10, 20, 40)
SIZE_COLUMNS = (
    "rows, cell",
    *(f"{area} km²" for area in KM2),
    "10 km², scattered",
    "active km²",
    "outside, %",
)
STOP_COLUMNS = ("rows", "stops a shift", "spent by", "best cell", "caught", "yearly mean", "stops that met a call")
GATE_COLUMNS = ("city", "what", "gate", "goal", "measured", "gate met", "goal met")
SMALL_TOWNS = ("Charlottesville",)
CAPTURES = {True: {5: (1.0, 2.0), 20: (1.5, 3.0)}, False: {5: (0.5, 1.2), 20: (0.7, 1.8)}}
"""Points over the bar, gate and goal, by whether it is a small town and by the share flagged."""
DENSITIES = ((12.0, 1.0, 2.5), (5.0, 1.5, 4.0), (2.0, 3.0, 8.0), (0.0, 8.0, 20.0))
"""Above so many events a cell in the bar's window: deviance saved, percent, gate and goal."""
MAPS = {
    "count_365": "counts of a year",
    "count_all": "counts of all years",
    "kde_365_tuned": "kernel density of a year, bandwidth tuned",
    "kde_365_500ft": "kernel density of a year, 500 ft",
    "kde_all_150ft": "kernel density of all years, 150 ft",
    "kde_all_300ft": "kernel density of all years, 300 ft",
    "kde_all_500ft": "kernel density of all years, 500 ft",
    "stack": "stack",
}
MAP_COLUMNS = ("map", "PEI* burglary", "PEI* vehicle theft", "both", "against the tuned kernel density, both")
WAYS = {"place": "place", "ground": "ground (250 m a stop)", "day": "place, over the day"}


def main(paths: list[str]) -> None:
    ends = (".resolution.jsonl", ".bounds.jsonl", ".unseen.jsonl", ".portland.jsonl")
    sizes, bounds, unseen, portland = ([Path(path) for path in paths if path.endswith(end)] for end in ends)
    cities = [path for path in map(Path, paths) if path not in {*sizes, *bounds, *unseen, *portland}]
    if cities:
        write("backtests", COLUMNS, [row for path in cities for row in city_rows(path)])
        write("gates", GATE_COLUMNS, [row for path in (*cities, *portland) for row in gate_rows(path)])
    if portland:
        write("portland", MAP_COLUMNS, map_rows(portland[0]))
    if unseen:
        write("unseen", COLUMNS, [row for path in unseen for row in city_rows(path)])
    if bounds:
        write("factors", FACTOR_COLUMNS, [row for path in bounds for row in factor_rows(path)])
    if sizes:
        write("sizes", SIZE_COLUMNS, [row for path in sizes for row in size_rows(path)])
        write("stops", STOP_COLUMNS, [row for path in sizes for row in stop_rows(path)])


def write(name: str, columns: tuple[str, ...], rows: list[str]) -> None:
    """Put a table between its marks."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(begin)[0], page.split(end)[1]
    head = f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"
    PAGE.write_text(f"{before}{begin}\n{head}\n" + "\n".join(rows) + f"\n{end}{after}", encoding="utf-8")
    print(f"{name}: {len(rows)} rows")


def read(path: Path) -> list[dict]:
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]


def city_rows(path: Path) -> list[str]:
    lines = read(path)
    bars = {line["category"]: line for line in lines if line["model"] == "yearly_mean"}
    city = path.name.split(".")[0].replace("_", " ")
    return [row(city, bars[line["category"]], line) for line in lines if line["model"] == "chosen"]


def gate_rows(path: Path) -> list[str]:
    """What was asked beside what was measured, every category against the bound of its own density."""
    lines = [line for line in read(path) if line.get("model") == "chosen" or line.get("map") == "stack"]
    city = path.name.split(".")[0].replace("_", " ")
    if lines and "map" in lines[0]:
        (both,) = [line for line in lines if line["category"] == "all"]
        gain = (both["gain_kde_365_tuned"], both["gain_kde_365_tuned_lo"], both["gain_kde_365_tuned_hi"])
        told = f"{gain[0]:+.3f} [{gain[1]:+.3f}, {gain[2]:+.3f}]"
        return [gate(city, "PEI* over the tuned kernel density", (0.010, 0.025), gain[0], told, low=gain[1], unit="")]
    (whole,) = [line for line in lines if line["category"] == "all"]
    single = [line for line in lines if line["category"] != "all"]
    rows = []
    for share, bounds in CAPTURES[city.startswith(SMALL_TOWNS)].items():
        name = f"diff_capture_{share}"
        told = spread(whole, name, "+.1f")
        rows.append(
            gate(city, f"capture@{share} %, points", bounds, 100 * whole[name], told, low=whole[f"{name}_lo"])
        )
    rows.append(gate(city, "PEI* ratio", (1.015, 1.04), whole["pei_5_ratio"], f"{whole['pei_5_ratio']:.3f}", unit=""))
    for line in single:
        _, *bounds = next(held for held in DENSITIES if line["events_per_cell"] >= held[0])
        what = f"deviance saved, {line['category']} ({line['events_per_cell']:.1f} a cell), %"
        value = 100 * line["d2_yearly_mean"]
        told = spread(line, "d2_yearly_mean", "+.1f")
        rows.append(gate(city, what, tuple(bounds), value, told, low=line["d2_yearly_mean_lo"]))
    for share in (5, 20):
        worst = min(single, key=lambda line: line[f"diff_capture_{share}"])
        value = 100 * worst[f"diff_capture_{share}"]
        least = -3.0 if share == 5 and worst["n"] < 1000 else -0.5
        what = f"worst category at {share} %, points"
        rows.append(gate(city, what, (least, 0.0), value, f"{value:+.1f} ({worst['category']})"))
    held = [100 * line["coverage_80"] for line in single]
    cover = f"{min(held):.0f}-{max(held):.0f}"
    met = [all(low <= each <= high for each in held) for low, high in ((72, 88), (75, 85))]
    rows.append(row_of(city, "80 % intervals held, by category", "72-88", "75-85", cover, *met))
    months = [value for line in single for value in line["pred_over_actual_by_month"].values() if value is not None]
    inside = [sum(low <= value <= high for value in months) for low, high in ((0.93, 1.07), (0.95, 1.05))]
    told = f"{inside[0]} and {inside[1]} of {len(months)}"
    met = [each == len(months) for each in inside]
    rows.append(row_of(city, "months of predicted by actual within", "0.93-1.07", "0.95-1.05", told, *met))
    return rows


def gate(
    city: str, what: str, bounds: tuple[float, ...], value: float, told: str, *, low: float = 1.0, unit: str = "+"
) -> str:
    """A row whose gate asks for a value and, where there is an interval, for its lower end above nothing."""
    least, goal = bounds
    shape = "{:+g}" if unit else "{:g}"
    return row_of(
        city,
        what,
        shape.format(least),
        shape.format(goal).replace("+0", "0"),
        told,
        value >= least and low > 0,
        value >= goal,
    )


def row_of(city: str, what: str, least: str, goal: str, told: str, is_met: bool, is_reached: bool) -> str:
    words = {True: "yes", False: "**no**"}
    return "| " + " | ".join([city, what, least, goal, told, words[is_met], words[is_reached]]) + " |"


def map_rows(path: Path) -> list[str]:
    """Maps for weeks ahead by mean PEI*, and their gain over the tuned density."""
    lines = {(line["map"], line["category"]): line for line in read(path)}
    told = []
    for key, title in MAPS.items():
        pei = [f"{lines[key, name]['pei']:.3f}" for name in ("burglary", "vehicle_theft", "all")]
        both = lines[key, "all"]
        middle, low, high = (both[f"gain_kde_365_tuned{end}"] for end in ("", "_lo", "_hi"))
        told.append("| " + " | ".join([title, *pei, f"{middle:+.3f} [{low:+.3f}, {high:+.3f}]"]) + " |")
    return told


def factor_rows(path: Path) -> list[str]:
    """One row a city and span: reports caught, and how many of the areas judged are outside the audit's limits."""
    whole = {line["factor"]: line for line in read(path) if line["category"] == "all"}
    city, kind = path.name.split(".")[:2]
    cells = [city.replace("_", " "), KINDS[kind]]
    for factor in FACTORS:
        line = whole[factor]
        cells.append(f"{100 * line['caught'] / line['n']:.1f} %, {line['outside']} of {line['judged']}")
    used = whole[1.15]
    return ["| " + " | ".join([*cells, f"{used['low']:.2f}-{used['high']:.2f}"]) + " |"]


def size_rows(path: Path) -> list[str]:
    """One row a size: what is shown caught, the yearly mean of the same size behind the stroke."""
    lines = [line for line in read(path) if "model" in line]
    name = path.name.removesuffix(".resolution.jsonl").replace("_", " ")
    told = []
    for size in sorted({line["cell_m"] for line in lines}):
        mine = {(line["model"], line["variant"] != "recorded"): line for line in lines if line["cell_m"] == size}
        shown, bar, apart = mine["chosen", False], mine["yearly_mean", False], mine["chosen", True]
        cells = [f"{name}, {size:g} m"]
        cells += [
            f"{100 * shown[f'capture_km2_{area}']:.1f} / {100 * bar[f'capture_km2_{area}']:.1f}" for area in KM2
        ]
        cells += [f"{100 * apart['capture_km2_10']:.1f}", f"{shown['active_km2']:,.0f}"]
        told.append("| " + " | ".join([*cells, f"{100 * shown['outside_share']:.2f}"]) + " |")
    return told


def stop_rows(path: Path) -> list[str]:
    name = path.name.removesuffix(".resolution.jsonl").replace("_", " ")
    told = []
    for line in read(path):
        if "best_cell_m" in line:
            met = line.get("stops_that_met_a_call")
            low, high = 100 * line["capture_lo"], 100 * line["capture_hi"]
            cells = [name, str(line["stops"]), WAYS[line["way"]], f"{line['best_cell_m']:g} m"]
            cells += [f"{100 * line['capture']:.1f} [{low:.1f}, {high:.1f}]", f"{100 * line['yearly_mean']:.1f}"]
            told.append("| " + " | ".join([*cells, f"{100 * met:.1f} %" if met is not None else ""]) + " |")
    return told


def row(city: str, bar: dict, shown: dict) -> str:
    name = "**all**" if shown["category"] == "all" else shown["category"]
    cells = [city, f"{name} ({shown['n']:,})", shown.get("shows", "")]
    for share in (5, 20):
        cells.append(f"{100 * bar[f'capture_{share}']:.1f} → {100 * shown[f'capture_{share}']:.1f}")
        cells.append(spread(shown, f"diff_capture_{share}", "+.1f"))
    cells += [f"{shown['pei_5_ratio']:.3f}", spread(shown, "d2_yearly_mean", "+.1f")]
    held = shown.get("coverage_80")
    cells += [f"{shown['pred_over_actual']:.2f}", f"{100 * held:.0f} %" if held is not None else ""]
    cells.append(f"{100 * shown['months_within']:.0f} % ({100 * shown['months_within_ceiling']:.0f} %)")
    return "| " + " | ".join(cells) + " |"


def spread(line: dict, name: str, shape: str) -> str:
    middle, low, high = (100 * line[f"{name}{end}"] for end in ("", "_lo", "_hi"))
    return f"{middle:{shape}} [{low:{shape}}, {high:{shape}}]"


if __name__ == "__main__":
    main(sys.argv[1:])
