"""Tools for tests in which several writers really meet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from anlan.core.i18n import translations_compile

# Refusals are tested in both languages; a fresh checkout has only the sources of its catalogues.
translations_compile()

LONG_S = 30.0


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
