"""A line between two machines that share a key: whoever lacks the key can neither read nor write on it.

Each side names a random number at the beginning; from these and the shared key both derive a key for each direction,
and every message is sealed with AES-256-GCM under its running number. So nothing can be read, changed, left out,
reordered, or played again from another connection.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES, KEY_BYTES = 16, 32
MESSAGE_AT_MOST = 256 * 1024**2


class LineBroken(OSError):
    """The line ended, was silent for too long, or said what nobody with the key would say."""


class SealedLine:
    """One connection. ``is_caller`` is who opened it. Raises ``LineBroken`` wherever it can't go on."""

    def __init__(self, sock: socket.socket, key: bytes, *, is_caller: bool) -> None:
        self._sock = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            own = os.urandom(NONCE_BYTES)
            sock.sendall(own)
            theirs = self._read(NONCE_BYTES)
        except OSError as problem:
            self.close()
            raise LineBroken(str(problem)) from problem
        salt = own + theirs if is_caller else theirs + own
        keys = HKDF(SHA256(), 2 * KEY_BYTES, salt, b"anlan standby 1").derive(key)
        ways = [AESGCM(keys[:KEY_BYTES]), AESGCM(keys[KEY_BYTES:])]
        self._out, self._in = ways if is_caller else reversed(ways)
        self._sent = self._heard = 0

    def send(self, head: dict[str, Any], data: bytes = b"") -> None:
        """A message: a few words, and bytes that belong to them."""
        text = json.dumps(head, ensure_ascii=False).encode()
        sealed = self._out.encrypt(_number(self._sent), struct.pack(">I", len(text)) + text + data, None)
        self._sent += 1
        try:
            self._sock.sendall(struct.pack(">I", len(sealed)) + sealed)
        except OSError as problem:
            self.close()
            raise LineBroken(str(problem)) from problem

    def hear(self) -> tuple[dict[str, Any], bytes]:
        """The next message."""
        try:
            (length,) = struct.unpack(">I", self._read(4))
            if length > MESSAGE_AT_MOST:
                raise LineBroken(f"a message of {length} bytes")
            plain = self._in.decrypt(_number(self._heard), self._read(length), None)
        except (OSError, InvalidTag) as problem:
            self.close()
            raise LineBroken(str(problem) or "what came was not sealed with our key") from problem
        self._heard += 1
        (length,) = struct.unpack(">I", plain[:4])
        head: dict[str, Any] = json.loads(plain[4 : 4 + length])
        return head, plain[4 + length :]

    def close(self) -> None:
        self._sock.close()

    def _read(self, length: int) -> bytes:
        got = bytearray()
        while len(got) < length:
            part = self._sock.recv(min(length - len(got), 1 << 20))
            if not part:
                raise LineBroken("the other side ended the line")
            got += part
        return bytes(got)


def _number(count: int) -> bytes:
    return count.to_bytes(12, "big")
