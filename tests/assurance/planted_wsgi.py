"""The application with a known fault in it: a command is answered when its work is done, and committed later.

It stands in for the real one to show that the kill harness would see such a thing.
"""

from __future__ import annotations

import threading
import time
from queue import Queue

from anlan.config.wsgi import application as application
from anlan.core import api, idempotency

COMMITS_AFTER_S = 0.15
_as_it_should_be = idempotency._acted


def _answered_first(**asked):
    """``run_once`` that lets its caller go while the transaction is still open."""
    answer: Queue = Queue()

    def acted(row, act):
        done = _as_it_should_be(row, act)
        answer.put((*done, False))
        time.sleep(COMMITS_AFTER_S)
        return done

    def work():
        from django.db import connections

        try:
            result = _run_once(acted, asked)
        except BaseException as problem:
            answer.put(problem)
        else:
            answer.put(result)
        finally:
            connections.close_all()

    threading.Thread(target=work, daemon=True).start()
    got = answer.get()
    if isinstance(got, BaseException):
        raise got
    return got


_lock = threading.Lock()
_really = api.run_once


def _run_once(acted, asked):
    # One at a time: the replaced function is the module's, not the call's.
    with _lock:
        idempotency._acted = acted
        return _really(**asked)


api.run_once = _answered_first
