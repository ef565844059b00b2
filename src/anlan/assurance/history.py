"""What clients sent and what they were told, as lines of JSON that outlive whoever wrote them.

A line is written when something is sent and another when an answer came. Sent without an answer, or answered
with a server's failure, is *unknown*: it may have taken effect or not, and must not be taken for either.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

CALL, SEND, POSITIONS, PROBE, GAUGE = "call", "send", "positions", "probe", "gauge"
MARK_OPEN, MARK_CLOSE = "【记", "】"
"""Around the key in the words of a command, so that the store's rows can be matched with what was sent."""


def marked(words: str, key: str) -> str:
    """``words`` with the key by which their row is found again."""
    return f"{words}{MARK_OPEN}{key}{MARK_CLOSE}"


def mark_in(words: str) -> str | None:
    """The key in a row's words; None where nobody marked it."""
    _head, found, tail = words.rpartition(MARK_OPEN)
    return tail.partition(MARK_CLOSE)[0] if found else None


@dataclass
class Entry:
    """One command under one key: what was sent, and each attempt's answer (None: no answer came)."""

    kind: str
    key: str
    sent: dict[str, Any]
    statuses: list[int | None] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    is_waiting: bool = False

    @property
    def outcome(self) -> str:
        """``acknowledged``, ``refused`` or ``unknown``; what was acknowledged once stays so."""
        answers = [*self.statuses, *([None] if self.is_waiting else [])]
        if any(status is not None and 200 <= status < 300 for status in answers):
            return "acknowledged"
        last = answers[-1] if answers else None
        return "refused" if last is not None and 400 <= last < 500 else "unknown"

    @property
    def was_unknown(self) -> bool:
        """Whether any attempt ended without a definite answer."""
        return self.is_waiting or any(status is None or status >= 500 for status in self.statuses)


@dataclass
class History:
    """All entries by kind and key, in the order of sending; ``gauges`` are readings of the server itself."""

    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    gauges: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.kind == kind]

    def unanswered(self) -> list[Entry]:
        """What has to be sent again to learn what became of it."""
        return [entry for entry in self.entries.values() if entry.outcome == "unknown" and entry.kind != PROBE]

    def canaries(self) -> set[str]:
        """What callers said of themselves: it may stand nowhere but in its own protected place."""
        found = {str(entry.sent.get(name, "")) for entry in self.of(CALL) for name in ("reporter_phone",)}
        return found - {""}

    def take(self, line: Mapping[str, Any]) -> None:
        """Apply one line."""
        if line["line"] == GAUGE:
            self.gauges.append(dict(line["read"]))
            return
        place = (line["kind"], line["key"])
        if line["line"] == "sent":
            entry = self.entries.setdefault(place, Entry(line["kind"], line["key"], line["sent"]))
            if entry.is_waiting:
                entry.statuses.append(None)
            entry.is_waiting = True
            return
        entry = self.entries[place]
        entry.is_waiting = False
        entry.statuses.append(line["status"])
        if line["status"] is not None and 200 <= line["status"] < 300 and entry.answer is None:
            entry.answer = line["answer"]

    @classmethod
    def read(cls, path: Path) -> History:
        """The history of a file; a last line cut off by a kill is left out."""
        history = cls()
        for line in _lines(path.read_text(encoding="utf-8").splitlines()):
            history.take(line)
        return history


def _lines(texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    for text in texts:
        try:
            line = json.loads(text)
        except ValueError:
            continue
        yield line


class Recorder:
    """Writes a history and holds it at the same time; safe for several threads."""

    def __init__(self, path: Path | None = None) -> None:
        self.history = History()
        self._lock = threading.Lock()
        self._out: IO[str] | None = path.open("a", encoding="utf-8", buffering=1) if path else None

    def sent(self, kind: str, key: str, sent: dict[str, Any]) -> None:
        """About to be sent (again)."""
        self._write({"line": "sent", "kind": kind, "key": key, "sent": sent})

    def told(self, kind: str, key: str, status: int | None, answer: Any = None) -> None:
        """The answer, or None where the line broke first."""
        self._write({"line": "told", "kind": kind, "key": key, "status": status, "answer": answer})

    def gauge(self, **read: Any) -> None:
        """A reading of the server: memory, open files, length of its log."""
        self._write({"line": GAUGE, "read": read})

    def copy(self) -> History:
        """The history as it is now, whoever writes on meanwhile."""
        with self._lock:
            return deepcopy(self.history)

    def close(self) -> None:
        if self._out is not None:
            self._out.close()

    def _write(self, line: dict[str, Any]) -> None:
        with self._lock:
            self.history.take(line)
            if self._out is not None:
                self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
