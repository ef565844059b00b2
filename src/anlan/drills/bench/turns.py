"""Several stores measured in turns: the machine's speed changes within minutes, so each asks a little, then the next.

A side is a process with a store and a server of its own, which rests until it is asked for a turn: one JSON
line in says what to ask and how often, one JSON line out says what was seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from anlan.drills.bench.load import Outcome

CREATE = "create"
LOOKS = (CREATE, "queue", "queue page", "unit list", "incident", "incident page")
READY = "ready"
"""What a side says when its server is up."""
ROUNDS = 6
"""Turns a case at most: odd ones go through the sides in their order, even ones backwards."""
A_CLIENT = 10
"""A turn asks each client so often at least: as it ends fewer and fewer are at work."""


@dataclass(frozen=True)
class Turn:
    """What a side is to ask: ``look`` by its name, ``count`` times from ``clients`` connections."""

    look: str
    clients: int
    count: int
    salt: str


@dataclass
class Seen:
    """What one side saw in all turns of a case; ``cpu_s`` is the server's."""

    outcome: Outcome = field(default_factory=Outcome)
    cpu_s: float = 0.0


@dataclass(frozen=True)
class Side:
    """A store under its name (``past=500``) and the two ends of the talk with its process."""

    name: str
    asks: IO[str]
    answers: IO[str]

    def take(self, turn: Turn, seen: Seen) -> None:
        """Have it ask once more; raises ``EOFError`` where its process has ended."""
        self.asks.write(json.dumps(asdict(turn)) + "\n")
        self.asks.flush()
        answer = self.answers.readline()
        if not answer:
            raise EOFError(f"{self.name} ended before it answered {turn}")
        told = json.loads(answer)
        statuses = {int(status): n for status, n in told["statuses"].items()}
        seen.outcome.add(Outcome(told["seconds"], statuses, told["wall_s"]))
        seen.cpu_s += told["cpu_s"]


def turns_taken(sides: Sequence[Side], look: str, *, clients: int, count: int) -> dict[str, Seen]:
    """Each side asks ``count`` times in all, in turns with the others; what each saw, by its name."""
    rounds = max(1, min(ROUNDS, count // (A_CLIENT * clients)))
    seen = {side.name: Seen() for side in sides}
    for number in range(rounds):
        share = count * (number + 1) // rounds - count * number // rounds
        for side in sides if number % 2 == 0 else reversed(sides):
            side.take(Turn(look, clients, share, f"{side.name}-{look}-{clients}-{number}"), seen[side.name])
    return seen


def turns_asked(lines: Iterable[str]) -> Iterator[Turn]:
    """The turns a side is asked for, until there are no more."""
    for line in lines:
        yield Turn(**json.loads(line))


def turn_told(outcome: Outcome, cpu_s: float) -> str:
    """One line: what a side saw in a turn."""
    told: dict[str, Any] = {**asdict(outcome), "cpu_s": cpu_s}
    return json.dumps(told)
