"""The hash tree against the vectors of RFC 6962's own test log, and its proofs against every tree of its size."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.ledger import (
    SHA256,
    Frontier,
    TreeHash,
    consistency_holds,
    consistency_ranges,
    inclusion_holds,
    inclusion_ranges,
    range_hash,
)

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
)
PATHS = {  # (leaf, size): the audit path of the published log
    (0, 1): (),
    (0, 8): (A, B, C),
    (5, 8): (D, E, ROOTS[3]),
    (2, 3): (ROOTS[1],),
    (1, 5): (ROOTS[0], B, D),
}
HISTORIES = {
    (1, 1): (),
    (1, 8): (A, B, C),
    (6, 8): ("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", E, ROOTS[3]),
    (2, 5): (B, D),
}


def leaves(count: int, by: TreeHash = SHA256) -> list[bytes]:
    return [by.leaf(INPUTS[n] if n < 8 else n.to_bytes(2, "big")) for n in range(count)]


def span_of(hashes: list[bytes], by: TreeHash = SHA256):
    """Subtrees computed the slow way, by the definition."""

    def span(level: int, index: int) -> bytes:
        if level == 0:
            return hashes[index]
        return by.node(span(level - 1, 2 * index), span(level - 1, 2 * index + 1))

    return span


def proof_hex(ranges, count: int) -> list[str]:
    span = span_of(leaves(count))
    return [range_hash(start, end, span).hex() for start, end in ranges]


def test_the_empty_tree_is_the_hash_of_nothing():
    assert Frontier().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert range_hash(0, 0, span_of([])) == Frontier().root()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_the_published_ones(size):
    tree = Frontier()
    tree.extend(leaves(size))
    assert tree.root().hex() == ROOTS[size - 1] == range_hash(0, size, span_of(leaves(size))).hex()


@pytest.mark.parametrize(("leaf", "size"), PATHS)
def test_audit_paths_are_the_published_ones(leaf, size):
    assert proof_hex(inclusion_ranges(leaf, size), size) == list(PATHS[leaf, size])


@pytest.mark.parametrize(("old", "new"), HISTORIES)
def test_consistency_proofs_are_the_published_ones(old, new):
    assert proof_hex(consistency_ranges(old, new), new) == list(HISTORIES[old, new])


@given(size=st.integers(1, 70), data=st.data())
def test_a_path_proves_its_leaf_and_no_other(size, data):
    hashes = leaves(size)
    leaf = data.draw(st.integers(0, size - 1))
    root = range_hash(0, size, span_of(hashes))
    proof = [range_hash(a, b, span_of(hashes)) for a, b in inclusion_ranges(leaf, size)]
    assert inclusion_holds(leaf, size, hashes[leaf], proof, root)
    assert not inclusion_holds(leaf, size, SHA256.leaf(b"another"), proof, root)
    assert not inclusion_holds(leaf, size, hashes[leaf], [*proof, root], root)
    assert not proof or not inclusion_holds(leaf, size, hashes[leaf], proof[:-1], root)
    other = data.draw(st.integers(0, size - 1))
    assert other == leaf or not inclusion_holds(other, size, hashes[leaf], proof, root)


@given(new=st.integers(1, 70), data=st.data())
def test_a_history_that_was_rewritten_has_no_consistency_proof(new, data):
    hashes = leaves(new)
    old = data.draw(st.integers(1, new))
    roots = [range_hash(0, size, span_of(hashes)) for size in (old, new)]
    proof = [range_hash(a, b, span_of(hashes)) for a, b in consistency_ranges(old, new)]
    assert consistency_holds(old, new, *roots, proof)
    assert not consistency_holds(old, new, SHA256.of(b"another"), roots[1], proof)
    changed = list(hashes)
    changed[data.draw(st.integers(0, old - 1))] = SHA256.leaf(b"changed afterwards")
    forged = [range_hash(a, b, span_of(changed)) for a, b in consistency_ranges(old, new)]
    assert not consistency_holds(old, new, roots[0], range_hash(0, new, span_of(changed)), forged)


@given(sizes=st.lists(st.integers(0, 40), max_size=6))
def test_it_does_not_matter_in_how_many_goes_a_tree_grew(sizes):
    hashes, grown, at = leaves(sum(sizes)), Frontier(), 0
    completed = {}
    for size in sizes:
        # Kept and taken up again, as a worker that starts anew does.
        grown = Frontier(grown.size, list(grown.hashes))
        completed |= {(level, index): got for level, index, got in grown.extend(hashes[at : at + size])}
        at += size
    whole = Frontier()
    whole.extend(hashes)
    assert grown.root() == whole.root()
    span = span_of(hashes)
    assert all(span(level, index) == got for (level, index), got in completed.items())
    assert len(completed) == sum(at >> level for level in range(1, 12))


def test_leaf_and_node_can_not_pass_for_each_other():
    left, right = leaves(2)
    assert SHA256.leaf(left + right) != SHA256.node(left, right)


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3")
def test_a_tree_may_be_kept_in_sm3():
    sm3 = TreeHash("sm3")
    assert sm3.of(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    hashes = leaves(5, sm3)
    tree = Frontier(by=sm3)
    tree.extend(hashes)
    assert tree.root() == range_hash(0, 5, span_of(hashes, sm3), by=sm3) != range_hash(0, 5, span_of(leaves(5)))


def test_a_hash_that_is_not_offered_is_refused_and_not_replaced(monkeypatch):
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    for name in ("sm3", "md5"):
        with pytest.raises(ValueError, match=name):
            TreeHash(name)
