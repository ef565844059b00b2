"""Carrying each commit to a standby before anybody is told of it.

Who commits holds the writer's lock and has just appended frames to the log (the WAL). Before the lock is given
free those frames go to the standby, which writes them behind what it has, syncs, and says how far it holds. They go
by themselves, whatever statement made them. In ``sync`` mode nobody is answered, and nothing more is written, until
the standby has said so; in ``async`` mode the centre goes on alone where it does not answer at once, and says so.
Each store of a home has a stream of its own: positions never wait for calls, nor calls for positions.

An *epoch*, a number that a take-over raises, stands in the store itself (``user_version``): a standby that was taken
over has a higher one and takes nothing from the old machine, and that one writes nothing any more once it has heard.
Docs: docs/decisions/standby.md.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from anlan.core.clock import now
from anlan.core.sqlite_backend.errors import Replaced, StandbySilent, StandbyUnsure
from anlan.core.sqlite_backend.notes import (
    ASYNC,
    STATE,
    STORES,
    SYNC,
    alone_note,
    behind,
    frames_read,
    heard_note,
    log_end,
    replaced_note,
    stream_state,
)
from anlan.core.sqlite_backend.sealed import LineBroken, SealedLine
from anlan.core.sqlite_backend.whole import Filling

CONNECT_S, ANSWER_S, ANSWER_ASYNC_S = 1.0, 3.0, 0.5
FILL_ANSWER_S = 120.0
"""A part of a whole copy is on a slow disk after a while; nobody's call waits for that."""
TRY_AGAIN_S = 2.0
"""A standby that did not answer is not asked again by every caller: each would wait for it."""
FRAMES_AT_ONCE = 4096


def _put(note: Path, told: dict[str, Any]) -> None:
    draft = note.with_name(f"{note.name}.{os.getpid()}")
    draft.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    draft.replace(note)


def _read(told: Path) -> dict[str, Any]:
    read = json.loads(told.read_text(encoding="utf-8"))
    key = Path(settings.STANDBY_KEY_FILE).read_bytes().strip()
    return {"address": read["address"], "is_sync": read["mode"] == SYNC, "key": key}


class NeedsWhole(LineBroken):
    """The standby lacks something that stands in no log any more: it is given a whole copy, or stays behind."""


