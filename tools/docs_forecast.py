"""Writes the tables of docs/forecasting-method.md from the lines of backtests and of comparisons of cell sizes.

What the tables need of the lines given is kept in docs/figures/forecasting, and every table is made from what is
kept there, so that the build can make it again (``--check``, a test): a figure typed by hand fails. The curve of cell
sizes is drawn from its table.

anlan forecast backtest … --json > /some/where/San_Antonio_2025.jsonl             (one file a city, named for it)
anlan forecast backtest … --json > /some/where/Taipei.unseen.jsonl              (spans nobody looked at before)
anlan forecast backtest … --json > /some/where/Toronto_2019_H2.blind.jsonl      (the same, of a later day)
anlan forecast portland … > /some/where/Portland.portland.jsonl
anlan forecast resolution … > /some/where/San_Antonio_theft.resolution.jsonl
anlan forecast bounds … > /some/where/Chicago_2017_Q3.before.bounds.jsonl       (or .test.bounds.jsonl)
python tools/docs_forecast.py /some/where/*.jsonl
python tools/docs_forecast.py --check
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import docs_forecast_curve as curve
from anlan.engines.forecast.volume import chance_of_so_few

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "forecasting-method.md"
KEPT = ROOT / "docs" / "figures" / "forecasting"
BAR, CHOSEN = "yearly_mean", "chosen"
WORDS = {True: "yes", False: "**no**"}
BY_CHANCE = 0.025
"""Exactly true means would have as few months within in fewer spans than this: the miss is beyond chance."""
KINDS_OF_RUN = ("portland", "unseen", "blind", "bounds", "resolution")
NEEDED = re.compile(
    "category|model|map|origins|n|shows|pei|pei_5_ratio|d2_yearly_mean(_lo|_hi)?|(diff_)?capture_(5|20)(_lo|_hi)?"
    "|pred_over_actual(_by_month)?|coverage_80|months_within(_ceiling)?|events_per_cell|gain_\\w+|pei_official_origin"
    "|months_within_chance|factor|caught|outside|judged|low|high|cell_m|variant|capture_km2_(2|5|10|20|40)|active_km2|outside_share"
    "|best_cell_m|stops|way|stops_that_met_a_call|capture(_lo|_hi)?|yearly_mean"
)
"""The names of figures any table reads."""
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
GATE_COLUMNS = ("city", "what", "gate", "goal", "measured", "best before; at most", "gate met", "goal met")
SMALL_TOWNS = ("Charlottesville",)
CAPTURES = {True: {5: (1.0, 2.0), 20: (1.5, 3.0)}, False: {5: (0.5, 1.2), 20: (0.7, 1.8)}}
"""Points over the bar, gate and goal, by whether it is a small town and by the share flagged."""
DENSITIES = ((12.0, 1.0, 2.5), (5.0, 1.5, 4.0), (2.0, 3.0, 8.0), (0.0, 8.0, 20.0))
"""Above so many events a cell in the bar's window: deviance saved, percent, gate and goal."""
BEFORE = {
    "San Antonio 2025": {
        "diff_capture_5": 1.0,
        "diff_capture_20": 1.0,
        "pei": 1.028,
        "theft": 7.7,
        "fraud": 32.8,
        "dispute": 2.1,
        "help": 2.4,
    },
    "Chicago 2017 Q4": {
        "diff_capture_5": 0.6,
        "diff_capture_20": 0.9,
        "pei": 1.022,
        "theft": 1.7,
        "battery": 1.5,
        "assault": 1.9,
        "property_damage": 1.3,
    },
    "New York 2015 Q4": {
        "diff_capture_5": 0.9,
        "diff_capture_20": 1.3,
        "pei": 1.029,
        "theft": 1.7,
        "robbery": 3.6,
        "assault": 2.5,
        "burglary": 4.3,
    },
    "Charlottesville 2018-19": {
        "diff_capture_5": 1.7,
        "diff_capture_20": 2.5,
        "pei": 1.042,
        "theft": 5.2,
        "fraud": 17.6,
        "dispute": 10.5,
        "help": 3.5,
    },
}
"""The furthest an earlier study came over the same bar on the same rows: points, PEI* ratio, deviance in percent."""
ROOM = {
    "San Antonio 2025": {"theft": 1.2, "fraud": 3.2, "dispute": 0.7, "help": 0.6},
    "Chicago 2017 Q4": {"theft": 0.4, "battery": 0.1, "assault": 0.3, "property_damage": 0.5},
    "New York 2015 Q4": {"theft": 0.6, "robbery": 0.4, "assault": 0.4, "burglary": 1.8},
    "Charlottesville 2018-19": {"theft": 0.7, "fraud": 1.6, "dispute": 0.1, "help": 0.7},
}
"""Points at 5 % that study estimated to be left beyond its best, if the places' true means were known exactly."""
PORTLAND_BEFORE = 0.016
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
MAP_COLUMNS = (
    "map",
    "PEI* burglary",
    "PEI* vehicle theft",
    "both",
    "against the tuned kernel density, both",
    "against counts of all years, both",
    "the last origin alone, both",
)
NOBODY_CHECKS = "Of these no lines are kept, so nothing checks their figures"
WAYS = {"place": "place", "ground": "ground (250 m a stop)", "day": "place, over the day"}


