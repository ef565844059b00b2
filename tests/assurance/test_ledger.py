"""The ledger of runs names the commit that was tried."""

from __future__ import annotations

import subprocess

from anlan.assurance.ledger import commit_now


def git(folder, *words):
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, timeout=60)


def test_a_ledger_that_has_grown_is_no_change_of_what_is_tried_and_anything_else_is(tmp_path):
    ledger, source = tmp_path / "docs/reliability/runs.jsonl", tmp_path / "src/rule.py"
    for file in (ledger, source):
        file.parent.mkdir(parents=True)
        file.write_text("one\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "first")

    clean = commit_now(source.parent)
    assert len(clean) == 10
    ledger.write_text("one\ntwo\n")
    assert commit_now(source.parent) == clean
    source.write_text("another\n")
    assert commit_now(source.parent) == clean + "+"


def test_outside_a_checkout_no_commit_is_made_up(tmp_path):
    assert commit_now(tmp_path) == "?"
