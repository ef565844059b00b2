"""Ed25519 (RFC 8032): making the key and the signature of a checkpoint.

Verifying is the business of the offline verifier, which shares no line with this and needs no library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def public_key(seed: bytes) -> bytes:
    """The 32 bytes by which signatures made with ``seed`` (32 secret bytes) are known. Raises ``ValueError``."""
    return _private(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature of ``message``, 64 bytes; the same for the same two arguments. Raises ``ValueError``."""
    return _private(seed).sign(message)


def _private(seed: bytes) -> Ed25519PrivateKey:
    # Loaded where something is signed: a worker does so every few minutes, pages never do.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if len(seed) != 32:
        raise ValueError(f"a key is 32 bytes long, not {len(seed)}")
    return Ed25519PrivateKey.from_private_bytes(seed)
