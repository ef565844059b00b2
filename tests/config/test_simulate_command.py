"""``anlan simulate`` from files: what it prints, and what it says to files it can't use."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from anlan.config.commands.simulate import _digits, simulate


@pytest.fixture
def files(tmp_path):
    calls, units = tmp_path / "calls.csv", tmp_path / "units.csv"
    begin = datetime(2026, 3, 2, 0, 10)  # noqa: DTZ001 - the clock on the wall
    rows = [
        f"{(begin + timedelta(minutes=40 * k)).isoformat()},{120 + 0.01 * (k % 5)},{30 + 0.01 * (k % 3)},{1 + k % 3}"
        for k in range(100)
    ]
    calls.write_text("t,lon,lat,priority\n" + "\n".join(rows))
    units.write_text("stations,of,a,town\nname,x,y\nA,120.0,30.0\nB,120.04,30.02\n")
    return calls, units


def asked(files, *words):
    calls, units = files
    return CliRunner().invoke(
        simulate, ["--calls", str(calls), "--units", str(units), "--runs", "2", "--jobs", "1", *words]
    )


def test_two_policies_stand_side_by_side_with_paired_differences(files):
    done = asked(files, "--policy", "closest", "--policy", "cover+units:1", "--json")
    assert done.exit_code == 0, done.output
    world, first, other = (json.loads(line) for line in done.output.splitlines())
    assert (world["world"]["calls"], world["world"]["units"], world["blocks"]) == (100, 2, 3)
    assert first["policy"] == "closest"
    assert "differences" not in first
    assert other["against"] == "closest"
    late = other["differences"]["late"]
    assert late["low"] <= late["value"] <= late["high"]


def test_what_is_something_is_never_printed_as_nothing_and_few_days_are_warned_of(files):
    assert [_digits(value) for value in (0.0, 0.04, -0.04, 0.06, -1.25)] == ["0.0", "<0.1", "-<0.1", "0.1", "-1.2"]
    done = asked(files, "--policy", "closest", "--policy", "cover+units:1")
    assert "only 3 blocks: intervals may be far too narrow" in done.output


def test_a_span_and_a_column_choose_the_calls(files):
    done = asked(
        files,
        "--policy",
        "closest",
        "--json",
        "--from",
        "2026-03-03",
        "--to",
        "2026-03-03",
        "--only",
        "priority=1..2",
    )
    told = json.loads(done.output.splitlines()[0])
    assert told["blocks"] == 1
    assert told["world"]["calls"] == 24


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--policy", "nearest"], "nearest"),
        (["--policy", "closest+units:many"], "units:many"),
        (["--policy", "closest", "--from", "2026-03-03"], "--to"),
        (["--policy", "closest", "--from", "2031-03-03", "--to", "2031-03-04"], "no call of that span"),
        (["--policy", "closest", "--only", "precinct=1..2"], "no column precinct"),
        (["--policy", "closest", "--onward", "/nowhere.csv"], "no file"),
        (["--policy", "closest", "--policy", "closest"], "different names"),
    ],
)
def test_what_cannot_be_run_is_refused_with_what_is_wrong(files, words, said):
    done = asked(files, *words)
    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output


def test_files_with_holes_are_told_by_name_and_record(files):
    _calls, units = files
    units.write_text("name,lon,lat\nA,120.0,30.0\nB,,30.02\n")
    assert "record 2: lon" in asked(files, "--policy", "closest").output
    units.write_text("name,lon,lat\n")
    assert "holds no units" in asked(files, "--policy", "closest").output


def test_fewer_units_than_there_are_is_told_for_that_policy_alone(files):
    done = asked(files, "--policy", "closest", "--policy", "closest+units:-2", "--json")
    assert done.exit_code == 1
    assert "2 police units, 2 taken away" in json.loads(done.output.splitlines()[-1])["failed"]
