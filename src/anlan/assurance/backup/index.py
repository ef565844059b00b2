"""What stands beside the copies of a backup: which moment each log reaches, and the digest of each whole copy.

Each line bears a sum of itself and each copy its digest, so that a byte changed on the backup's disk is found when it
is needed and is not taken for a moment or a store that never was.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

INDEX = "index.jsonl"


@dataclass(frozen=True)
class Point:
    """A moment up to which a log was safe."""

    at: datetime
    generation: str
    bytes: int


def point_text(point: Point) -> str:
    """The line of a point, with its sum."""
    told = _told(point)
    return json.dumps({**told, "sum": _sum(told)})


def point_read(text: str) -> Point | None:
    """The point of a line; None for one that was cut or changed. Lines of earlier editions bear no sum."""
    try:
        told = json.loads(text)
        point = Point(datetime.fromisoformat(told["at"]), told["generation"], told["bytes"])
    except (ValueError, KeyError, TypeError):
        return None
    plain = {**_told(point)}
    is_sound = told == plain or told == {**plain, "sum": _sum(plain)}
    return point if is_sound and isinstance(point.bytes, int) else None


def _told(point: Point) -> dict[str, object]:
    return {"at": point.at.isoformat(), "generation": point.generation, "bytes": point.bytes}


def _sum(told: dict[str, object]) -> str:
    return f"{zlib.crc32(json.dumps(told, sort_keys=True).encode()):08x}"


def digest_put(folder: Path, generation: str, copy: Path) -> None:
    """Write down the SHA-256 of a whole copy beside it."""
    (folder / f"{generation}.sha256").write_text(_digest(copy), encoding="ascii")


def digest_holds(folder: Path, generation: str) -> bool:
    """Whether a whole copy is what was written; copies of earlier editions have no digest and are taken so."""
    kept = folder / f"{generation}.sha256"
    return not kept.exists() or kept.read_bytes() == _digest(folder / f"{generation}.sqlite3").encode()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
