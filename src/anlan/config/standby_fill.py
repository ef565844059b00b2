"""Giving the second machine a whole copy while the centre runs."""

from __future__ import annotations

from contextlib import ExitStack

from django.db import connections

from anlan.core.sqlite_backend.base import WriterLock
from anlan.core.sqlite_backend.notes import alone_note
from anlan.core.sqlite_backend.second import store_here
from anlan.core.sqlite_backend.stream import Stream


class NoSecond(Exception):
    """No second machine was agreed on for this home."""


def standby_fill() -> int:
    """Send a whole copy of each store of this home; returns its bytes. Writers wait for the logs' last part alone.

    Where the centre went on alone, it does not from then on. Raises ``NoSecond``, ``Replaced``, ``LineBroken`` or
    ``OSError``.
    """
    size = 0
    with ExitStack() as held:
        fillings, locks = [], []
        for connection in connections.all():
            stream = Stream.of(str(connection.settings_dict["NAME"]), even_alone=True)
            if stream is None:
                raise NoSecond("anlan standby use HOST:PORT")
            connection.ensure_connection()
            fillings.append(held.enter_context(stream.filling(connection.connection)))
            locks.append(WriterLock.of(stream.store))
        for filling in fillings:
            size += filling.copy()
        for lock in locks:
            # In the order in which a command would want them; all, or what is committed in between would be nowhere.
            lock.acquire()
            held.callback(lock.release)
        for filling in fillings:
            filling.end()
        alone_note(store_here()).unlink(missing_ok=True)
    return size
