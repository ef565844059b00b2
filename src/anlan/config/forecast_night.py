"""The night's forecast in a process of its own, behind everything else: the clocks must not wait for it."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
LEAST_URGENT = 19
AGAIN = timedelta(hours=1)
LOOK_S = 2.0
_not_before: list[datetime] = []


def forecasts_apart(*, at: datetime) -> int:
    """Start the night's work where there is some, and wait for it; 1 when it was started.

    What it could not do (too short a record, a day with a hole) is looked at again an hour later.
    """
    from django.conf import settings

    from anlan.forecasting.jobs import forecasts_due

    if not settings.FORECASTS or (_not_before and at < _not_before[0]) or not forecasts_due(at=at):
        return 0
    subprocess.run([sys.executable, "-m", "anlan.config.forecast_night", str(os.getpid())], check=False)
    _not_before[:] = [at + AGAIN]
    return 1


def lock_night(home: Path, name: str = "forecast-night") -> int | None:
    """Take the night's work for this process and those it hands the lock on to; None where another does it.

    The lock ends with the last process that holds it, however that ends.
    """
    lock = os.open(home / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def judging_pool() -> ProcessPoolExecutor:
    """Two processes as little urgent as this one, for models that are judged side by side."""
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


def quietly(parent: int, work: Callable[[], object]) -> None:
    """Do a piece of work with the least urgency, and not without the process that asked for it."""
    os.nice(LEAST_URGENT)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    django.setup()
    work()


def main(parent: int) -> None:
    """Do what is due once, unless another process is at it."""
    quietly(parent, _work)


def _work() -> None:
    from django.conf import settings

    from anlan.core.clock import now
    from anlan.forecasting.jobs import forecasts_tick

    if lock_night(Path(settings.HOME)) is not None:
        with judging_pool() as pool:
            forecasts_tick(at=now(), pool=pool)


def _end_with(parent: int) -> None:
    # Each write is one transaction: to end between two of them leaves nothing half done.
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
