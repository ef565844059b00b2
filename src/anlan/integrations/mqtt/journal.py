"""What a reader told, written down beside the door before it is sent on: a line that is down loses nothing.

A folder of files, each line one event; a line is on the disk (fsync) before anybody is told that it is kept. The
sender's place is a file of its own, moved after the other side has acknowledged. A power cut leaves at
most a last line that is cut off: it was never told as kept, and is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

PART_BYTES = 1_000_000
PLACE = "sent"
AGAIN = 2_000
"""A broker that is killed may have lost what it had acknowledged: so many lines are told again. What is told twice is
known on the other side. Fewer than go in one message, so that a line that breaks each time still gets on."""


@dataclass(slots=True)
class EdgeJournal:
    """``folder`` is made where it isn't. One writer and one sender at a time."""

    folder: Path
    part_bytes: int = PART_BYTES
    _file: BinaryIO | None = field(default=None)
    _number: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        parts = self._parts()
        # Never on after a line that a power cut may have left half written.
        self._number = (parts[-1] + 1) if parts else 1

    def _parts(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("*.jsonl") if path.stem.isdecimal())

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:09d}.jsonl"

    def append(self, lines: Iterable[str]) -> int:
        """Write lines; they are on the disk when this returns. Gives their number."""
        content = [line.encode() + b"\n" for line in lines]
        if not content:
            return 0
        if self._file is not None and self._file.tell() >= self.part_bytes:
            self._file.close()
            self._file, self._number = None, self._number + 1
        if self._file is None:
            self._file = self._path(self._number).open("ab")
        self._file.write(b"".join(content))
        self._file.flush()
        os.fsync(self._file.fileno())
        return len(content)

    def place(self) -> tuple[int, int]:
        """Part and byte up to which all was acknowledged."""
        try:
            part, at = (self.folder / PLACE).read_text("ascii").split()
            return int(part), int(at)
        except (OSError, ValueError):
            parts = self._parts()
            return (parts[0] if parts else self._number), 0

    def sent(self, place: tuple[int, int]) -> None:
        """All before ``place`` is safe on the other side; parts before the one before it are deleted."""
        beside = self.folder / f"{PLACE}.new"
        with beside.open("w", encoding="ascii") as file:
            file.write(f"{place[0]} {place[1]}")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.folder / PLACE)
        for number in self._parts():
            if number < place[0] - 1:
                self._path(number).unlink(missing_ok=True)

    def before(self, place: tuple[int, int], lines: int = AGAIN) -> tuple[int, int]:
        """Where to begin after a line was down: so many lines before ``place``, in its part or the one before."""
        part, at = place
        seen: list[tuple[int, int]] = []
        for number in (part - 1, part):
            begin = 0
            for line in self._lines(number, 0):
                if (number, begin) >= (part, at):
                    break
                seen.append((number, begin))
                begin += len(line)
        return seen[-lines] if len(seen) >= lines else (seen[0] if seen else place)

    def waiting(self, place: tuple[int, int], at_most: int = 500) -> tuple[list[str], tuple[int, int]]:
        """Whole lines from ``place`` on, and the place after them."""
        part, at = place
        found: list[str] = []
        while len(found) < at_most:
            for line in self._lines(part, at):
                found.append(line.decode(errors="replace").rstrip("\n"))
                at += len(line)
                if len(found) >= at_most:
                    break
            else:
                after = [number for number in self._parts() if number > part]
                if not after:
                    break
                part, at = after[0], 0
        return found, (part, at)

    def _lines(self, part: int, at: int) -> Iterator[bytes]:
        try:
            with self._path(part).open("rb") as file:
                file.seek(at)
                for line in file:
                    if not line.endswith(b"\n"):
                        return
                    yield line
        except FileNotFoundError:
            return

    def close(self) -> None:
        """Close the file that is open."""
        if self._file is not None:
            self._file.close()
            self._file = None
