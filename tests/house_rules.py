"""Rules of the test run itself: what may skip in CI, and how many examples a property gets.

Loaded by the test command with ``-p house_rules``.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Parallel workers keep their files, and their PostgreSQL if there is one each, apart. This is read before the
# settings are.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    if "ANLAN_HOME" in os.environ:
        os.environ["ANLAN_HOME"] = os.path.join(os.environ["ANLAN_HOME"], worker)
    if own_store := os.environ.get(f"ANLAN_DATABASE_URL_{worker.upper()}"):
        os.environ["ANLAN_DATABASE_URL"] = own_store

ALLOWED_REASON = "../shared"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=IN_CI, print_blob=True
)
settings.register_profile("thorough", settings.get_profile("house"), max_examples=1000, derandomize=False)
settings.load_profile("house")


class NoSkips:
    """In CI only what needs data outside the project may skip; anything else fails the run."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def _note(self, report: Any) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if ALLOWED_REASON not in reason:
            self.found.append(f"{report.nodeid}: {reason}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for line in self.found:
            terminalreporter.write_line(f"NOT ALLOWED TO SKIP IN CI  {line}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    if IN_CI and not hasattr(config, "workerinput"):
        config.pluginmanager.register(NoSkips(), "no-skips")
