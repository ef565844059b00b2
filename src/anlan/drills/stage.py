"""What happens when: a queue of moments, played in order. Knows no clock but the moments themselves."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

log = logging.getLogger("anlan.drills")
Act = Callable[[datetime], object]


@dataclass
class Stage:
    """Acts to be played at given moments; equal moments are played in the order they were planned.

    ``forgives`` are refusals an act may meet because a person did something first; the play goes on.
    """

    forgives: tuple[type[Exception], ...] = ()
    _queue: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _planned: int = 0

    def plan(self, at: datetime, act: Act) -> None:
        """Have ``act`` played at ``at``."""
        self._planned += 1
        heapq.heappush(self._queue, (at, self._planned, act))

    @property
    def next_at(self) -> datetime | None:
        return self._queue[0][0] if self._queue else None

    def play_until(self, end: datetime) -> int:
        """Play everything due up to and including ``end``; returns how many acts that were."""
        played = 0
        while self._queue and self._queue[0][0] <= end:
            at, _, act = heapq.heappop(self._queue)
            try:
                act(at)
            except self.forgives as refusal:
                log.info("an act was refused, the play goes on: %s", refusal)
            played += 1
        return played

    def play_all(self, *, on_act: Callable[[datetime], None] = lambda at: None) -> int:
        """Play until nothing is left."""
        played = 0
        while self._queue:
            at, _, act = heapq.heappop(self._queue)
            act(at)
            on_act(at)
            played += 1
        return played
