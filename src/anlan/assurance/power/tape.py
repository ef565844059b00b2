"""What reached the files, in order, and the files a power cut at any moment may have left of it.

What was written before the last sync of its file is there. Of what came after, each write may be there, not
be there, or be there in part (the disk writes whole sectors, in any order); so may a change of length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

WRITE, TRUNCATE, SYNC, DELETE, TOLD = "write", "truncate", "sync", "delete", "told"
SECTOR = 512
# How the disk behaved at one cut, with equal chances.
NOTHING, EVERYTHING, SOME, TORN, IN_ORDER = "nothing", "everything", "some", "torn", "in order"
MANNERS = (NOTHING, EVERYTHING, SOME, TORN, IN_ORDER)


@dataclass(frozen=True, slots=True)
class Op:
    """One operation on one file, or what a client was told then (``line`` of its history)."""

    kind: str
    name: str = ""
    offset: int = 0
    data: bytes = b""
    line: dict[str, Any] | None = None


@dataclass
class Tape:
    """Everything in the order it happened."""

    ops: list[Op] = field(default_factory=list)

    def add(self, kind: str, name: str, offset: int = 0, data: bytes = b"") -> None:
        self.ops.append(Op(kind, name, offset, data))

    def told(self, line: dict[str, Any]) -> None:
        """A line of the history: from here on the client knows."""
        self.ops.append(Op(TOLD, line=line))

    @property
    def syncs(self) -> int:
        return sum(op.kind == SYNC for op in self.ops)


@dataclass
class _File:
    synced: bytearray
    pending: list[Op] = field(default_factory=list)
    is_there: bool = True

    def settle(self) -> None:
        """A sync: what was pending is on the disk."""
        for op in self.pending:
            _apply(self.synced, op)
        self.pending.clear()

    def left(self, random: Random, manner: str) -> bytearray | None:
        """What may be left of it; None where the file may be gone."""
        content = bytearray(self.synced)
        reached = random.randint(0, len(self.pending))
        for k, op in enumerate(self.pending):
            if op.kind == DELETE:
                if manner == EVERYTHING or (manner != NOTHING and random.random() < 0.5):
                    return None
            elif (
                manner == EVERYTHING
                or (manner == IN_ORDER and k < reached)
                or (manner in (SOME, TORN) and random.random() < 0.5)
            ):
                _apply(content, op)
            elif manner == TORN and op.kind == WRITE:
                _apply(content, _torn(op, random))
        return content


def _apply(content: bytearray, op: Op) -> None:
    if op.kind == TRUNCATE:
        del content[op.offset :]
        return
    if op.kind != WRITE:
        return
    if len(content) < op.offset:
        content.extend(bytes(op.offset - len(content)))
    content[op.offset : op.offset + len(op.data)] = op.data


def _torn(op: Op, random: Random) -> Op:
    """The first sectors of a write, at least none and never all."""
    sectors = max(1, -(-len(op.data) // SECTOR))
    return Op(WRITE, op.name, op.offset, op.data[: SECTOR * random.randrange(sectors)])


class Disk:
    """Plays a tape forward over the files as they were at its beginning."""

    def __init__(self, tape: Tape, folder: Path) -> None:
        self._ops = tape.ops
        self._files = {str(path): _File(bytearray(path.read_bytes())) for path in folder.iterdir() if _counts(path)}
        self._at = 0

    def play_until(self, index: int) -> Iterator[dict[str, Any]]:
        """Let the first ``index`` operations happen; gives the lines clients were told meanwhile."""
        while self._at < index:
            op = self._ops[self._at]
            self._at += 1
            if op.kind == TOLD:
                assert op.line is not None
                yield op.line
            elif op.kind == SYNC:
                self._files.setdefault(op.name, _File(bytearray())).settle()
            elif not op.name.endswith("-shm"):
                self._files.setdefault(op.name, _File(bytearray())).pending.append(op)

    def cut(self, into: Path, random: Random) -> str:
        """Write what a power cut now may leave into the folder ``into``; returns how the disk behaved."""
        manner = random.choice(MANNERS)
        for name, file in self._files.items():
            target = into / Path(name).name
            content = file.left(random, manner)
            if content is None or (not content and not file.synced):
                target.unlink(missing_ok=True)
            else:
                target.write_bytes(content)
        return manner


def _counts(path: Path) -> bool:
    """Stores and their logs; the index beside a log is made anew after a crash, and locks hold nothing."""
    return path.is_file() and (path.suffix == ".sqlite3" or path.name.endswith("-wal"))
