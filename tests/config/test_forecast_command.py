"""``anlan forecast backtest``: from files to lines, outside any database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from anlan.config.commands.forecast import group

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NAMES = {
    "n", "capture_1", "capture_1_lo", "capture_1_hi", "capture_2", "capture_5", "capture_20", "capture_20_lo",
    "capture_20_hi", "pai_1", "pai_2", "pai_5", "pei_5", "precision_5", "log_score", "poisson_deviance",
    "d2_climatology", "d2_yearly_mean", "pred_over_actual", "coverage_80", "seconds",
}  # fmt: skip


def calls(*, days: int = 50, seed: int = 1) -> dict[str, list]:
    """Calls of two kinds in a small town from 2024-01-01 on, half of them from one corner of it."""
    rng = np.random.default_rng(seed)
    count = days * 20
    start = datetime(2024, 1, 1)  # noqa: DTZ001 - local wall time is what a duty log holds
    corner = rng.random(count) < 0.5
    return {
        "t": [start + timedelta(seconds=float(s)) for s in sorted(rng.random(count) * days * 86_400)],
        "category": rng.choice(["theft", "help"], count).tolist(),
        "lat": np.where(corner, 28.68, 28.66 + 0.05 * rng.random(count)).tolist(),
        "lon": np.where(corner, 115.86, 115.82 + 0.08 * rng.random(count)).tolist(),
        "origin": ["citizen"] * count,
    }


def written(path: Path, columns: dict[str, list]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def backtest(*args: object, test_from: str = "2024-02-10", test_until: str = "2024-02-19") -> Result:
    span = ["--test-from", test_from, "--test-until", test_until]
    bar = ["--models", "yearly_mean", "--jobs", "1", "--json"]
    return CliRunner().invoke(group, ["backtest", *map(str, args), *span, *bar])


def told(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_line_holds_the_figures_that_were_promised(tmp_path):
    lines = told(backtest("--events", written(tmp_path / "e.parquet", calls())))
    assert [(line["category"], line["model"]) for line in lines] == [
        (category, model) for category in ("help", "theft", "all") for model in ("yearly_mean", "chosen")
    ]
    assert all(set(line) >= NAMES for line in lines)
    assert lines[0]["capture_5"] > 0.4


def test_anyone_can_score_the_written_forecasts_and_comes_to_the_same(tmp_path):
    """From the file alone: rank the cells of each shift, flag a fifth of them, count the calls inside."""
    events = calls()
    out = tmp_path / "f.parquet"
    given = written(tmp_path / "e.parquet", events)
    line = told(backtest("--events", given, "--categories", "theft", "--out", out))[0]
    written_out = pq.read_table(out)
    sums = written_out.group_by(["category", "model"]).aggregate([("mean", "sum")]).to_pylist()
    assert {(row["category"], row["model"]) for row in sums} == {("theft", "yearly_mean"), ("theft", "chosen")}
    table = written_out.to_pydict()
    hits = number = 0
    means: dict[tuple, list] = {}
    for model, start, lon, lat, mean in zip(
        *(table[name] for name in ("model", "shift_start", "lon", "lat", "mean")), strict=True
    ):
        if model == "yearly_mean":
            means.setdefault(start, []).append((-mean, lon, lat))
    flagged = {start: sorted(cells)[: max(1, round(0.2 * len(cells)))] for start, cells in means.items()}
    for t, category, lon, lat in zip(*(events[name] for name in ("t", "category", "lon", "lat")), strict=True):
        start = t.replace(hour=t.hour // 8 * 8, minute=0, second=0, microsecond=0)
        if category == "theft" and start in flagged:
            number += 1
            near = [abs(lat - y) * 111_320 <= 250.1 and abs(lon - x) * 97_700 <= 250.5 for _, x, y in flagged[start]]
            hits += any(near)
    assert number == line["n"]
    # Cells of equal mean are drawn by lot, so a few hits may differ.
    assert hits / number == pytest.approx(line["capture_20"], abs=0.05)


def test_times_with_a_zone_become_local_time_summer_and_winter(tmp_path):
    """The night of 2024-03-10 New York goes from UTC-5 to UTC-4: 03:30 UTC is still the evening before."""
    events = calls(days=100)
    changed = datetime(2024, 3, 10, 2)  # noqa: DTZ001
    aware = dict(events)
    aware["t"] = [t.replace(tzinfo=UTC) + timedelta(hours=5 if t < changed else 4) for t in events["t"]]
    span = {"test_from": "2024-03-20", "test_until": "2024-03-29"}
    naive = told(backtest("--events", written(tmp_path / "n.parquet", events), **span))
    given = written(tmp_path / "z.parquet", aware)
    zoned = told(backtest("--events", given, "--timezone", "America/New_York", **span))
    assert [line["n"] for line in naive] == [line["n"] for line in zoned]
    assert naive[0]["capture_20"] == zoned[0]["capture_20"]
    refused = backtest("--events", tmp_path / "z.parquet", **span)
    assert refused.exit_code == 1
    assert "--timezone" in refused.output


def test_dates_without_hours_in_a_csv_are_forecast_by_the_day(tmp_path):
    events = calls()
    rows = zip(events["t"], events["category"], events["lat"], events["lon"], strict=True)
    text = "date,category,lat,lon\n" + "".join(f"{t:%Y-%m-%d},{c},{y},{x}\n" for t, c, y, x in rows)
    (tmp_path / "e.csv").write_text(text)
    result = backtest("--events", tmp_path / "e.csv")
    assert told(result)[0]["shift_hours"] == 24
    assert "no_hours_forecast_by_day" in result.stderr


def test_codes_written_as_numbers_are_still_never_forecast(tmp_path):
    events = calls()
    events["category"] = [109 if name == "help" else 301 for name in events["category"]]
    result = backtest("--events", written(tmp_path / "e.parquet", events))
    assert {line["category"] for line in told(result)} == {"0301", "all"}
    assert json.loads(result.stderr)["refused"]["class_never_forecast"] > 0


def test_small_cells_are_labelled_research_and_the_rectangle_is_told_beside(tmp_path):
    events = written(tmp_path / "e.parquet", calls())
    line = told(backtest("--events", events, "--cell-m", 200, "--denominator", "both"))[0]
    assert "research" in line
    assert line["capture_20_all_area"] > line["capture_20"]
    assert line["cells_20_all_area"] > 0.2 * line["cells"]


def test_weather_with_gaps_and_in_fahrenheit_degrades_and_never_stops(tmp_path):
    weather = written(
        tmp_path / "w.parquet",
        {"date": [datetime(2024, 1, 5), datetime(2024, 1, 9)], "tmax": [88.0, None], "prcp_mm": [None, 3.0]},  # noqa: DTZ001
    )
    result = backtest("--events", written(tmp_path / "e.parquet", calls()), "--weather", weather)
    assert told(result)
    notes = json.loads(result.stderr)["notes"]
    assert {"note": "weather_was_fahrenheit", "column": "tmax"} in notes


def test_sizes_of_cells_are_compared_beside_the_bar_and_scattered(tmp_path):
    events = written(tmp_path / "e.parquet", calls())
    span = ["--test-from", "2024-02-10", "--test-until", "2024-02-19"]
    args = ["--events", str(events), "--cells", "200,250,500", "--models", "yearly_mean", "--jobs", "1"]
    lines = told(CliRunner().invoke(group, ["resolution", *args, *span]))
    curves, advised = [line for line in lines if "model" in line], [line for line in lines if "best_cell_m" in line]
    assert [(line["cell_m"], line["model"], line["variant"]) for line in curves] == [
        (size, model, variant)
        for size in (200.0, 250.0, 500.0)
        for variant in ("recorded", "scattered_120_m")
        for model in ("yearly_mean", "chosen")
    ]
    assert [line["cell_m"] for line in curves if "research" in line] == [200.0] * 4
    assert [(line["way"], line["stops"]) for line in advised] == [
        (way, stops) for way in ("place", "ground", "day") for stops in (20, 60, 200)
    ]
    assert {line["best_cell_m"] for line in advised} <= {250.0, 500.0}
    by_size = {line["cell_m"]: line for line in curves if line["variant"] == "recorded"}
    # Half of all calls come from one coordinate: 20 stops catch them in cells of any size.
    assert all(by_size[size]["capture_visit_20"] > 0.5 for size in by_size)
    refused = CliRunner().invoke(group, ["resolution", *args, "--cells", "small", *span])
    assert "250,500" in refused.output


def test_flags_within_bounds_are_audited_by_factor_and_the_factor_of_several_cities_is_told(tmp_path):
    events = written(tmp_path / "e.parquet", calls(days=80))
    span = ["--test-from", "2024-02-10", "--test-until", "2024-03-09"]
    args = ["--events", str(events), "--models", "yearly_mean", "--factors", "1,1.5", "--jobs", "1"]
    lines = told(CliRunner().invoke(group, ["bounds", *args, *span]))
    assert [(line["category"], line["factor"]) for line in lines] == [
        *((name, factor) for name in ("help", "theft", "all") for factor in (None, 1.0, 1.5))
    ]
    whole = {line["factor"]: line for line in lines if line["category"] == "all"}
    # Half of all calls come from one corner, which is one cell: without bounds its district is hardly flagged.
    assert whole[None]["low"] < whole[1.5]["low"] < whole[1.0]["low"]
    assert whole[1.0]["outside"] <= whole[1.5]["outside"] <= whole[None]["outside"]
    city = tmp_path / "Town.jsonl"
    city.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    (chosen,) = told(CliRunner().invoke(group, ["bounds", "--choose", str(city)]))
    assert chosen["factor"] in (1.0, 1.5)
    assert list(chosen["outside"]) == ["Town"]
    assert "--events" in CliRunner().invoke(group, ["bounds", *span]).output


def test_rows_in_feet_of_a_plane_make_the_same_cells_as_rows_in_degrees(tmp_path):
    degrees = calls()
    lat, lon = np.array(degrees["lat"]), np.array(degrees["lon"])
    squeeze = np.cos(np.deg2rad(lat.mean()))
    feet = {name: degrees[name] for name in ("t", "category", "origin")}
    feet["x_ft"] = ((lon - lon.min()) * 111_320.0 * squeeze / 0.3048).round().astype(int).tolist()
    feet["y_ft"] = ((lat - lat.min()) * 111_320.0 / 0.3048).round().astype(int).tolist()
    both = [
        told(backtest("--events", written(tmp_path / f"{k}.parquet", held))) for k, held in enumerate((degrees, feet))
    ]
    (plain, plane) = ({line["category"]: line for line in lines if line["model"] == "chosen"} for lines in both)
    assert plane["all"]["n"] == plain["all"]["n"]
    assert plane["theft"]["cells"] == pytest.approx(plain["theft"]["cells"], rel=0.1)


@pytest.mark.parametrize(
    ("args", "span", "words"),
    [
        (["--categories", "robbery"], {}, "They hold: help, theft"),
        (["--categories", "1001"], {}, "never forecast by place"),
        (["--origin", "officer"], {}, "citizens' own calls alone"),
        (["--origin", "caller"], {}, "none can be used"),
        (["--shift-hours", "7"], {}, "doesn't divide the day"),
        ([], {"test_from": "2030-01-01", "test_until": "2030-02-01"}, "no complete day"),
        ([], {"test_from": "2023-01-01", "test_until": "2023-02-01"}, "nothing can be learnt"),
        ([], {"test_from": "2024-02-19", "test_until": "2024-02-10"}, "ends before it begins"),
        ([], {"test_from": "last spring"}, "is no date"),
    ],
)
def test_it_refuses_with_the_reason_and_what_to_do(tmp_path, args, span, words):
    result = backtest("--events", written(tmp_path / "e.parquet", calls()), *args, **span)
    assert result.exit_code in (1, 2)
    assert words in result.output
    assert "Traceback" not in result.output


def rows_of(columns: dict[str, list], keep: list[int]) -> dict[str, list]:
    return {name: [values[k] for k in keep] for name, values in columns.items()}


def test_a_file_without_events_is_refused_and_one_event_is_enough_for_every_model(tmp_path):
    none = {"t": pa.array([], pa.timestamp("s")), "category": pa.array([], pa.string())}
    none |= {"lat": pa.array([], pa.float64()), "lon": pa.array([], pa.float64())}
    pq.write_table(pa.table(none), tmp_path / "none.parquet")
    refused = backtest("--events", tmp_path / "none.parquet")
    assert refused.exit_code == 1
    assert "hold no row at all" in refused.output
    assert "Traceback" not in refused.output
    one = written(tmp_path / "one.parquet", rows_of(calls(), [3]))
    watched = [datetime(2024, 1, 1) + timedelta(days=k) for k in range(60)]  # noqa: DTZ001
    days = written(tmp_path / "days.parquet", {"date": watched, "complete": [True] * 60})
    args = ["--events", str(one), "--coverage", str(days), "--models", "stack,blend", "--jobs", "1", "--json"]
    span = ["--test-from", "2024-02-10", "--test-until", "2024-02-12"]
    result = CliRunner().invoke(group, ["backtest", *args, *span])
    lines = told(result)
    assert {line["model"] for line in lines} == {"yearly_mean", "stack", "blend", "chosen"}
    assert all((line["n"], line["cells"], line["capture_5"]) == (0, 1, None) for line in lines)


def test_rows_that_cannot_be_are_left_out_and_counted_by_reason(tmp_path):
    """The same file twice, a row at 0, 0, and one dated next century: each is told, none changes a figure."""
    whole = calls()
    good = written(tmp_path / "good.parquet", whole)
    odd = rows_of(whole, [0, 1])
    odd["lat"], odd["lon"] = [0.0, 28.68], [0.0, 115.86]
    odd["t"][1] = datetime(2101, 1, 1, 8)  # noqa: DTZ001
    bad = written(tmp_path / "bad.parquet", odd)
    clean, mixed = backtest("--events", good), backtest("--events", good, "--events", good, "--events", bad)
    refused = json.loads(mixed.stderr)["refused"]
    assert refused["repeated_across_files"] == len(whole["t"])
    assert refused["place_zero_zero"] == 1
    assert refused["dated_in_the_future"] == 1
    figures = [[{**line, "seconds": 0} for line in told(result)] for result in (clean, mixed)]
    assert figures[0] == figures[1]


def test_it_names_the_columns_a_file_lacks(tmp_path):
    result = backtest("--events", written(tmp_path / "e.parquet", {"t": [1], "lat": [1.0]}))
    assert "lacks the columns category, lon" in result.output
    assert "cannot be read" in backtest("--events", tmp_path / "none.parquet").output


@pytest.mark.skipif(not (DATA / "nyc_crime_2014_2015").exists(), reason="../shared/data is not here")
def test_the_bar_is_the_one_published_for_new_york():
    """Robbery, last quarter of 2015, 500 m and 8 hours, as measured by others with the same definition:
    4,593 events, 26.4 % caught in 5 % of the cells, 66.7 % in 20 %, deviance 0.0533."""
    events = DATA / "nyc_crime_2014_2015" / "events.parquet"
    span = {"test_from": "2015-10-01", "test_until": "2015-12-31"}
    line = told(backtest("--events", events, "--categories", "robbery", **span))[0]
    assert line["n"] == 4593
    assert line["capture_5"] == pytest.approx(0.264, abs=0.003)
    assert line["capture_20"] == pytest.approx(0.667, abs=0.003)
    assert line["poisson_deviance"] == pytest.approx(0.0533, abs=0.0001)
    assert line["pred_over_actual"] == pytest.approx(0.92, abs=0.006)
