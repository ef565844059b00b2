"""``anlan …`` with a known fault in it: ``python -m anlan.config.chaos_plant PLANT run --port …``.

It stands in for the real command to show that a rig which kills, cuts or loses a server sees such a thing.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from queue import Queue
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
import django

django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.core import checks  # noqa: E402
from django.db import connections  # noqa: E402

from anlan.assurance.power.rig import PLANT_EARLY, PLANT_NORMAL  # noqa: E402
from anlan.config.cli import main  # noqa: E402
from anlan.core import api, idempotency  # noqa: E402

COMMITS_AFTER_S = 0.15


def told_early() -> None:
    """A command is answered when its work is done, and committed a moment later."""
    lock, as_it_should_be = threading.Lock(), idempotency._acted
    really = idempotency.run_once

    def in_its_time(acted: Callable[..., Any], asked: dict[str, Any]) -> Any:
        # One at a time: the replaced function is the module's, not the call's.
        with lock:
            idempotency._acted = acted
            return really(**asked)

    def answered_first(**asked: Any) -> Any:
        answer: Queue[Any] = Queue()

        def acted(row: Any, act: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
            done = as_it_should_be(row, act)
            answer.put((*done, False))
            time.sleep(COMMITS_AFTER_S)
            return done

        def work() -> None:
            try:
                answer.put(in_its_time(acted, asked))
            except BaseException as problem:
                answer.put(problem)
            finally:
                connections.close_all()

        threading.Thread(target=work, daemon=True).start()
        got = answer.get()
        if isinstance(got, BaseException):
            raise got
        return got

    vars(api)["run_once"] = answered_first


def synced_seldom() -> None:
    """The log is synced at checkpoints alone, as many recipes for SQLite have it; and nobody refuses to serve so."""
    for alias in settings.DATABASES:
        options = connections[alias].settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=NORMAL")
    checks.run_checks = lambda **_: []  # type: ignore[assignment]


PLANTS = {PLANT_EARLY: told_early, PLANT_NORMAL: synced_seldom}


if __name__ == "__main__":
    PLANTS[sys.argv.pop(1)]()
    main()
