"""What a release is held to: a slice counts when it ended by itself, well, and at these sources."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import pytest

import release

KIND = release.Kind("kind", "things", lambda _part, seed: WORK, parts=("one", "two"))
MANY = release.Kind("many", "cases", lambda _part, seed: WORK, wanted=100)
WORK = release.Work((sys.executable, "-c", "print('7 passed in 1 s')"), release.passed)


def done(
    kind: str = "kind", part: str = "one", *, count: int = 1, failed: int = 0, commit: str = "here"
) -> release.Done:
    return release.Done(kind, part, 1, count, failed, commit, "2026-11-23T00:00:00+00:00", 1.0, "again")


@pytest.fixture
def sources(monkeypatch):
    """One commit has these sources, and no other."""
    monkeypatch.setattr(release, "is_same", lambda commit, _paths: commit == "here")


@pytest.fixture
def ledger(monkeypatch, tmp_path, sources):
    monkeypatch.setattr(release, "LEDGER", tmp_path / "slices.jsonl")
    monkeypatch.setattr(release, "commit_now", lambda: "here")
    monkeypatch.setattr(release.needs, "chromium", lambda: None)
    return release.LEDGER


def left(kind: release.Kind, *rows: release.Done, any_commit: bool = False) -> list[str]:
    return release.kind_left(kind, release.kind_done(kind, list(rows), any_commit=any_commit))


def test_each_part_is_done_once(sources):
    assert left(KIND) == ["one", "two"]
    assert left(KIND, done()) == ["two"]
    assert left(KIND, done(), done(part="two")) == []


def test_what_failed_is_not_done(sources):
    assert left(KIND, done(failed=1)) == ["one", "two"]


def test_what_was_done_with_other_sources_counts_only_when_asked_for(sources):
    assert left(KIND, done(commit="elsewhere")) == ["one", "two"]
    assert left(KIND, done(commit="elsewhere"), any_commit=True) == ["two"]


def test_a_commit_with_changes_nobody_committed_is_never_these_sources():
    assert not release.is_same("0123456789+", release.SOURCES)
    assert not release.is_same("?", release.SOURCES)


def test_a_number_is_reached_by_several_slices(sources):
    assert left(MANY, done("many", "", count=60)) == [""]
    assert left(MANY, done("many", "", count=60), done("many", "", count=40)) == []


def test_a_slice_that_ended_stands_on_the_ledger_with_its_count(ledger):
    assert release.kind_do(KIND, "one", 3)
    (line,) = release.ledger_read(ledger)
    assert (line.slice, line.part, line.count, line.failed) == ("kind", "one", 7, 0)


def test_a_slice_that_fails_stands_there_as_failed(ledger):
    bad = release.Kind("bad", "", lambda *_: release.Work((sys.executable, "-c", "raise SystemExit(1)"), release.one))
    assert not release.kind_do(bad, "", 1)
    assert [line.failed for line in release.ledger_read(ledger)] == [1]


def test_a_slice_that_was_ended_is_not_on_the_ledger(ledger, monkeypatch):
    monkeypatch.setattr(release, "LATEST_S", 0.05)
    sleeper = release.Kind("slow", "", lambda *_: release.Work(("sleep", "9"), release.one))
    assert not release.kind_do(sleeper, "", 1)
    assert release.ledger_read(ledger) == []


def test_counts_are_read_from_what_the_tests_say():
    said = "12,345 hostile requests to the interface\n99 other things\n12 passed, 1 skipped in 3 s\n"
    assert release.counted("hostile requests to the interface")(said) == 12_345
    assert release.passed(said) == 12


def test_faults_with_a_plant_and_of_other_sources_are_not_trials_of_these(monkeypatch, tmp_path, sources):
    runs = [
        {"fault": "F3", "count": 5, "plant": plant, "commit": commit}
        for plant, commit in (("", "here"), ("synchronous=NORMAL", "here"), ("", "elsewhere"))
    ]
    path = tmp_path / "runs.jsonl"
    path.write_text("".join(json.dumps(run) + "\n" for run in runs))
    monkeypatch.setattr(release, "FAULTS", path)
    assert release.faults_done(any_commit=False)["F3"] == 5
    assert release.faults_done(any_commit=True)["F3"] == 10


def test_the_release_is_held_to_the_numbers_that_were_promised():
    wanted = {kind.name: kind.wanted for kind in release.kinds(None)}
    faults = {name: number for name, (number, _) in release.reliability.RELEASE.items()}
    assert faults["F3"] >= 20_000
    assert faults["F4"] >= 60
    assert faults["F8"] >= 100_000
    assert min(faults["F1"], faults["F2"]) >= 300
    assert (wanted["hostile"], wanted["mutants"]) == (12_000, 100)


def test_a_release_without_a_copy_of_the_advisories_is_not_done(ledger):
    (kind,) = [each for each in release.kinds(None) if each.name == "advisories"]
    assert not release.kind_do(kind, "", 1)
    assert left(kind, *release.ledger_read(ledger)) == [""]


def test_a_line_of_the_ledger_reads_back_as_it_was_written():
    assert release.Done(**json.loads(json.dumps(asdict(done())))) == done()
