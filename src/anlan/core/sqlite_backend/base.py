"""SQLite for a command centre: one writer at a time, and a commit that is really on disk.

SQLite's own busy handler sleeps and retries without a queue, so under eight writers the unlucky one
waits a second. A lock held from BEGIN IMMEDIATE to COMMIT makes them stand in line. The same lock is
taken on a file beside the database, so that a command-line import and the server line up as well, and
commits with their automatic checkpoints never meet (the WAL-reset race of SQLite before 3.51.3).
Nobody stands in line for ever: after the store's ``timeout`` a writer is refused with ``StoreBusy``.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base as sqlite3_base

from anlan.core.errors import StoreBusy
from anlan.core.sqlite_backend.stream import Stream

_WRITE_VERBS = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM", "REINDEX")
_WAIT_S = 10.0
_REMEMBERED_CHARS = 4096
_STATEMENTS_HELD = 512
"""Statements each connection keeps read and planned: the pages ask more different ones than the usual 128."""
_LOOK_AGAIN_S, _LOOK_AGAIN_AT_MOST_S = 0.0001, 0.002


class WriterLock:
    """Mutual exclusion of writers, across the threads of this process and across processes.

    Between processes there are two files: who wants to write holds the gate while waiting for the
    writer's place, so that a busy process can't take it again and again before the others' noses.
    """

    _by_path: dict[str, WriterLock] = {}
    _registry = threading.Lock()

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread_lock = threading.Lock()
        self._fds: tuple[int, int] | None = None
        self._pid: int | None = None

    @classmethod
    def of(cls, database: str) -> WriterLock:
        """The one lock of this database in this process."""
        with cls._registry:
            if database not in cls._by_path:
                cls._by_path[database] = cls(database)
            return cls._by_path[database]

    def _files(self) -> tuple[int, int] | None:
        """Gate and writer's place as open files; None for a store in memory."""
        if self._path.startswith("file:") or self._path == ":memory:":
            return None
        if self._fds is None or self._pid != os.getpid():
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            gate, place = (os.open(Path(f"{self._path}-{name}"), flags, 0o600) for name in ("gate", "writer"))
            self._fds, self._pid = (gate, place), os.getpid()
        return self._fds

    def acquire(self, within_s: float = _WAIT_S) -> None:
        """Become the one writer. Raises ``StoreBusy`` after ``within_s`` of waiting at one place."""
        if not self._thread_lock.acquire(timeout=within_s):
            raise StoreBusy(waited_s=within_s)
        try:
            files = self._files()
            if files is not None:
                gate, place = files
                _lock(gate, within_s)
                try:
                    _lock(place, within_s)
                finally:
                    fcntl.flock(gate, fcntl.LOCK_UN)
        except BaseException:
            self._thread_lock.release()
            raise

    def release(self) -> None:
        try:
            if self._fds is not None and self._pid == os.getpid():
                fcntl.flock(self._fds[1], fcntl.LOCK_UN)
        finally:
            self._thread_lock.release()


def _lock(fd: int, within_s: float) -> None:
    """Lock a file, looking again and again: the kernel's own waiting knows no end."""
    pause, waited_s = _LOOK_AGAIN_S, 0.0
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if waited_s >= within_s:
                raise StoreBusy(waited_s=within_s) from None
        time.sleep(pause)
        waited_s += pause
        pause = min(pause * 1.5, _LOOK_AGAIN_AT_MOST_S)


