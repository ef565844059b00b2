"""The test run keeps its own rules: in CI nothing skips but what needs data outside the project."""

from __future__ import annotations

import os
import re
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


BARE = {"PYTHONPATH": str(ROOT / "tests"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""A run of its own without the plugins installed here: they take seconds to load and are not what is tried."""


def run(tmp_path, reason: str, *, ci: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "test_it.py"
    path.write_text(SKIPPING.format(reason=reason))
    words = [sys.executable, "-m", "pytest", "-q", "-p", "house_rules", "-c", os.devnull]
    environment = {**os.environ, **BARE, "CI": ci}
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


CHOOSING = """
import pytest
from django.test import SimpleTestCase, TestCase
@pytest.fixture
def db(): ...
@pytest.fixture
def django_db_blocker(): ...
@pytest.fixture(autouse=True)
def asked_for_by_every_test_of_django(django_db_blocker): ...
@pytest.fixture
def rows(db): ...
@pytest.mark.django_db
def test_asks(): ...
def test_asks_by_a_fixture(rows): ...
class Case(TestCase):
    def test_asks_as_a_case(self): ...
@pytest.mark.browser
def test_drives_a_centre(): ...
@pytest.mark.postgres
def test_postgres(): ...
@pytest.mark.sqlite
def test_sqlite(): ...
def test_reckons(): ...
class Plain(SimpleTestCase):
    def test_reckons_as_a_case(self): ...
@pytest.mark.browser
@pytest.mark.store_free
def test_looks(): ...
@pytest.mark.release
@pytest.mark.django_db
def test_takes_long(): ...
"""
EVERYWHERE = {"asks", "asks_by_a_fixture", "asks_as_a_case", "drives_a_centre"}
ONCE = {"reckons", "reckons_as_a_case", "looks"}


@pytest.mark.parametrize(
    ("store", "release", "chosen"),
    [
        ("sqlite", "", EVERYWHERE | ONCE | {"sqlite"}),
        ("sqlite", "1", EVERYWHERE | ONCE | {"sqlite", "takes_long"}),
        ("postgres", "", EVERYWHERE | {"postgres"}),
        ("postgres", "1", EVERYWHERE | {"postgres", "takes_long"}),
    ],
)
def test_each_store_runs_what_can_tell_it_apart_and_what_is_left_out_is_counted(tmp_path, store, release, chosen):
    (tmp_path / "test_it.py").write_text(CHOOSING)
    (tmp_path / "conftest.py").write_text(
        "import selection\n"
        "def pytest_configure(config): config.pluginmanager.register(selection.Told())\n"
        "def pytest_collection_modifyitems(config, items):\n"
        f"    selection.select(config, items, is_postgres={store == 'postgres'})\n"
    )
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-W", "ignore", "-c", os.devnull]
    environment = {**os.environ, **BARE, "ANLAN_RELEASE": release}
    done = subprocess.run(
        [*words, "--rootdir", str(tmp_path), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(re.findall(r"::test_(\w+)$", done.stdout, flags=re.MULTILINE)) == chosen
    out = sum(int(count) for count in re.findall(r"^(\d+) left out: ", done.stdout, flags=re.MULTILINE))
    assert out == len(EVERYWHERE | ONCE) + 3 - len(chosen)


@pytest.mark.parametrize("name", ["Makefile", ".ci/run"])
def test_ci_and_newcomer_run_the_same_command(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert {"Makefile": "test: ", ".ci/run": "make test"}[name] in text
