"""Threads of a web process, and who may have which: no crowd of one kind keeps a call waiting.

- *usual*: pages and the interface, in the order of their coming;
- *small changes* - a call taken, a unit sent, a button pressed - have one thread more that takes nothing else, for
  when all others make long pages;
- *positions*: one thread that stands aside while any of the others is at work, but never for long. What a crowd of
  devices sends too much is put off with 429: they keep it and send it again, as they do when their line is bad.

Nothing but positions is ever put off.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum

Act = Callable[[], None]

WEB_THREADS = 4
"""Threads of each web process: while one waits for its turn to write, others read and work things out."""
SMALL_BYTES = 64 * 1024
POSITIONS = "/api/positions"


class Lane(Enum):
    """What a request is, as far as can be told before it is read."""

    USUAL = "usual"
    CHANGE = "change"
    POSITIONS = "positions"


def lane_of(method: str, path: str, length: int | None) -> Lane:
    """The lane of a request; ``length`` is the size of its body in bytes, None where nobody knows."""
    if method != "POST":
        return Lane.USUAL
    if path == POSITIONS:
        return Lane.POSITIONS
    return Lane.CHANGE if length is not None and length <= SMALL_BYTES else Lane.USUAL


class Lanes:
    """The threads of one process: ``threads`` for what is usual, one for small changes alone, one for positions."""

    WAIT_S = 1.0
    """Where the oldest batch of positions has waited for so long, no more are let in."""
    AFTER_S = 10
    """After so many seconds a device may send again."""
    ASIDE_S = 0.1
    """So long at most a batch of positions stands aside for others: ten a second go on whatever comes."""

    def __init__(self, threads: int) -> None:
        self._lock = threading.Lock()
        self._usual, self._kept, self._devices, self._quiet = (threading.Condition(self._lock) for _ in range(4))
        self._waiting: dict[Lane, deque[tuple[float, Act]]] = {lane: deque() for lane in Lane}
        self._idle = self._busy = 0
        for k in range(threads):
            self._start(f"usual-{k}", self._serve, self._usual, (Lane.CHANGE, Lane.USUAL))
        self._start("changes", self._serve, self._kept, (Lane.CHANGE,))
        self._start("positions", self._positions)

    def _start(self, name: str, work: Callable[..., None], *what: object) -> None:
        threading.Thread(target=work, args=what, name=name, daemon=True).start()

    def is_full(self, lane: Lane) -> bool:
        """Whether a request of this lane is put off; never one that is not positions."""
        if lane is not Lane.POSITIONS:
            return False
        with self._lock:
            waiting = self._waiting[lane]
            return bool(waiting) and time.monotonic() - waiting[0][0] > self.WAIT_S

    def put(self, lane: Lane, act: Act) -> None:
        """Let the next thread of that lane do ``act``, which raises nothing."""
        with self._lock:
            self._waiting[lane].append((time.monotonic(), act))
            if lane is Lane.POSITIONS:
                self._devices.notify()
            elif self._idle:
                self._idle -= 1
                self._usual.notify()
            else:
                self._kept.notify()

    def _serve(self, turn: threading.Condition, lanes: tuple[Lane, ...]) -> None:
        is_usual = turn is self._usual
        while True:
            with self._lock:
                while (act := self._oldest(lanes)) is None:
                    # Who calls one of us takes it off again: two that come at once don't call the same.
                    self._idle += is_usual
                    turn.wait()
                self._busy += 1
            act()
            with self._lock:
                self._busy -= 1
                if self._is_quiet:
                    self._quiet.notify()

    def _oldest(self, lanes: tuple[Lane, ...]) -> Act | None:
        """What has waited longest in these lanes."""
        heads = [self._waiting[lane] for lane in lanes if self._waiting[lane]]
        return min(heads, key=lambda waiting: waiting[0][0]).popleft()[1] if heads else None

    @property
    def _is_quiet(self) -> bool:
        return not self._busy and not self._waiting[Lane.USUAL] and not self._waiting[Lane.CHANGE]

    def _positions(self) -> None:
        waiting = self._waiting[Lane.POSITIONS]
        while True:
            with self._lock:
                self._devices.wait_for(lambda: bool(waiting))
                self._quiet.wait_for(lambda: self._is_quiet, self.ASIDE_S)
                _since, act = waiting.popleft()
            act()
