"""What two light barriers tell of people going through: which was broken first, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anlan.engines.rfid import Beam

NAN = float("nan")
LONGEST_S = 4.0
"""From one barrier to the other; whoever takes longer turned back, or stood there."""


@dataclass(frozen=True, slots=True)
class Crossings:
    """Moments of people going in and out, seconds from the beginning of the passage."""

    inward: tuple[float, ...]
    outward: tuple[float, ...]
    is_told: bool
    """Whether the door has barriers that told anything."""
    alone: int = 0
    """Breaks of one barrier that belong to none of the other: somebody came up to it and turned back."""

    def is_one_way(self, way: str) -> bool:
        """Whether nobody went, or began to go, against ``way`` (``in`` or ``out``); a door that told nothing can't
        deny it."""
        against = self.outward if way == "in" else self.inward
        return not against and not self.alone


def crossings_of(beams: Iterable[Beam], begin_us: int) -> Crossings:
    """Breaks of both barriers that belong together: the nearest in time, each used once."""
    found: dict[int, list[float]] = {1: [], 2: []}
    since: dict[int, float] = {}
    is_told = False
    for one in sorted(beams, key=lambda beam: beam.t_us):
        is_told = True
        at = (one.t_us - begin_us) / 1e6
        if one.is_broken:
            since.setdefault(one.beam, at)
        elif one.beam in since and one.beam in found:
            found[one.beam].append((since.pop(one.beam) + at) / 2)
    pairs = sorted((abs(a - b), i, j) for i, a in enumerate(found[1]) for j, b in enumerate(found[2]))
    used: tuple[set[int], set[int]] = (set(), set())
    inward: list[float] = []
    outward: list[float] = []
    for apart, i, j in pairs:
        if apart > LONGEST_S or i in used[0] or j in used[1]:
            continue
        used[0].add(i)
        used[1].add(j)
        first, second = found[1][i], found[2][j]
        (inward if first < second else outward).append((first + second) / 2)
    alone = len(found[1]) + len(found[2]) - 2 * len(used[0])
    return Crossings(tuple(inward), tuple(outward), is_told, alone)


def near_crossings(crossings: Crossings, centre_s: float, loudest_s: float) -> list[float]:
    """How many went in and out, and how far a tag's middle and its loudest moment lie from the nearest of each."""
    if not crossings.is_told:
        return [NAN] * CROSSINGS
    found = [float(len(crossings.inward)), float(len(crossings.outward))]
    for moments in (crossings.inward, crossings.outward):
        found += [min((at - one for one in moments), key=abs, default=NAN) for at in (centre_s, loudest_s)]
    return found


CROSSINGS = 6
