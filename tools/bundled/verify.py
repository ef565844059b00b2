#!/usr/bin/env python3
"""Is this bundle what was signed? One file, nothing but Python 3.8 or later.

    python3 verify.py --key FINGERPRINT [FOLDER]

Says "sound" and ends with 0, or names each file that is wrong and ends with 1. The fingerprint must come by another
way than the bundle: whoever can change the files can change what they say of themselves. Without Python the same is
``openssl pkeyutl -verify -rawin -pubin -inkey release.pub -in SHA256SUMS -sigfile SHA256SUMS.sig`` and
``sha256sum -c SHA256SUMS``.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import sys
from pathlib import Path

SUMS, SIGNATURE, KEY = "SHA256SUMS", "SHA256SUMS.sig", "release.pub"
PREFIX = bytes.fromhex("302a300506032b6570032100")  # of every Ed25519 public key in a PEM file

# Ed25519, verifying only (RFC 8032, 5.1.7). Nothing here is secret, so its time may depend on what it reads.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Sums = "tuple[int, int, int, int]"


def _point(text: bytes) -> tuple[int, int] | None:
    """The point of 32 bytes; None where they are none."""
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y


def _add(a: Sums, b: Sums) -> Sums:
    """Two points as (X, Y, Z, T), x = X/Z, y = Y/Z, xy = T/Z: nothing is divided (RFC 8032, 5.1.4)."""
    c, d = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    e, f = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    h, j, k, m = d - c, f - e, f + e, d + c
    return h * j % P, k * m % P, j * k % P, h * m % P


def _times(n: int, point: tuple[int, int]) -> Sums:
    total, a = (0, 1, 1, 0), (*point, 1, point[0] * point[1] % P)
    while n:
        if n & 1:
            total = _add(total, a)
        a, n = _add(a, a), n >> 1
    return total


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) is that of ``message`` under the public ``key`` (32 bytes)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, r, s = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    base = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    if public is None or r is None or base is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = _times(s, base), _add(_times(1, r), _times(k, public))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def key_read(text: str) -> bytes:
    """The 32 bytes of a public key in PEM; empty where it is none."""
    try:
        raw = base64.b64decode("".join(line for line in text.split() if "-" not in line and len(line) > 20))
    except ValueError:
        return b""
    return raw[len(PREFIX) :] if raw.startswith(PREFIX) and len(raw) == 44 else b""


def fingerprint(key: bytes) -> str:
    """By what people know a key: the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key).hexdigest()


def problems(folder: Path, wanted: str) -> list[str]:
    """What is wrong with a bundle, in both languages; nothing where it is what the key ``wanted`` signed."""
    lacking = [name for name in (SUMS, SIGNATURE, KEY) if not (folder / name).is_file()]
    if lacking:
        return [f"缺少文件 / missing: {name}" for name in lacking]
    key = key_read((folder / KEY).read_text(encoding="ascii", errors="replace"))
    if fingerprint(key) != wanted.replace(":", "").replace(" ", "").lower():
        return [f"签名公钥不是指定的那一个 / signed by another key: {fingerprint(key)}"]
    sums = (folder / SUMS).read_bytes()
    if not signature_holds(key, sums, (folder / SIGNATURE).read_bytes()):
        return [f"签名无效 / the signature does not hold: {SIGNATURE}"]
    listed = dict(line.split("  ", 1)[::-1] for line in sums.decode().splitlines())
    wrong = []
    for name, digest in sorted(listed.items()):
        path = folder / name
        if not path.is_file() or path.is_symlink():
            wrong.append(f"缺少文件 / missing: {name}")
        elif _digest(path) != digest:
            wrong.append(f"内容被改动 / changed: {name}")
    there = {os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names}
    more = sorted(there - set(listed) - {SUMS, SIGNATURE, KEY})
    return [*wrong, *(f"清单之外的文件 / not on the list: {name}" for name in more)]


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--key", required=True, help="the fingerprint of the key that must have signed")
    options = parser.parse_args()
    wrong = problems(options.folder, options.key)
    print(*wrong or ["完好 / sound"], sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