class Stream:
    """The way of one store to its standby, in one process. Every method is called by who holds the writer's lock."""

    _by_store: dict[str, tuple[int, Stream | None]] = {}

    def __init__(
        self,
        store: str,
        *,
        address: str,
        is_sync: bool,
        key: bytes,
        clock: Callable[[], datetime] = now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._ticks = clock, ticks
        host, _, port = address.rpartition(":")
        self.store, self.address, self.is_sync, self.key = store, (host.strip("[]"), int(port)), is_sync, key
        self._line: SealedLine | None = None
        self._pid = 0
        self._not_before = 0.0
        self._held: tuple[bytes, int] = (b"", 0)
        self._epoch = -1
        self.needs_whole = False
        """Whether the last carrying ended because of that."""

    @classmethod
    def of(cls, store: str, *, even_alone: bool = False) -> Stream | None:
        """The stream of a store; None where it has no standby, or (unless ``even_alone``) goes on without it.

        What was agreed on is read again when it was written anew: a running centre begins to stream without a start.
        """
        # Programs that open a store under settings of their own name no such file.
        told: Path | None = getattr(settings, "STANDBY_FILE", None)
        if told is None or Path(store).name not in STORES or Path(store).parent != told.parent:
            return None
        try:
            written = told.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        known = cls._by_store.get(store)
        if known is None or known[0] != written:
            known = cls._by_store[store] = (written, cls(store, **_read(told)))
        return None if not even_alone and alone_note(store).exists() else known[1]

    @property
    def epoch(self) -> int:
        """Under which this process writes; -1 before it has read it."""
        return self._epoch

    def before(self, connection: Any) -> None:
        """Before anything is written. Raises ``Replaced``, and ``StandbySilent`` where a commit is on its way yet."""
        self.fence_ask()
        if self._epoch < 0:
            self._epoch = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if self.is_sync and self._is_behind() and not self._carried():
            raise StandbySilent(since=self._since())

    def begun(self, connection: Any) -> None:
        """The first thing in a transaction: the store's epoch must be the one this process began under."""
        if int(connection.execute("PRAGMA user_version").fetchone()[0]) != self._epoch:
            self.fence_ask()
            raise Replaced(at=self._clock(), by="?")

    def after(self) -> None:
        """Something may have been committed. Raises ``StandbyUnsure`` where it can't be said to be kept twice."""
        if self._is_behind() and not self._carried() and self.is_sync:
            raise StandbyUnsure(since=self._since())

    def fence_ask(self) -> None:
        """Raises ``Replaced`` where this machine was told that another has taken over."""
        note = replaced_note(self.store)
        if note.exists():
            told = json.loads(note.read_text(encoding="utf-8"))
            raise Replaced(at=datetime.fromisoformat(told["at"]), by=told["by"])

    def _is_behind(self) -> bool:
        return log_end(self.store).is_at not in (self._held_by_all(), (b"", 0))

    def _held_by_all(self) -> tuple[bytes, int]:
        """What the standby holds, as whoever carried last has written it down for all processes."""
        try:
            with open(f"{self.store}-standby", "rb") as state:
                salt, frames, _is_up, _at = STATE.unpack(state.read(STATE.size))
                return salt, frames
        except (FileNotFoundError, struct.error):
            return b"", 0

    def _note(self, held: tuple[bytes, int], *, is_up: bool) -> None:
        descriptor = os.open(f"{self.store}-standby", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, STATE.pack(held[0].ljust(8, b"\0"), held[1], is_up, self._clock().timestamp()), 0)
        finally:
            os.close(descriptor)

    def _since(self) -> datetime:
        state = stream_state(self.store)
        return state.at if state else self._clock()

    def _carried(self) -> bool:
        """Bring the standby up to the end of the log; whether it holds that now."""
        if self._ticks() < self._not_before:
            return False
        was_open = self._line is not None and self._pid == os.getpid()
        try:
            try:
                self._carry()
            except LineBroken:
                # The standby may have been started again since: a line that was open tells nothing of it.
                self._line = None
                if not was_open:
                    raise
                self._carry()
        except (LineBroken, OSError) as problem:
            self._line, self._not_before = None, self._ticks() + TRY_AGAIN_S
            self.needs_whole = isinstance(problem, NeedsWhole)
            self._is_down()
            return False
        self._note(self._held, is_up=True)
        return True

    def _carry(self) -> None:
        line = self._open()
        end, (salt, start) = log_end(self.store), self._held
        if salt != end.salt:
            # A new log begins; all that was in the one before must be with the standby.
            if self._lacks_before(end.salt):
                raise NeedsWhole("the log has begun anew since the standby was lost: it needs a whole copy")
            start = 0
        while start < end.frames:
            upto = min(end.frames, start + FRAMES_AT_ONCE)
            head = {"kind": "frames", "salt": end.salt.hex(), "start": start, "upto": upto, "page": end.page}
            line.send({**self._head, **head}, frames_read(self.store, end, start, upto))
            start = self._told(line)

    def _lacks_before(self, salt: bytes) -> bool:
        """Whether the standby may lack something of the log before the one with ``salt``."""
        noted, held = self._held_by_all(), self._held
        if not self._is_up() or noted[0] == salt:
            return noted != (salt, 0)
        # What it said it held it may have lost: where it does not sync each commit, with its power.
        return noted[1] > 0 and (held[0] != noted[0] or held[1] < noted[1])

    @property
    def _head(self) -> dict[str, Any]:
        return {"epoch": self._epoch, "store": Path(self.store).name}

    def _is_down(self) -> None:
        """Write down, the first time, up to where in which log the standby holds everything."""
        if stream_state(self.store) is None:
            self._note((b"", 0), is_up=False)
        elif self._is_up():
            end, held = log_end(self.store), self._held_by_all()
            self._note(held if held[0] == end.salt else (end.salt, 0), is_up=False)

    def _told(self, line: SealedLine) -> int:
        """What the standby says it holds. Raises ``Replaced``, or ``LineBroken`` where it lacks what lies between."""
        told, _ = line.hear()
        self.heed(told)
        if told.get("lacks"):
            raise NeedsWhole("the standby lacks what lies between: it needs a whole copy")
        self._held = (bytes.fromhex(told["salt"]), told["frames"])
        return self._held[1]

    def heed(self, told: dict[str, Any]) -> None:
        """Raises ``Replaced`` where the standby answers that it has taken over."""
        if told.get("replaced"):
            note = replaced_note(self.store)
            _put(note, told["replaced"])
            self.fence_ask()

    def _is_up(self) -> bool:
        state = stream_state(self.store)
        return state is not None and state.is_up

    def line_of_its_own(self, *, answer_s: float = ANSWER_S) -> tuple[SealedLine, dict[str, Any]]:
        """A line beside the commits', needing no lock, and what the standby said to the greeting.

        Raises ``Replaced`` and ``LineBroken`` or ``OSError``.
        """
        sock = socket.create_connection(self.address, timeout=CONNECT_S)
        sock.settimeout(answer_s)
        line = SealedLine(sock, self.key, is_caller=True)
        told_of = {"mode": SYNC if self.is_sync else ASYNC, "behind_bytes": behind(self.store)[0]}
        line.send({**self._head, "kind": "hello", **told_of})
        told, _ = line.hear()
        self.heed(told)
        return line, told

    def hear(self, connection: Any) -> bool:
        """Ask the standby how it is though nothing is written, and write down what came of it; whether it answered.

        What the standby lacks is carried now. Called without the lock, which is taken for a moment afterwards.
        Raises ``Replaced``.
        """
        from anlan.core.sqlite_backend.base import WriterLock

        if self._epoch < 0:
            self._epoch = int(connection.execute("PRAGMA user_version").fetchone()[0])
        try:
            line, told = self.line_of_its_own()
            line.close()
        except (LineBroken, OSError):
            told = {}
        lock = WriterLock.of(self.store)
        lock.acquire()
        try:
            if not told:
                self._is_down()
            elif self._is_behind():
                self._not_before = 0.0
                self._carried()
            else:
                self._note(self._held_by_all(), is_up=True)
        finally:
            lock.release()
        if told and "about" in told:
            _put(heard_note(self.store), {"at": self._clock().isoformat(), **told["about"]})
        return bool(told)

    def _open(self) -> SealedLine:
        """The line of this process; a copy of another process's is of no use."""
        if self._line is None or self._pid != os.getpid():
            line, told = self.line_of_its_own(answer_s=ANSWER_S if self.is_sync else ANSWER_ASYNC_S)
            self._held = (bytes.fromhex(told["salt"]), told["frames"])
            self._line, self._pid = line, os.getpid()
        else:
            # Another process may have carried meanwhile.
            self._held = self._held_by_all()
        return self._line

    def begin(self, connection: Any) -> None:
        """At the start of a centre: the standby goes on from what it has, or is given a whole copy.

        Called by who holds the writer's lock. Raises ``Replaced``, and ``LineBroken`` where the standby can't be
        brought up to here.
        """
        self._epoch = int(connection.execute("PRAGMA user_version").fetchone()[0])
        self._not_before = 0.0
        self._open()
        end = log_end(self.store)
        if self._held[1] and self._held[0] == end.salt and self._held[1] <= end.frames:
            self._note(self._held, is_up=True)
            if not self._carried():
                raise LineBroken("the standby took only a part of what it lacks")
            return
        with self.filling(connection) as filling:
            filling.copy()
            filling.end()

    def mend(self, connection: Any) -> bool:
        """Give the standby a whole copy where it was found to need one; whether that was done. Needs no lock.

        Raises ``Replaced``, ``LineBroken`` or ``OSError``.
        """
        if not self.needs_whole:
            return False
        from anlan.core.sqlite_backend.base import WriterLock

        with self.filling(connection) as filling:
            filling.copy()
            lock = WriterLock.of(self.store)
            lock.acquire()
            try:
                filling.end()
            finally:
                lock.release()
        return True

    def filling(self, connection: Any) -> Filling:
        """A whole copy for the standby, made while the centre goes on. Raises ``Replaced`` and ``LineBroken``."""
        if self._epoch < 0:
            self._epoch = int(connection.execute("PRAGMA user_version").fetchone()[0])
        line, _told = self.line_of_its_own(answer_s=FILL_ANSWER_S)
        return Filling(self.store, line, self._head, on_end=self._filled)

    def _filled(self, told: dict[str, Any]) -> None:
        """The standby has a whole copy and the log behind it. Called by who holds the writer's lock."""
        self.heed(told)
        self._held, self._not_before = (bytes.fromhex(told["salt"]), told["frames"]), 0.0
        self._note(self._held, is_up=True)
        self.needs_whole = False


def kept_twice(store: str) -> None:
    """Before an answer is given again that was given to a commit before: is that with the standby by now?

    Raises ``StandbyUnsure``.
    """
    from anlan.core.sqlite_backend.base import WriterLock

    stream = Stream.of(store)
    if stream is None or not stream.is_sync:
        return
    lock = WriterLock.of(store)
    lock.acquire()
    try:
        stream.fence_ask()
        stream.after()
    finally:
        lock.release()
