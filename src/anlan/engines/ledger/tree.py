"""The hash tree of RFC 6962: one root stands for every leaf before it, and short proofs say so.

Leaves are hashed with a 0x00 before them and inner nodes with a 0x01, so that neither can pass for the other.
A tree of n leaves is split at the largest power of two below n. What is complete never changes any more, which
is why a store need keep complete subtrees only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

HASHES = ("sha256", "sm3")
"""SHA-256 by default; SM3 (GB/T 32905) where the house wants it. Both give 32 bytes."""
Span = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree of ``2**level`` leaves that is the ``index``-th of its level."""


@dataclass(frozen=True, slots=True)
class TreeHash:
    """The three uses the tree makes of one hash function, by its name in ``HASHES``.

    Raises ``ValueError`` for a name not listed, or where this Python's OpenSSL does not offer it: an evidence
    never falls back to another hash than the one it was begun with.
    """

    name: str = "sha256"

    def __post_init__(self) -> None:
        if self.name not in HASHES or self.name not in hashlib.algorithms_available:
            raise ValueError(f"the hash {self.name!r} is not offered here; known are {', '.join(HASHES)}")

    def of(self, data: bytes) -> bytes:
        """The plain hash, 32 bytes."""
        return hashlib.new(self.name, data).digest()

    def leaf(self, data: bytes) -> bytes:
        """The hash of one leaf's bytes."""
        return hashlib.new(self.name, b"\x00" + data).digest()

    def node(self, left: bytes, right: bytes) -> bytes:
        """The hash over two subtrees."""
        return hashlib.new(self.name, b"\x01" + left + right).digest()


SHA256 = TreeHash()


def parts_of(start: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees, left to right as ``(level, index)``, that the leaves ``start … end - 1`` are made of.

    ``start`` must lie where a subtree of that size may begin, as it does in every range of a proof.
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def range_hash(start: int, end: int, span: Span, *, by: TreeHash = SHA256) -> bytes:
    """The hash over the leaves ``start … end - 1``; of no leaf at all the hash of nothing."""
    if start == end:
        return by.of(b"")
    hashes = [span(level, index) for level, index in parts_of(start, end)]
    return fold(hashes, by=by)


def fold(hashes: Sequence[bytes], *, by: TreeHash = SHA256) -> bytes:
    """The root over complete subtrees, the largest first."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = by.node(left, root)
    return root


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_ranges(leaf: int, size: int) -> list[tuple[int, int]]:
    """Over which leaves the hashes of the audit path go, from the leaf upwards (RFC 6962, 2.1.1).

    ``leaf`` counts from 0. Raises ``ValueError`` for a leaf that is not among ``size``.
    """
    if not 0 <= leaf < size:
        raise ValueError(f"leaf {leaf} is not in a tree of {size}")
    found: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if leaf < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """Over which leaves the hashes go that prove a tree of ``old`` leaves to be the beginning of one of ``new``.

    RFC 6962, 2.1.2. None are needed where the two are equal. Raises ``ValueError`` unless 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError(f"a tree of {old} leaves is not an earlier state of one of {new}")
    found: list[tuple[int, int]] = []
    start, end, is_whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, is_whole = middle, False
    if not is_whole:
        found.append((start, end))
    return found[::-1]


def inclusion_holds(
    leaf: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes, *, by: TreeHash = SHA256
) -> bool:
    """Whether ``proof`` leads from the hash of leaf number ``leaf`` to the root of ``size`` leaves.

    RFC 9162, 2.1.3.2. A proof too long or too short does not.
    """
    if not 0 <= leaf < size:
        return False
    at, last, found = leaf, size - 1, leaf_hash
    for beside in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = by.node(beside, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = by.node(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistency_holds(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes], *, by: TreeHash = SHA256
) -> bool:
    """Whether ``proof`` shows a tree of ``old`` leaves to be the beginning of one of ``new`` (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for beside in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = by.node(beside, before), by.node(beside, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = by.node(after, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: its size and the complete subtrees it consists of, the largest first.

    Enough to go on and to tell the root; 64 hashes at the very most.
    """

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)
    by: TreeHash = SHA256

    def __post_init__(self) -> None:
        if len(self.hashes) != self.size.bit_count():
            raise ValueError(f"{self.size} leaves have {self.size.bit_count()} subtrees, not {len(self.hashes)}")

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
        """Put leaf hashes at the end; returns each subtree this completed as ``(level, index, hash)``, no leaves."""
        completed = []
        for found in leaves:
            level, at, grown = 0, self.size, found
            while at & 1:
                grown = self.by.node(self.hashes.pop(), grown)
                level, at = level + 1, at >> 1
                completed.append((level, at, grown))
            self.hashes.append(grown)
            self.size += 1
        return completed

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return fold(self.hashes, by=self.by) if self.hashes else self.by.of(b"")
