"""What is signed: how many leaves there were, and their root, in a form that other houses' tools read too.

A checkpoint is a signed note as transparency logs use it (C2SP ``tlog-checkpoint`` and ``signed-note``): lines of
text, an empty line, and one line with the signature. Our own lines (hash, time, next key) follow the root.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

ED25519 = b"\x01"
DIGITS, GROUP = 28, 4


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with the name it signs under; ``name`` holds no blank and no plus sign."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature tells its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The form in which a key is handed to who verifies: ``name+id+key``."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a ledger at one instant. ``time`` is ISO 8601 in UTC; ``next_key`` is set by the last of a key."""

    origin: str
    size: int
    root: bytes
    hash: str
    time: str
    next_key: str = ""

    def text(self) -> str:
        """The lines that are signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), f"hash {self.hash}"]
        lines += [f"time {self.time}", *([f"next {self.next_key}"] if self.next_key else [])]
        return "\n".join(lines) + "\n"

    def signed(self, key: Key, sign: Callable[[bytes], bytes]) -> str:
        """The whole note: text, empty line, signature."""
        text = self.text()
        mark = base64.b64encode(key.id + sign(text.encode())).decode()
        return f"{text}\n— {key.name} {mark}\n"


def digits(text: str) -> str:
    """28 digits of a checkpoint's text in groups of four, to be written into a book by hand.

    The first 90 bits of its SHA-256, and a last digit over the others (Luhn) that catches a slip of the pen.
    """
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:12], "big") >> 6
    plain = f"{number % 10 ** (DIGITS - 1):0{DIGITS - 1}d}"
    whole = plain + _luhn(plain)
    return " ".join(whole[start : start + GROUP] for start in range(0, DIGITS, GROUP))


def digits_written_well(written: str) -> bool:
    """Whether a number read from the book can be one: its length and its last digit are right."""
    plain = "".join(sign for sign in written if sign.isdecimal())
    return len(plain) == DIGITS and _luhn(plain[:-1]) == plain[-1]


def _luhn(plain: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(plain)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
