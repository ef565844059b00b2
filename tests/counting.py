"""What tests have counted (cells asked, mutants caught, requests made), told at the end of the run.

Whichever process counted: what a test counts travels with its report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

KEY = "counted: "


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """``counted("permission mutants caught", 27)``; the same words of several tests are added up."""
    return lambda what, number: record_property(KEY + what, number)


class Told:
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        sums: Counter[str] = Counter()
        for reports in terminalreporter.stats.values():
            for report in reports:
                if getattr(report, "when", "") == "call":
                    for name, value in report.user_properties:
                        if name.startswith(KEY):
                            sums[name.removeprefix(KEY)] += value
        for what, number in sorted(sums.items()):
            terminalreporter.write_line(f"{number:,} {what}")
