"""Replays: the same seed leaves the same event log to the bit, another seed does not, and nothing is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from anlan.core.actor import SYSTEM
from anlan.integrations.imports.roads import roads_import
from world import T0

# A replay makes an SQLite store of its own, whatever the centre runs on.
pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
MAPPING = """
name = "tiny"
timezone = "Asia/Shanghai"
[columns]
received_at = "t"
code = "kind"
narrative = "words"
lon = "lon"
lat = "lat"
[codes]
fight = "0201"
theft = "0107"
noise = "0410"
lost = "0599"
"*" = "9901"
"""
KINDS = ["fight", "theft", "noise", "lost"]


def dataset(folder: Path, calls: int = 24) -> Path:
    """A small morning: a call every five minutes across the small county, and one row nobody can read."""
    start = datetime.fromisoformat("2026-03-02T08:00:00+08:00")
    rows = ["t,kind,words,lon,lat"]
    for k in range(calls):
        at = (start + timedelta(minutes=5 * k)).strftime("%Y-%m-%d %H:%M:%S")
        rows.append(f"{at},{KINDS[k % 4]},来电{k},{120.05 + 0.004 * k:.3f},{28.90 + 0.002 * (k % 5):.3f}")
    rows.append("yesterday,fight,坏行,120.05,28.90")
    (folder / "tiny.toml").write_text(MAPPING, encoding="utf-8")
    path = folder / "calls.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def play(
    home: Path, data: Path, *, seed: int, mapping: str | None = None, **more
) -> subprocess.CompletedProcess[str]:
    """One replay in a process of its own, as the command starts it."""
    home.mkdir()
    job = {
        "dataset": str(data),
        "mapping": str(data.parent / "tiny.toml") if mapping is None else mapping,
        "start": "2026-03-02T08:00:00",
        "end": "2026-03-02T10:00:00",
        "units": 6,
        "seed": seed,
        "roads": "",
        "attribution": "",
        **more,
    }
    keys = {"ANLAN_SECRET_KEY": "replay", "ANLAN_EVENT_HASH_KEY": "replay", "PYTHONHASHSEED": str(seed)}
    env = {**os.environ, **keys, "ANLAN_HOME": str(home), "ANLAN_DATABASE_URL": ""}
    return subprocess.run(
        [sys.executable, "-m", "anlan.config.replay_run", json.dumps(job)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_seed_one_event_log_and_another_seed_another(tmp_path):
    data = dataset(tmp_path)
    runs = [play(tmp_path / f"run{k}", data, seed=seed) for k, seed in enumerate((7, 7, 8))]
    assert [run.returncode for run in runs] == [0, 0, 0], runs[0].stderr[-2000:]
    first, second, other = (json.loads(run.stdout) for run in runs)
    assert first["events_in_span"] == first["calls"] == 24
    assert first["event_log_sha256"] == second["event_log_sha256"] != other["event_log_sha256"]
    spent = {"wall_s": 0, "processor_s": 0}
    assert first["processor_s"] > 0
    assert {**first, **spent} == {**second, **spent}
    for told in (first, other):
        assert told["invariants"]["broken"] == {}
        assert told["invariants"]["checked"] >= 9
        assert told["first_units_sent"] > 0
        assert told["played"]["feedback"] > 0
        assert set(told["states"]) <= {"closed", "in_review", "transferred", "merged"}, told["states"]


def test_where_nobody_is_free_a_matter_waits_in_line_and_is_served_in_the_end(tmp_path):
    done = play(tmp_path / "home", dataset(tmp_path), seed=7, units=2)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["played"]["nobody_free"] > 0
    assert told["first_units_sent"] == told["incidents"] == 24
    assert told["units_busy"]["most"] == 2
    assert told["invariants"]["broken"] == {}


@pytest.mark.parametrize(
    ("file", "mapping", "said"),
    [
        ("half.parquet", None, "Parquet"),
        ("none.csv", None, "none.csv"),
        ("calls.csv", "nyc", "category"),
        ("calls.csv", "no-such", "no-such"),
    ],
)
def test_a_file_or_mapping_that_can_not_be_used_is_told_in_a_sentence(tmp_path, file, mapping, said):
    dataset(tmp_path)
    (tmp_path / "half.parquet").write_bytes(b"PAR1 and then nothing")
    done = play(tmp_path / "home", tmp_path / file, seed=1, mapping=mapping)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_half_a_real_day_of_new_york_drives_the_real_roads(shared_data, tmp_path, settings):
    data = shared_data / "nyc_crime_2014_2015" / "events.parquet"
    roads = shared_data / "roads-manhattan" / "manhattan.osm.pbf"
    if not (data.exists() and roads.exists()):
        pytest.skip("real data are not here: ../shared/data/nyc_crime_2014_2015 or roads-manhattan is absent")
    from anlan.places.models import RoadNetwork

    settings.ROADS_DIR = tmp_path / "roads"
    roads_import(roads, name="manhattan", attribution="© OpenStreetMap contributors", by=SYSTEM, at=T0)
    file = settings.ROADS_DIR / RoadNetwork.objects.get().file
    span = {"start": "2015-06-01T00:00:00", "end": "2015-06-01T12:00:00", "units": 20, "roads": str(file)}
    done = play(tmp_path / "home", data, seed=1, mapping="nyc", attribution="©", **span)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert 0 < told["events_on_network"] < told["events_in_span"]
    assert told["calls"] == told["events_on_network"]
    assert told["invariants"]["broken"] == {}
    assert told["road_eta"]["share"] >= 0.95
    assert told["response"]["n"] > 0
