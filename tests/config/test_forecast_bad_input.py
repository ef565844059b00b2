"""``anlan forecast backtest`` fed with what it can't use says so in words, and nothing forbidden slips through."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from anlan.config.commands.forecast import group
from anlan.config.forecast_words import PERMITTED_USE
from anlan.forecasting.rules import PERMITTED_USE as SHOWN
from config.test_forecast_command import backtest, calls, told, written


@pytest.mark.parametrize("name", ["109", "109.0", "0109", "０１０９", " 0801", "1003 tips", "毒品", "Narcotics"])
def test_a_class_that_is_never_forecast_is_known_however_a_table_wrote_it(tmp_path, name):
    events = calls()
    events["category"] = [name if each == "help" else "0301" for each in events["category"]]
    result = backtest("--events", written(tmp_path / "e.parquet", events))
    assert {line["category"] for line in told(result)} == {"0301", "all"}
    assert sum(json.loads(result.stderr)["refused"].values()) == events["category"].count(name)


@pytest.mark.parametrize("name", ["204", 204, 204.0])
def test_violence_at_home_never_gets_a_cell(tmp_path, name):
    events = calls()
    other = 301 if isinstance(name, int) else 301.0 if isinstance(name, float) else "301"
    events["category"] = [name if each == "help" else other for each in events["category"]]
    result = backtest("--events", written(tmp_path / "e.parquet", events))
    assert json.loads(result.stderr)["refused"]["class_station_area_only"] > 0
    assert {line["category"] for line in told(result)} == {"0301", "all"}


@pytest.mark.parametrize("origin", ["officer", "Patrol", "other_agency", "mixed", "民警"])
def test_nothing_is_learnt_from_what_officers_entered_even_where_it_is_asked_for(tmp_path, origin):
    events = calls()
    events["origin"] = [origin if k % 2 else "citizen" for k in range(len(events["t"]))]
    refused = backtest("--events", written(tmp_path / "e.parquet", events), "--origin", origin)
    assert refused.exit_code == 1
    assert "citizens' own calls alone" in refused.output


def test_the_written_forecasts_say_what_they_may_be_used_for(tmp_path):
    out = tmp_path / "f.parquet"
    told(backtest("--events", written(tmp_path / "e.parquet", calls()), "--out", out))
    meta = pq.read_schema(out).metadata
    assert (meta[b"permitted_use_zh"].decode(), meta[b"permitted_use_en"].decode()) == PERMITTED_USE
    assert set(pq.read_table(out, columns=["model"])["model"].to_pylist()) == {"yearly_mean", "chosen"}


def test_the_sentence_of_files_is_that_of_the_screens(settings):
    from django.utils import translation

    for language, sentence in zip(("zh-hans", "en"), PERMITTED_USE, strict=True):
        with translation.override(language):
            assert str(SHOWN) == sentence


COVERED = [datetime(2024, 1 + (k >= 31), k % 31 + 1) for k in range(60)]  # noqa: DTZ001


@pytest.mark.parametrize(("yes", "no"), [(True, False), (1, 0), ("yes", "no"), ("是", "否"), ("TRUE", None)])
def test_complete_days_are_listed_in_the_words_people_use(tmp_path, yes, no):
    days = {"date": COVERED, "complete": [no if k == 45 else yes for k in range(60)]}
    coverage = written(tmp_path / "c.parquet", days)
    result = backtest("--events", written(tmp_path / "e.parquet", calls()), "--coverage", coverage)
    assert told(result)[0]["days"] == 9


TEXTS = {
    "no-rows.csv": ("--events", "t,category,lat,lon\n", "The files hold no row at all"),
    "places.csv": ("--events", "t,category,lat,lon\n2024-01-05T08:00:00,theft,here,there\n", "no_place 1"),
    "numbers.csv": ("--events", "t,category,lat,lon\n1704441600,theft,28.6,115.8\n", "ISO 8601"),
    "days.csv": ("--coverage", "date,complete\nMonday,true\n", "ISO 8601"),
    "maybe.csv": ("--coverage", "date,complete\n2024-01-05,maybe\n", "write true or false"),
    "none.csv": ("--coverage", "date,complete\n", "lists no complete day"),
    "sky.csv": ("--weather", "date,tmax\nyesterday,3\n", "ISO 8601"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_cannot_be_used_is_told_in_words(tmp_path, name):
    option, text, words = TEXTS[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    given = [] if option == "--events" else ["--events", written(tmp_path / "e.parquet", calls())]
    result = backtest(*given, option, tmp_path / name)
    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--seed", "-1"], "Invalid value"),
        (["--refit-days", "0"], "Invalid value"),
        (["--timezone", "Mars/Phobos"], "no time zone Mars/Phobos"),
        (["--timezone", "../etc"], "no time zone"),
        (["--out", "/nowhere/f.parquet"], "can't be written"),
        (["--dask", "nonsense"], "can't be reached"),
        (["--denominator", "all"], "'active', 'both'"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_before_any_work(tmp_path, args, words):
    result = backtest("--events", written(tmp_path / "e.parquet", calls()), *args)
    assert result.exit_code in (1, 2)
    assert words in result.output


@pytest.mark.parametrize("args", [["--factors", "0"], ["--factors", "-1,nan"], ["--factors", ","]])
def test_bounds_ask_for_factors_that_can_be(tmp_path, args):
    events = ["--events", str(written(tmp_path / "e.parquet", calls()))]
    span = ["--test-from", "2024-02-10", "--test-until", "2024-02-19"]
    assert "none under 1" in CliRunner().invoke(group, ["bounds", *events, *span, *args]).output


@pytest.mark.parametrize("text", [None, "hello\n", "{}\n"])
def test_bounds_choose_from_their_own_lines_only(tmp_path: Path, text):
    path = tmp_path / "Town.jsonl"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(group, ["bounds", "--choose", str(path)])
    assert result.exit_code == 1
    assert str(path) in result.output
    assert "Traceback" not in result.output


def test_a_gap_written_as_a_dash_is_a_gap_and_measured_weather_alone_is_said_to_tell_nothing_of_tomorrow(tmp_path):
    sky = tmp_path / "w.csv"
    sky.write_text("date,tmax,prcp_mm,place\n2024-01-05,88,-,dock\n2024-01-09,NA,3,dock\n", encoding="utf-8")
    result = backtest("--events", written(tmp_path / "e.parquet", calls()), "--weather", sky)
    assert told(result)
    notes = json.loads(result.stderr)["notes"]
    assert [note for note in notes if note["note"].startswith("weather")] == [
        {"note": "weather_was_fahrenheit", "column": "tmax"},
        {"note": "weather_gaps", "column": "tmax_c", "days": 1},
        {"note": "weather_gaps", "column": "prcp_mm", "days": 1},
        {"note": "weather_without_forecasts", "days": 2},
    ]


@pytest.mark.parametrize("models", ["totals,decays,shrunk,trees"])
def test_each_part_of_the_stack_can_be_run_by_itself_through_the_same_harness(tmp_path, models):
    events = written(tmp_path / "e.parquet", calls())
    span = ["--test-from", "2024-02-17", "--test-until", "2024-02-18"]
    args = ["--events", str(events), "--models", models, "--jobs", "1", "--cell-m", "2000", "--json"]
    args += ["--categories", "theft"]
    lines = told(CliRunner().invoke(group, ["backtest", *args, *span]))
    assert {line["model"] for line in lines} == {"yearly_mean", *models.split(","), "chosen"}
    (chosen,) = [line for line in lines if line["model"] == "chosen" and line["category"] == "theft"]
    assert (chosen["shows"] == "yearly_mean") == (chosen["reason"] != "beats_bar")


def test_rain_that_was_foretold_moves_the_totals_and_rain_that_only_fell_does_not(tmp_path):
    """Every fifth day it rains and half as many call; 2024-05-25 is such a day, foretold in one file only."""
    days = [datetime(2024, 1, 1) + timedelta(days=d) for d in range(150)]  # noqa: DTZ001
    stamps = [
        day + timedelta(hours=9, minutes=k) for d, day in enumerate(days) for k in range(10 if d % 5 == 0 else 20)
    ]
    n = len(stamps)
    lon = [115.86 + 0.01 * (k % 3) for k in range(n)]
    events = written(tmp_path / "e.parquet", {"t": stamps, "category": ["theft"] * n, "lat": [28.68] * n, "lon": lon})
    rain = [20.0 if d % 5 == 0 else 0.0 for d in range(150)]
    args = ["--events", str(events), "--models", "totals", "--jobs", "1", "--json"]
    span = ["--test-from", "2024-05-25", "--test-until", "2024-05-25"]
    expected = []
    for issued in ([None] * 150, [*[None] * 145, days[144], *[None] * 4]):
        sky = written(
            tmp_path / "w.parquet", {"date": days, "prcp_mm": rain, "issued": pa.array(issued, pa.timestamp("us"))}
        )
        found = CliRunner().invoke(group, ["backtest", *args, "--weather", str(sky), *span])
        expected += [line["pred_over_actual"] for line in told(found) if line["model"] == "totals"][:1]
    fell, foretold = expected
    assert foretold < 0.75 * fell
