"""Hashes of complete subtrees out of the store, as proofs need them."""

from __future__ import annotations

from functools import lru_cache

from anlan.engines.ledger import TreeHash, range_hash
from anlan.ledger.models import Entry, Subtree
from anlan.ledger.rules import TILE_LEVEL

_TILE = 1 << TILE_LEVEL


class Tiles:
    """Gives ``span(level, index)``: kept levels are read by 256 hashes at a time, those between are reckoned."""

    def __init__(self, by: TreeHash) -> None:
        self._by = by
        self._tile = lru_cache(maxsize=256)(self._read)

    def span(self, level: int, index: int) -> bytes:
        """The hash over leaves ``index * 2**level`` to ``(index + 1) * 2**level - 1``."""
        base = level - level % TILE_LEVEL
        count = 1 << (level - base)
        start = index * count
        tile = self._tile(base, start // _TILE)
        hashes = tile[start % _TILE : start % _TILE + count]
        if len(hashes) != count:
            raise LookupError(f"the ledger has no subtree {index} of level {level}")
        while len(hashes) > 1:
            hashes = [self._by.node(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
        return hashes[0]

    def over(self, ranges: list[tuple[int, int]]) -> list[bytes]:
        """The hashes of a proof's ranges."""
        return [range_hash(start, end, self.span, by=self._by) for start, end in ranges]

    def _read(self, level: int, tile: int) -> list[bytes]:
        first = tile * _TILE
        if level == 0:
            leaves = Entry.objects.filter(seq__gte=first, seq__lt=first + _TILE).order_by("seq")
            return [bytes.fromhex(text) for text in leaves.values_list("leaf", flat=True)]
        kept = Subtree.objects.filter(level=level, index__gte=first, index__lt=first + _TILE).order_by("index")
        return [bytes.fromhex(text) for text in kept.values_list("hash", flat=True)]
