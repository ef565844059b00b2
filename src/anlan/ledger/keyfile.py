"""The secret half of the signing key: a file only its owner can read, outside the store and its backups."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from anlan.engines.ledger import Key, public_key


def key_read_or_make(path: Path) -> bytes:
    """The 32 secret bytes in ``path``; made when there is no such file, once even if two ask at the same time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        _write(draft, secrets.token_bytes(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return key_read(path)


def key_read(path: Path) -> bytes:
    """The secret bytes; ``FileNotFoundError`` or ``ValueError`` where there are none."""
    return base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)


def key_put(path: Path, seed: bytes) -> None:
    """Put another key in the place of the one that is there; after a crash one of the two is there whole."""
    draft = path.with_name(f"{path.name}.new")
    _write(draft, seed)
    os.replace(draft, path)


def _write(path: Path, seed: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(seed).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())


def key_of(seed: bytes) -> Key:
    """The public key of a secret one, named by its own first bytes."""
    public = public_key(seed)
    return Key(f"anlan/{public[:4].hex()}", public)
