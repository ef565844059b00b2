"""Timed work: the clocks' alarms, positions read for arrivals, expiry of what must not be kept."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
log = logging.getLogger("anlan.worker")
TICK_S = 5.0


def main() -> None:
    """Tick until told to stop. A tick that fails is logged and tried again at the next."""
    django.setup()
    from anlan.config.jobs import BESIDE, JOBS

    # What was loaded stays for good: no tick searches it for what is no longer wanted.
    gc.collect()
    gc.freeze()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for jobs in BESIDE:
        # A daemon: a stop does not wait for somebody else's machine to answer.
        threading.Thread(target=_tick, args=(stop, jobs), daemon=True).start()
    _tick(stop, JOBS)


def _tick(stop: threading.Event, jobs: Sequence[tuple[Callable[..., Any], int]]) -> None:
    from django.db import close_old_connections

    from anlan.core.clock import now

    ticks = 0
    while not stop.wait(TICK_S):
        for job, every in jobs:
            if ticks % every == 0:
                try:
                    job(at=now())
                except Exception:
                    log.exception("job %s failed; it is tried again at the next tick", job.__name__)
                    close_old_connections()
        ticks += 1


if __name__ == "__main__":
    main()
