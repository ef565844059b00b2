"""Whoever listens to a broker in F9: keeps each line once, acknowledges after the commit. Killed without warning.

``python -m anlan.assurance.chaos.broker_listener PORT STORE [early]``; with ``early`` it acknowledges first and
commits a moment later: a fault put in on purpose.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from collections.abc import Sequence
from queue import Queue

from anlan.integrations.mqtt.listen import Broker, Listener, Message

TABLE = "CREATE TABLE IF NOT EXISTS heard (reader TEXT, line TEXT, times INTEGER, PRIMARY KEY (reader, line)) STRICT"
COMMITS_AFTER_S = 0.4


def opened(path: str) -> sqlite3.Connection:
    """The store, with the settings of service: nothing is told before it is on disk."""
    store = sqlite3.connect(path, isolation_level=None, timeout=20, check_same_thread=False)
    for setting in ("journal_mode=WAL", "synchronous=FULL"):
        store.execute(f"PRAGMA {setting}").fetchall()
    store.execute(TABLE)
    return store


def keep(store: sqlite3.Connection, messages: Sequence[Message]) -> None:
    """Each line is there once, however often it came; ``times`` counts how often."""
    rows = [(one.reader, line) for one in messages for line in one.content.decode().splitlines()]
    store.execute("BEGIN IMMEDIATE")
    store.executemany("INSERT INTO heard VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1", rows)
    store.execute("COMMIT")


def main(port: int, path: str, *, early: bool) -> None:
    """Listen until killed."""
    store = opened(path)
    later: Queue[Sequence[Message]] = Queue()

    def in_its_time() -> None:
        while True:
            messages = later.get()
            time.sleep(COMMITS_AFTER_S)
            keep(store, messages)

    if early:
        threading.Thread(target=in_its_time, daemon=True).start()
    taken = later.put if early else lambda messages: keep(store, messages)
    Listener(Broker("127.0.0.1", port, client_id="f9"), taken).run(threading.Event())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], early=sys.argv[3:] == ["early"])