@lru_cache(maxsize=1024)
def _converted(query: str) -> str:
    """The statement with SQLite's own placeholders."""
    return str(sqlite3_base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%"))


class CursorWrapper(sqlite3_base.SQLiteCursorWrapper):
    """A write outside any transaction is a short transaction: it stands in line too."""

    def execute(self, query: str, params: Any = None) -> Any:
        owner = getattr(self.connection, "anlan_owner", None)
        if owner is not None and owner.holds_writer_lock:
            return super().execute(query, params)
        with self._in_line(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self._in_line(query):
            return super().executemany(query, param_list)

    def convert_query(self, query: str, *, param_names: Any = None) -> Any:
        # The writer's statements are few and always the same; the placeholders of each are turned once.
        if param_names is None and len(query) <= _REMEMBERED_CHARS:
            return _converted(query)
        return super().convert_query(query, param_names=param_names)

    def _in_line(self, query: str) -> AbstractContextManager[None]:
        owner = getattr(self.connection, "anlan_owner", None)
        if owner is None or owner.holds_writer_lock or not query.lstrip().upper().startswith(_WRITE_VERBS):
            return nullcontext()
        held: AbstractContextManager[None] = owner.writer_lock_held()
        return held


class _Connection(sqlite3_base.Database.Connection):  # type: ignore[name-defined,misc]
    """Knows the Django wrapper that owns it, so that a cursor can find the lock."""

    anlan_owner: DatabaseWrapper | None = None


class _Held:
    def __init__(self, wrapper: DatabaseWrapper) -> None:
        self.wrapper = wrapper

    def __enter__(self) -> None:
        self.wrapper._take_writer_lock()

    def __exit__(self, *_: object) -> None:
        self.wrapper._drop_writer_lock()


class DatabaseWrapper(sqlite3_base.DatabaseWrapper):
    """Django's SQLite backend with a writer queue and durable settings."""

    holds_writer_lock = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        own = {"factory": _Connection, "cached_statements": _STATEMENTS_HELD}
        connection = super().get_new_connection({**conn_params, **own})
        connection.anlan_owner = self
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=CursorWrapper)

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows a statement gives, as a cursor of this connection would, without the layers in between.

        Only where none of them has anything to do: the line is open, nobody listens in, nothing has gone wrong
        in this transaction, and there is no line of writers to stand in.
        """
        line = self.connection
        is_plain = line is not None and not (self.needs_rollback or self.queries_logged or self.execute_wrappers)
        if not (is_plain and (self.holds_writer_lock or query.startswith("SELECT "))):
            with self.cursor() as cursor:
                cursor.execute(query, values)
                found: list[tuple[Any, ...]] = cursor.fetchall()
                return found
        with self.wrap_database_errors:
            rows: list[tuple[Any, ...]] = line.execute(_converted(query), values).fetchall()
            return rows

    def writer_lock_held(self) -> _Held:
        """Context in which this connection is the one writer."""
        return _Held(self)

    def _take_writer_lock(self) -> None:
        if not self.holds_writer_lock:
            within_s = float(self.settings_dict["OPTIONS"].get("timeout", _WAIT_S))
            name = str(self.settings_dict["NAME"])
            WriterLock.of(name).acquire(within_s)
            self.holds_writer_lock = True
            if (stream := Stream.of(name)) is not None:
                try:
                    stream.before(self.connection)
                except BaseException:
                    self.holds_writer_lock = False
                    WriterLock.of(name).release()
                    raise

    def _drop_writer_lock(self) -> None:
        if self.holds_writer_lock:
            self.holds_writer_lock = False
            name = str(self.settings_dict["NAME"])
            try:
                # Nobody writes on, and nobody is told, before what was committed is with the standby.
                if (stream := Stream.of(name)) is not None:
                    stream.after()
            finally:
                WriterLock.of(name).release()

    def _start_transaction_under_autocommit(self) -> None:
        self._take_writer_lock()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # absent from the stubs
            if (stream := Stream.of(str(self.settings_dict["NAME"]))) is not None:
                stream.begun(self.connection)
        except BaseException:
            self._drop_writer_lock()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            if self.connection is None or not self.connection.in_transaction:
                self._drop_writer_lock()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            if self.connection is None or not self.connection.in_transaction:
                self._drop_writer_lock()

    def close(self) -> None:
        try:
            super().close()
        finally:
            if self.connection is None:
                self._drop_writer_lock()
