"""A whole copy of a store for its standby, made while the centre goes on.

Who holds an old look at a store keeps its log from being begun anew, or, where all of the log was in its place
already, the file from being changed. So the file, read while others write and however torn, together with the log as
it stands afterwards, from its first frame on, is the store: each page that changed meanwhile is in the log. The
writers wait for the log alone to be sent, not for the file. Format: https://www.sqlite.org/walformat.html#locks.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from typing import Any, Self

from anlan.core.sqlite_backend.notes import frames_read, log_end
from anlan.core.sqlite_backend.sealed import SealedLine

CHUNK = 8 * 1024**2
FRAMES_A_PART = 2048


class Filling:
    """One whole copy on its way: ``copy`` sends the file, ``end`` (under the writer's lock) the log.

    ``on_end`` is given what the standby said last. Raises ``LineBroken``.
    """

    def __init__(
        self, store: str, line: SealedLine, head: dict[str, Any], *, on_end: Callable[[dict[str, Any]], None]
    ) -> None:
        self.store, self._line, self._head, self._on_end = store, line, head, on_end
        self._look = sqlite3.connect(f"file:{store}?mode=ro", uri=True, isolation_level=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._look.close()
        self._line.close()

    def copy(self) -> int:
        """Send the file as it is; returns its bytes. Needs no lock."""
        self._look.execute("BEGIN")
        self._look.execute("SELECT count(*) FROM sqlite_master").fetchone()
        size, sent = os.stat(self.store).st_size, 0
        with open(self.store, "rb") as store:
            while sent < size:
                part = store.read(min(CHUNK, size - sent))
                self._say({"kind": "whole", "start": sent}, part)
                sent += len(part)
        return size

    def end(self) -> None:
        """Send the log that lies behind the file, and have the standby take both for its copy."""
        end = log_end(self.store)
        for start in range(0, end.frames, FRAMES_A_PART):
            upto = min(end.frames, start + FRAMES_A_PART)
            self._say({"kind": "whole_log"}, frames_read(self.store, end, start, upto))
        self._on_end(self._say({"kind": "whole_end", "salt": end.salt.hex(), "frames": end.frames}))

    def _say(self, head: dict[str, Any], data: bytes = b"") -> dict[str, Any]:
        self._line.send({**self._head, **head}, data)
        told, _ = self._line.hear()
        return told
