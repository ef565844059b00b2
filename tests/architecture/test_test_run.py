"""The test run keeps its own rules: in CI nothing skips but what needs data outside the project."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from architecture.source import ROOT

SKIPPING = """
import pytest
def test_here(): pass
@pytest.mark.skip(reason="{reason}")
def test_there(): pass
"""


def run(tmp_path, reason: str, *, ci: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "test_it.py"
    path.write_text(SKIPPING.format(reason=reason))
    words = [sys.executable, "-m", "pytest", "-q", "-p", "house_rules", "-p", "no:django", "-c", os.devnull]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT / "tests")}
    return subprocess.run(
        [*words, "--rootdir", str(tmp_path), str(path)], env=environment, capture_output=True, text=True
    )


def test_a_skip_fails_the_run_in_ci(tmp_path):
    done = run(tmp_path, "no browser", ci="true")
    assert done.returncode == 1
    assert "NOT ALLOWED TO SKIP IN CI" in done.stdout


def test_data_outside_the_project_may_be_absent_in_ci(tmp_path):
    assert run(tmp_path, "real data are not here: ../shared/data is absent", ci="true").returncode == 0


def test_on_a_desk_a_skip_is_only_told(tmp_path):
    assert run(tmp_path, "no browser", ci="").returncode == 0


@pytest.mark.parametrize("name", ["Makefile", ".ci/run"])
def test_ci_and_newcomer_run_the_same_command(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert {"Makefile": "test: ", ".ci/run": "make test"}[name] in text
