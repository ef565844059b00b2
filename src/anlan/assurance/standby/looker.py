"""Reads what the standby holds back from its disk, behind the commits, and holds each page against its sum.

The copy would be looked at as a whole at a take-over. That is late to learn that a disk has changed a byte: here it
is learnt within minutes, while the other machine still lives and can give a whole copy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from anlan.assurance.standby.copy import Copy
from anlan.core.sqlite_backend.wal import frames_sound

EVERY_S = 5.0
FRAMES_AT_ONCE = 400
"""Some tenths of a second of one processor; the ear goes on meanwhile."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Up to which frame of the log the sums were found right, when, and whether one was found wrong."""

    at: datetime | None = None
    frames: int = 0
    is_sound: bool = True


class Looker:
    """A thread of the receiving process; ``seen`` is what it found last."""

    def __init__(self, copy: Copy, *, clock: Callable[[], datetime]) -> None:
        self.copy, self.clock = copy, clock
        self.seen = Looked()
        self._salt, self._sums = b"", (0, 0)

    def start(self) -> None:
        threading.Thread(target=self._go_on, daemon=True, name="looker").start()

    def _go_on(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY_S if self.seen.frames >= self.copy.main.frames else 0.2):
            self.look()

    def look(self) -> Looked:
        """Look at the next frames that came; the fence and the log are not held up by it."""
        salt, upto = self.copy.main.salt, self.copy.main.frames
        if salt != self._salt:
            self._salt, self._sums, self.seen = salt, (0, 0), Looked(self.seen.at)
        start = self.seen.frames
        upto = min(upto, start + FRAMES_AT_ONCE)
        if upto > start:
            try:
                found, sums = frames_sound(self.copy.main.log, start, upto, self._sums)
            except FileNotFoundError:
                # It was put in its place: by a take-over, or because a new one begins.
                return self.seen
            if self.copy.main.salt != salt:
                # The log began anew under the reader.
                return self.seen
            self._sums = sums
            self.seen = Looked(self.clock(), start + found, found == upto - start)
        elif self.seen.is_sound:
            self.seen = Looked(self.clock(), start, True)
        return self.seen
