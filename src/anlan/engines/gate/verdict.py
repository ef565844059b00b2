"""What each tag of a passage did: in, out, back, by or static; with how much confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anlan.engines.gate.features import reads_of, table
from anlan.engines.gate.passages import Passage
from anlan.engines.gate.trees import Trees

MOVEMENTS = ("back", "by", "in", "out", "static")
"""In and out through the door; ``back`` up to it and away again; ``by`` past it; ``static`` lay there."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``chances`` of each of :data:`MOVEMENTS`; ``tids`` the chips that told this number (two mean a doubled one)."""

    epc: str
    reads: int
    chances: Mapping[str, float]
    tids: tuple[str, ...] = ()

    @property
    def movement(self) -> str:
        return max(MOVEMENTS, key=lambda name: self.chances[name])

    @property
    def confidence(self) -> float:
        return self.chances[self.movement]


def judge(passage: Passage, planes: Mapping[int, int], trees: Trees) -> list[Verdict]:
    """A verdict for each tag that an antenna of ``planes`` (antenna -> -1 outer, 1 inner) heard, in order of tags."""
    tags, rows = table(passage, planes)
    counts = {epc: len(reads.t_s) for epc, reads in reads_of(passage, planes).items()}
    tids: dict[str, set[str]] = {}
    for one in passage.sightings:
        if one.tid:
            tids.setdefault(one.epc, set()).add(one.tid)
    chances = trees.chances(rows)
    return [
        Verdict(
            epc,
            counts[epc],
            {name: float(share) for name, share in zip(trees.classes, line, strict=True)},
            tuple(sorted(tids.get(epc, ()))),
        )
        for epc, line in zip(tags, chances, strict=True)
    ]
