"""``anlan …`` on a slow disk: each sync of a store lasts ``ANLAN_SYNC_MS`` longer (``anlan load``, L6).

The layer lies beneath the very SQLite of the server; the processes that serve are copies of this one.
"""

from __future__ import annotations

import os
import time

from anlan.assurance.power.tape import SYNC, Tape
from anlan.assurance.power.vfs import Recording
from anlan.config.cli import main

LONGER_S = float(os.environ.get("ANLAN_SYNC_MS", "5")) / 1000


class Nothing(Tape):
    """Notes nothing: a centre runs for long."""

    def add(self, kind: str, name: str, offset: int = 0, data: bytes = b"") -> None:
        """Leave it."""


def slowly(kind: str, _name: str) -> int:
    """Let every operation be done, a sync after a while."""
    if kind == SYNC:
        time.sleep(LONGER_S)
    return 0


if __name__ == "__main__":
    with Recording(Nothing(), slowly):
        main()