def main(paths: list[str]) -> int:
    for path in map(Path, paths):
        if path.name.startswith("-"):
            continue
        keep(path)
    if "--check" in paths:
        stale = [str(path.relative_to(ROOT)) for path, text in written().items() if text != path.read_text("utf-8")]
        print("\n".join(f"{name} isn't what its lines say: python tools/docs_forecast.py" for name in stale))
        return len(stale)
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
    return 0


def keep(path: Path) -> None:
    """Keep of a run's lines what the tables are made from."""
    lines = [{name: line[name] for name in line if NEEDED.fullmatch(name)} for line in read(path) if is_told(line)]
    KEPT.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (KEPT / path.name).write_text(text, encoding="utf-8")


def is_told(line: dict) -> bool:
    """Whether any table speaks of the line: of a backtest only the bar and what is shown."""
    return "variant" in line or line.get("model", CHOSEN) in (CHOSEN, BAR)


def written() -> dict[Path, str]:
    """Every file this writes, as its lines say it has to be."""
    page = PAGE.read_text(encoding="utf-8")
    for name, (columns, rows) in tables().items():
        page = put(page, name, columns, rows)
    sizes = curve.sizes_of(page)
    return {PAGE: page, curve.DATA: curve.data(sizes), curve.DRAWING: curve.drawing(sizes)}


def tables() -> dict[str, tuple[tuple[str, ...], list[str]]]:
    """Each table's columns and rows; no rows where no lines are kept."""
    kinds: dict[str, list[Path]] = {kind: [] for kind in ("", *KINDS_OF_RUN)}
    for path in sorted(KEPT.glob("*.jsonl")):
        kinds[next((kind for kind in KINDS_OF_RUN if path.name.endswith(f".{kind}.jsonl")), "")].append(path)

    def rows(told: Callable[[Path], list[str]], *names: str) -> list[str]:
        return [row for name in names for path in kinds[name] for row in told(path)]

    return {
        "backtests": (COLUMNS, rows(city_rows, "")),
        "gates": (GATE_COLUMNS, rows(gate_rows, "", "portland")),
        "portland": (MAP_COLUMNS, rows(map_rows, "portland")),
        "unseen": (COLUMNS, rows(city_rows, "unseen")),
        "blind": (COLUMNS, rows(city_rows, "blind")),
        "factors": (FACTOR_COLUMNS, sorted(rows(factor_rows, "bounds"), key=lambda row: KINDS["test"] in row)),
        "sizes": (SIZE_COLUMNS, rows(size_rows, "resolution")),
        "stops": (STOP_COLUMNS, rows(stop_rows, "resolution")),
    }


