"""Reference data in a test are looked at anew after every write, and only then.

A centre asks its store every few seconds whether areas, vocabulary or names have changed. A test changes them and
wants to see it at once; asking at each look costs more than most tests do themselves. Within one transaction
nothing can have changed without a statement of this very connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.db import connections

from anlan.core.snapshot import Snapshot

UNTIL_A_WRITE_S = 86_400.0
"""A test that sets another age means what a centre does in that time."""
LOOKS = ("SELECT", "SAVEPOINT", "RELEASE", "EXPLAIN", "PRAGMA")
"""What changes no row. ROLLBACK does: it brings back what was."""


@contextmanager
def looked_at_after_writes() -> Iterator[None]:
    """Every statement on any store of this thread that may have changed rows makes all snapshots ask again."""

    def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        try:
            return execute(sql, params, many, context)
        finally:
            may_change = not (isinstance(sql, str) and sql.startswith(LOOKS))
            if may_change and settings.SNAPSHOT_MAX_AGE_S == UNTIL_A_WRITE_S:
                for snapshot in Snapshot._made:
                    snapshot._good_until = float("-inf")

    with ExitStack() as watched:
        for alias in connections:
            watched.enter_context(connections[alias].execute_wrapper(watch))
        yield
