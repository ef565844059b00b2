"""The rigs see what they are built to see; then, on the platform as it is, they see nothing.

A small slice of what ``anlan chaos`` runs by the thousand; each run is a process and a store of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from anlan.assurance.chaos.catalogue import BUILT
from anlan.config.assurance_store import centre_made

pytestmark = [pytest.mark.sqlite, pytest.mark.slow]
EARLY = "acknowledge before commit"
INSIDE = [
    ("F2", "", 60),
    ("F2", EARLY, 10),
    ("F6", "", 12),
    ("F6", EARLY, 20),
    ("F15", "", 120),
    ("F15", "no sum is looked at", 40),
    ("F10", "", 8),
    ("F10", "rights that begin in the clock's future", 10),
    ("F16", "", 8),
    ("F16", "tables are changed outside a transaction", 8),
    ("F17", "", 8),
    ("F17", "numbers begin anew at 100000", 1),
    ("F18", "", 3),
    ("F18", "who called is shown without a look being logged", 3),
    # The last: it writes into the centre itself.
    ("F8", "", 20_000),
]


@pytest.fixture(scope="module")
def centre(tmp_path_factory):
    home = tmp_path_factory.mktemp("centre")
    centre_made(home)
    return home


@pytest.fixture
def run(centre, tmp_path):
    """One slice of a fault on a copy of the centre; gives what stands on the ledger."""

    def one(fault: str, count: int, *, plant: str = "", seed: int = 1) -> dict[str, Any]:
        home = tmp_path / "home"
        shutil.copytree(centre, home, ignore=shutil.ignore_patterns("reserve"))
        ledger = tmp_path / "runs.jsonl"
        job = {
            "fault": fault,
            "seed": seed,
            "count": count,
            "plant": plant,
            "ledger": str(ledger),
            "replay": f"anlan chaos --fault {fault} --count {count} --seed {seed}",
        }
        env = {**os.environ, "ANLAN_HOME": str(home), "ANLAN_FORECASTS": "off"}
        env.pop("ANLAN_DATABASE_URL", None)
        words = [sys.executable, "-m", "anlan.config.chaos_run", json.dumps(job)]
        code = subprocess.run(words, env=env, stdout=subprocess.DEVNULL).returncode
        told: dict[str, Any] = json.loads(ledger.read_text(encoding="utf-8").splitlines()[-1])
        assert code == int(told["failed"] > 0)
        return told

    return one


@pytest.fixture(scope="module")
def inside(centre, tmp_path_factory):
    """Slices of the faults that need no server, in one process; what stands on the ledger, by fault and plant."""
    folder = tmp_path_factory.mktemp("inside")
    ledger = folder / "runs.jsonl"
    jobs = [
        {
            "fault": fault,
            "plant": plant,
            "count": count,
            "seed": 1,
            "ledger": str(ledger),
            "replay": "",
        }
        for fault, plant, count in INSIDE
    ]
    env = {**os.environ, "ANLAN_HOME": str(centre), "ANLAN_FORECASTS": "off"}
    env.pop("ANLAN_DATABASE_URL", None)
    words = [sys.executable, "-m", "anlan.config.chaos_run", json.dumps(jobs)]
    subprocess.run(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    assert len(told) == len(jobs)
    return {(run["fault"], run["plant"]): run for run in told}


@pytest.mark.parametrize(("fault", "plant"), [(fault, plant) for fault, plant, _ in INSIDE if plant])
def test_each_rig_within_one_process_catches_what_was_planted(inside, fault, plant):
    assert inside[fault, plant]["failed"] > 0


@pytest.mark.parametrize("fault", [fault for fault, plant, _ in INSIDE if not plant])
def test_no_such_fault_breaks_a_promise(inside, fault, counted):
    told = inside[fault, ""]
    counted(f"trials of {fault} ({BUILT[fault].title})", told["count"])
    assert (told["failed"], told["examples"]) == (0, [])
    assert told["count"] > 0


@pytest.mark.parametrize("plant", ["synchronous=NORMAL", "acknowledge before commit"])
def test_the_power_rig_catches_what_would_lose_an_acknowledged_call(run, plant):
    told = run("F3", 20, plant=plant)
    assert told["figures"]["lost"] > 0
    assert told["figures"]["damaged"] == 0
    assert any("is lost" in line for line in told["examples"])


def test_no_power_cut_loses_damages_or_doubles_anything(run, counted):
    told = run("F3", 2000)
    counted("power cuts", told["count"])
    assert told["count"] == 2000
    assert (told["failed"], told["examples"]) == (0, [])
    assert told["figures"]["acknowledged"] > 100
    assert set(told["figures"]["manners"]) == {"nothing", "everything", "some", "torn", "in order"}


def test_the_kill_harness_catches_an_answer_given_before_the_commit(run):
    told = run("F1", 1, plant=EARLY)
    assert told["failed"] > 0
    assert any("is lost" in line for line in told["examples"])
    assert told["replay"] == "anlan chaos --fault F1 --count 1 --seed 1"


def test_no_kill_loses_or_doubles_anything_and_every_command_ends_with_an_answer(run, counted):
    told = run("F1", 2)
    counted("kills of the whole centre", told["count"])
    assert (told["failed"], told["examples"]) == (0, [])
    assert told["figures"]["acknowledged"] > 0


def test_any_second_of_a_following_backup_can_be_had_back_with_every_promise(run):
    told = run("F13", 12)
    assert (told["count"], told["failed"], told["examples"]) == (12, 0, [])
    assert told["figures"]["moments"] == 30


@pytest.mark.release
@pytest.mark.parametrize("plant", ["", *BUILT["F9"].plants])
def test_lines_of_a_reader_come_once_whoever_of_broker_and_listener_is_killed(run, plant):
    told = run("F9", 5, plant=plant)
    assert bool(told["failed"]) == bool(plant), told["examples"]
    assert told["figures"]["lines told"] > 100
    assert plant or told["figures"]["told twice and kept once"] > 0