def put(page: str, name: str, columns: tuple[str, ...], rows: list[str]) -> str:
    """The page with a table between its marks. Rows of runs whose lines aren't kept stay, and are named below it."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, after = page.split(begin)[0], page.split(end)[1]
    kept = {run_of(row) for row in rows}
    left = [row for row in table_rows(page, name) if run_of(row) not in kept]
    head = f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"
    note = f"\n\n{NOBODY_CHECKS}: {', '.join(dict.fromkeys(map(run_of, left)))}." if left else ""
    return f"{before}{begin}\n{head}\n" + "\n".join([*rows, *left]) + f"{note}\n{end}{after}"


def table_rows(page: str, name: str) -> list[str]:
    """The rows that stand in the page between a table's marks."""
    held = page.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->")[0]
    return [line for line in held.splitlines() if line.startswith("| ")][1:]


def run_of(row: str) -> str:
    """Whose run a row is of: the rows of one file share it."""
    return row.split("|")[1].strip().rsplit(", ", 1)[0] if " m |" in row[:80] else row.split("|")[1].strip()


def read(path: Path) -> list[dict]:
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]


def city_rows(path: Path) -> list[str]:
    lines = read(path)
    bars = {line["category"]: line for line in lines if line["model"] == "yearly_mean"}
    city = path.name.split(".")[0].replace("_", " ")
    return [row(city, bars[line["category"]], line) for line in lines if line["model"] == "chosen"]


def gate_rows(path: Path) -> list[str]:
    """What was asked beside what was measured, every category against the bound of its own density."""
    lines = [line for line in read(path) if line.get("model") == CHOSEN or line.get("map") == "stack"]
    city = path.name.split(".")[0].replace("_", " ")
    if lines and "map" in lines[0]:
        (both,) = [line for line in lines if line["category"] == "all"]
        gain = (both["gain_kde_365_tuned"], both["gain_kde_365_tuned_lo"], both["gain_kde_365_tuned_hi"])
        told = f"{gain[0]:+.3f} [{gain[1]:+.3f}, {gain[2]:+.3f}]"
        what = "PEI* over the tuned kernel density"
        return [gate(city, what, (0.010, 0.025), gain[0], told, low=gain[1], unit="", best=f"{PORTLAND_BEFORE:+.3f}")]
    (whole,) = [line for line in lines if line["category"] == "all"]
    single = [line for line in lines if line["category"] != "all"]
    return [
        *capture_rows(city, whole, single),
        *deviance_rows(city, single),
        *worst_rows(city, single),
        *honest_rows(city, whole, single),
    ]


def capture_rows(city: str, whole: dict, single: list[dict]) -> list[str]:
    """Captures and PEI* of all categories together, beside the best ever measured on these rows and what is left."""
    before = BEFORE.get(city, {})
    rows = []
    for share, bounds in CAPTURES[city.startswith(SMALL_TOWNS)].items():
        name = f"diff_capture_{share}"
        best = f"{before[name]:+.1f}" if before else "–"
        if before and share == 5:
            room = sum(ROOM[city][line["category"]] * line["n"] for line in single) / whole["n"]
            best += f"; {before[name] + room:+.1f}"
        told, low = spread(whole, name, "+.1f"), whole[f"{name}_lo"]
        rows.append(gate(city, f"capture@{share} %, points", bounds, 100 * whole[name], told, low=low, best=best))
    best, ratio = (f"{before['pei']:.3f}" if before else "–"), whole["pei_5_ratio"]
    return [*rows, gate(city, "PEI* ratio", (1.015, 1.04), ratio, f"{ratio:.3f}", unit="", best=best)]


def deviance_rows(city: str, single: list[dict]) -> list[str]:
    rows = []
    for line in single:
        _, *bounds = next(held for held in DENSITIES if line["events_per_cell"] >= held[0])
        what = f"deviance saved, {line['category']} ({line['events_per_cell']:.1f} a cell), %"
        value, told = 100 * line["d2_yearly_mean"], spread(line, "d2_yearly_mean", "+.1f")
        before = BEFORE.get(city, {}).get(line["category"])
        best = f"{before:+.1f}" if before is not None else "–"
        rows.append(gate(city, what, tuple(bounds), value, told, low=line["d2_yearly_mean_lo"], best=best))
    return rows


