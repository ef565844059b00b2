"""Signatures against the vectors of RFC 8032, and against the verifier that shares no line with them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.ledger import Checkpoint, Key, digits, digits_written_well, leaf_bytes, public_key, sign
from anlan.ledger.offline.anlan_verify import ORDER, key_read, note_fault, note_read, signature_holds, sm3

VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
SEED = bytes(range(32))
KEY = Key("anlan/test", public_key(SEED))
NOTE = Checkpoint("anlan/test", 7, b"\x05" * 32, "sha256", "2026-11-22T02:00:00Z").signed(
    KEY, lambda m: sign(SEED, m)
)


@pytest.mark.parametrize(("seed", "public", "message", "signature"), VECTORS)
def test_keys_and_signatures_are_the_published_ones(seed, public, message, signature):
    assert public_key(bytes.fromhex(seed)).hex() == public
    assert sign(bytes.fromhex(seed), bytes.fromhex(message)).hex() == signature
    assert signature_holds(*map(bytes.fromhex, (public, message, signature)))


@settings(max_examples=15)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=80), at=st.integers(0, 511))
def test_a_signature_holds_for_its_message_alone(seed, message, at):
    public, signature = public_key(seed), sign(seed, message)
    assert signature_holds(public, message, signature)
    assert not signature_holds(public, message + b".", signature)
    bent = bytearray(signature)
    bent[at // 8] ^= 1 << at % 8
    assert not signature_holds(public, message, bytes(bent))


def test_the_other_form_of_a_signature_is_refused():
    """Adding the group's order to the number gives an equation that holds as well; the RFC forbids it."""
    signature = sign(SEED, b"x")
    other = int.from_bytes(signature[32:], "little") + ORDER
    assert not signature_holds(KEY.public, b"x", signature[:32] + other.to_bytes(32, "little"))


def test_a_key_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        sign(b"short", b"x")


def test_a_key_handed_over_as_text_is_read_back():
    assert key_read(str(KEY)) == (KEY.name, KEY.id, KEY.public)


def test_a_signed_checkpoint_reads_back_and_holds():
    note = note_read(NOTE)
    assert (note["origin"], note["size"], note["root"]) == ("anlan/test", 7, b"\x05" * 32)
    assert not note_fault(note, key_read(str(KEY)))
    stranger = Key("anlan/test", public_key(b"\x01" * 32))
    assert note_fault(note, key_read(str(stranger)))


def test_one_digit_written_wrongly_into_the_book_is_noticed():
    written = digits(NOTE)
    assert [len(group) for group in written.split()] == [4] * 7
    assert digits_written_well(written)
    for place, sign_ in enumerate(written):
        if sign_ != " ":
            wrong = written[:place] + str((int(sign_) + 1) % 10) + written[place + 1 :]
            assert not digits_written_well(wrong)
    assert not digits_written_well(written[:-1])


def test_the_verifiers_own_sm3_is_the_standards():
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_a_row_is_written_down_in_one_way_and_on_one_line():
    assert leaf_bytes({"b": 1, "a": "安澜"}) == leaf_bytes({"a": "安澜", "b": 1}) == '{"a":"安澜","b":1}'.encode()
    assert b"\n" not in leaf_bytes({"a": "one\ntwo\u2028three"})
    assert leaf_bytes({"a": "\ud83d"}) == b'{"a":"\\ud83d"}'
    with pytest.raises(ValueError, match="float"):
        leaf_bytes({"a": float("nan")})
