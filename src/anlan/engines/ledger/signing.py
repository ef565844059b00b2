"""Ed25519 after RFC 8032: making the key and the signature of a checkpoint.

Written from the RFC's section 5.1 with Python's own integers. It takes some milliseconds and a time that
depends on the key, which is why it is used for one thing only: a checkpoint every few minutes, made by the worker
and never at somebody's asking. Verifying is the business of the offline verifier, which shares no line with this.
"""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_Point = tuple[int, int, int, int]
"""Extended coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z."""
_BASE: _Point = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
    1,
    15112221349535400772501151409588531511454012693041857206046113283949847762202
    * 46316835694926478169428394003475163141307993866256225615783033603165251855960
    % _P,
)


def public_key(seed: bytes) -> bytes:
    """The 32 bytes by which signatures made with ``seed`` (32 secret bytes) are known. Raises ``ValueError``."""
    return _packed(_times(_secret(seed)[0], _BASE))


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature of ``message``, 64 bytes; the same for the same two arguments. Raises ``ValueError``."""
    scalar, prefix = _secret(seed)
    known = _packed(_times(scalar, _BASE))
    nonce = _number(prefix + message)
    start = _packed(_times(nonce, _BASE))
    end = (nonce + _number(start + known + message) * scalar) % _L
    return start + end.to_bytes(32, "little")


def _secret(seed: bytes) -> tuple[int, bytes]:
    """The scalar, its low and high bits set as the RFC wants them, and what nonces are made from."""
    if len(seed) != 32:
        raise ValueError(f"a key is 32 bytes long, not {len(seed)}")
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    return scalar, digest[32:]


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % _L


def _sum(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    """A ladder: at every bit of the scalar the same two steps."""
    low, high = (0, 1, 1, 0), point
    for place in range(255, -1, -1):
        if scalar >> place & 1:
            low, high = _sum(low, high), _sum(high, high)
        else:
            low, high = _sum(low, low), _sum(low, high)
    return low


def _packed(point: _Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")