def worst_rows(city: str, single: list[dict]) -> list[str]:
    rows = []
    for share in (5, 20):
        worst = min(single, key=lambda line: line[f"diff_capture_{share}"])
        value = 100 * worst[f"diff_capture_{share}"]
        least = -3.0 if share == 5 and worst["n"] < 1000 else -0.5
        what = f"worst category at {share} %, points"
        rows.append(gate(city, what, (least, 0.0), value, f"{value:+.1f} ({worst['category']})"))
    return rows


def honest_rows(city: str, whole: dict, single: list[dict]) -> list[str]:
    """Intervals and levels: of months, how many exactly true means would have let inside is told beside."""
    held = [100 * line["coverage_80"] for line in single]
    cover = f"{min(held):.0f}-{max(held):.0f}"
    met = [all(low <= each <= high for each in held) for low, high in ((72, 88), (75, 85))]
    rows = [row_of(city, "80 % intervals held, by category", "72-88", "75-85", cover, "–", *met)]
    for what, lines in (("all together", [whole]), ("each category", single)):
        months = [
            value for line in lines for value in line["pred_over_actual_by_month"].values() if value is not None
        ]
        inside = [sum(low <= value <= high for value in months) for low, high in ((0.93, 1.07), (0.95, 1.05))]
        told = f"{inside[0]} and {inside[1]} of {len(months)}"
        chance = [line["months_within_ceiling"] for line in lines for _ in line["pred_over_actual_by_month"]]
        gate_met, goal_met = judged_months(inside[0], chance), WORDS[inside[1] == len(months)]
        bounds = "0.93-1.07 | 0.95-1.05"
        rows.append(
            f"| {city} | months within, {what} | {bounds} | {told} | {by_chance(chance)} | {gate_met} | {goal_met} |"
        )
    return rows


def by_chance(held: list[float]) -> str:
    """How many months exactly true means would have inside 0.93-1.07, and in 95 of 100 spans; the share left out."""
    mean, reach = sum(held), 1.96 * sum(p * (1 - p) for p in held) ** 0.5
    return (
        f"{mean:.1f} ({max(0, round(mean - reach))}-{min(len(held), round(mean + reach))}); "
        f"{100 * (1 - mean / len(held)):.0f} % out"
    )


def judged_months(inside: int, held: list[float]) -> str:
    """Whether a bound on months was met; a miss beside how likely exactly true means would miss as often."""
    if inside == len(held):
        return "yes"
    chance = chance_of_so_few(inside, held)
    told = f"as often by chance in {100 * chance:.0f} of 100" if chance >= BY_CHANCE else "beyond chance"
    return f"**no**, {told}"


def gate(
    city: str,
    what: str,
    bounds: tuple[float, ...],
    value: float,
    told: str,
    *,
    low: float = 1.0,
    unit: str = "+",
    best: str = "–",
) -> str:
    """A row whose gate asks for a value and, where there is an interval, for its lower end above nothing."""
    least, goal = bounds
    shape = "{:+g}" if unit else "{:g}"
    asked = shape.format(least), shape.format(goal).replace("+0", "0") if goal == 0 else shape.format(goal)
    return row_of(city, what, *asked, told, best, value >= least and low > 0, value >= goal)


def row_of(city: str, what: str, least: str, goal: str, told: str, best: str, is_met: bool, is_reached: bool) -> str:
    return "| " + " | ".join([city, what, least, goal, told, best, WORDS[is_met], WORDS[is_reached]]) + " |"


def map_rows(path: Path) -> list[str]:
    """Maps for weeks ahead by mean PEI*, and their gain over the tuned density and over plain counts."""
    lines = {(line["map"], line["category"]): line for line in read(path)}
    told = []
    for key, title in MAPS.items():
        pei = [f"{lines[key, name]['pei']:.3f}" for name in ("burglary", "vehicle_theft", "all")]
        both = lines[key, "all"]
        gains = []
        for other in ("kde_365_tuned", "count_all"):
            middle, low, high = (both[f"gain_{other}{end}"] for end in ("", "_lo", "_hi"))
            gains.append("–" if key == other else f"{middle:+.3f} [{low:+.3f}, {high:+.3f}]")
        told.append("| " + " | ".join([title, *pei, *gains, f"{both['pei_official_origin']:.3f}"]) + " |")
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
    raise SystemExit(main(sys.argv[1:]))
