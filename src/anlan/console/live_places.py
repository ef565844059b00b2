"""A place in the event stream as browsers are told it: where to go on, and nothing of how much was ever written.

Event numbers are drawn one after the other for the whole centre: who read them knew how much happens in organisations
whose events are shut to them. So they leave the server under a secret permutation.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from django.conf import settings

from anlan.core.selectors import Cursor

PART = 6
"""Bytes of each of the two numbers: up to 2.8e14."""
CHECK = bytes(16 - 2 * PART)
"""What remains of AES's block; another text than one of ours has it once in four thousand million times."""


def place_told(place: Cursor) -> str:
    """The place as 22 letters: the same in every process of the centre, alike for nobody who lacks its key.

    A block of AES (FIPS 197) is a permutation of 16 bytes; the two numbers are one such block, no mode is needed.
    Raises ``OverflowError`` beyond 2.8e14 events.
    """
    block = place.txid.to_bytes(PART, "big") + place.id.to_bytes(PART, "big") + CHECK
    told = _cipher(settings.EVENT_HASH_KEY).encryptor().update(block)
    return urlsafe_b64encode(told).rstrip(b"=").decode()


def place_of(told: str) -> Cursor:
    """The place that was told; anything else means from the beginning."""
    try:
        sealed = urlsafe_b64decode(told + "==")
    except ValueError:
        return Cursor()
    if len(sealed) != 16:
        return Cursor()
    block = _cipher(settings.EVENT_HASH_KEY).decryptor().update(sealed)
    numbers, check = block[: 2 * PART], block[2 * PART :]
    if check != CHECK:
        return Cursor()
    return Cursor(int.from_bytes(numbers[:PART], "big"), int.from_bytes(numbers[PART:], "big"))


@lru_cache(maxsize=2)
def _cipher(secret: str) -> Cipher[ECB]:
    return Cipher(AES(sha256(b"places in the stream " + secret.encode()).digest()), ECB())
