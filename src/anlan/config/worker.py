"""Timed work: the clocks' alarms, positions read for arrivals, expiry of what must not be kept."""

from __future__ import annotations

import logging
import os
import signal
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
log = logging.getLogger("anlan.worker")
TICK_S = 5.0


def main() -> None:
    """Tick until told to stop. A tick that fails is logged and tried again at the next."""
    django.setup()
    from django.db import close_old_connections

    from anlan.config.jobs import JOBS
    from anlan.core.clock import now

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    ticks = 0
    while not stop.wait(TICK_S):
        for job, every in JOBS:
            if ticks % every == 0:
                try:
                    job(at=now())
                except Exception:
                    log.exception("job %s failed; it is tried again at the next tick", job.__name__)
                    close_old_connections()
        ticks += 1


if __name__ == "__main__":
    main()
