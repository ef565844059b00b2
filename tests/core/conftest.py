"""Tools for tests in which several writers really meet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from anlan.core.i18n import translations_compile

# Refusals are tested in both languages; a fresh checkout has only the sources of its catalogues.
translations_compile()

VENDOR = "postgres" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "sqlite"
LONG_S = 30.0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests about one store are left out of the other store's run (both run in the test command)."""
    other = "sqlite" if VENDOR == "postgres" else "postgres"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


class Crew:
    """Threads with database connections of their own, joined and checked at the end."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.problems: list[BaseException] = []

    def start(self, work: Callable[..., Any], *args: Any) -> threading.Thread:
        def run() -> None:
            try:
                work(*args)
            except BaseException as problem:
                self.problems.append(problem)
            finally:
                connections.close_all()

        thread = threading.Thread(target=run, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def finish(self) -> None:
        for thread in self.threads:
            thread.join(LONG_S)
            assert not thread.is_alive(), "a writer never came to its turn"
        if self.problems:
            raise self.problems[0]


@pytest.fixture
def crew():
    crew = Crew()
    yield crew
    crew.finish()
