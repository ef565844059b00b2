"""Find the open incidents a call may belong to, fast enough while it is being typed."""

from collections.abc import Iterable
from dataclasses import dataclass

from anlan.engines.duplicates.narrative import read_narrative
from anlan.engines.duplicates.scoring import CallFacts, PairScore, distance_m, may_reach, score_pair

THRESHOLD = 0.5
_WINDOW_MINUTES = 120.0
_REACH_M = 1500.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Pairs farther apart than this in time or place are not looked at."""

    window_minutes: float = _WINDOW_MINUTES
    reach_m: float = _REACH_M

    def allow(self, first: CallFacts, second: CallFacts) -> bool:
        """Whether two calls are near enough in time and place to be compared."""
        if abs(first.minute - second.minute) > self.window_minutes:
            return False
        metres = distance_m(first, second)
        return metres is None or metres <= self.reach_m + first.radius_m + second.radius_m


class DuplicateIndex:
    """The open calls at hand. Texts are read once, when a call is added."""

    def __init__(self, calls: Iterable[CallFacts] = (), *, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._calls: dict[str, CallFacts] = {}
        for call in calls:
            self.add(call)

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: CallFacts) -> None:
        """Add a call, or put a newer version in place of the one with its id."""
        self._calls[call.id] = call
        read_narrative(call.text)

    def remove(self, call_id: str) -> None:
        """Forget a call; one that is not there is no mistake."""
        self._calls.pop(call_id, None)

    def suggest(self, call: CallFacts, *, limit: int = 5, threshold: float = THRESHOLD) -> list[PairScore]:
        """The calls that may tell of the same event, likeliest first; `first_id` is `call`."""
        near = (c for c in self._calls.values() if c.id != call.id and self._limits.allow(call, c))
        scores = (score_pair(call, other) for other in near if may_reach(call, other, threshold))
        likely = [s for s in scores if s.score >= threshold]
        return sorted(likely, key=lambda s: (-s.score, s.second_id))[:limit]

    def pairs(self, *, threshold: float = THRESHOLD) -> list[PairScore]:
        """Every pair of calls at or above the threshold, in the order of the calls' minutes."""
        ordered = sorted(self._calls.values(), key=lambda c: (c.minute, c.id))
        found: list[PairScore] = []
        start = 0
        for position, later in enumerate(ordered):
            while later.minute - ordered[start].minute > self._limits.window_minutes:
                start += 1
            near = (c for c in ordered[start:position] if self._limits.allow(c, later))
            found.extend(score_pair(c, later) for c in near if may_reach(c, later, threshold))
        return [pair for pair in found if pair.score >= threshold]


def duplicate_pairs(
    calls: Iterable[CallFacts], *, threshold: float = THRESHOLD, limits: Limits | None = None
) -> list[PairScore]:
    """All pairs of calls that probably tell of one event (see `DuplicateIndex.pairs`)."""
    return DuplicateIndex(calls, limits=limits).pairs(threshold=threshold)
