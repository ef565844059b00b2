"""Has anything been written since the last look? On SQLite that is known without asking for rows."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from django.db import connection

SURE_S = 1.0
"""So often the rows are asked for whatever the store says of itself."""


class Stir:
    """Whether anything may have been committed to the main store since the last look.

    SQLite counts the commits of others (``PRAGMA data_version``, microseconds, no rows read): the tail
    looks often and asks seldom. Any other store is always taken to have been written to, and asked less often.
    """

    def __init__(self) -> None:
        self._line = _line_to_the_store()
        self._last: int | None = None
        self._asked_at = float("-inf")

    @property
    def is_cheap(self) -> bool:
        """Whether looking costs next to nothing, because the store counts its commits."""
        return self._line is not None

    def felt(self) -> bool:
        """True also in doubt; from then on only what is written later counts."""
        version, at = self._version(), time.monotonic()
        if version is not None and version == self._last and at - self._asked_at < SURE_S:
            return False
        self._last, self._asked_at = version, at
        return True

    def forget(self) -> None:
        """What was seen was not read after all."""
        self._last = None

    def _version(self) -> int | None:
        if self._line is None:
            return None
        try:
            return int(self._line.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None


def _line_to_the_store() -> sqlite3.Connection | None:
    """A read-only connection that is asked for the count alone; None where the store keeps none."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or not Path(name).is_file():
        return None
    try:
        return sqlite3.connect(f"{Path(name).as_uri()}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error:
        return None
