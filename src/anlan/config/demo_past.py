"""The demo's past brought up to this morning and its first forecasts, in a process of its own after the start.

The pages stand at once and fill by themselves: nobody waits for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from anlan.config.forecast_night import judging_pool, lock_night, quietly

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")


def past_start(home: Path, seed: int) -> subprocess.Popen[bytes] | None:
    """Start the work; it holds the lock of the night, so that no forecast is made from half a past."""
    lock = lock_night(home)
    if lock is None:
        return None
    command = [sys.executable, "-m", "anlan.config.demo_past", str(os.getpid()), str(seed)]
    started = subprocess.Popen(command, pass_fds=(lock,))
    os.close(lock)
    return started


def main(parent: int, seed: int) -> None:
    """The days since the past was made, then the forecasts that are due."""
    quietly(parent, lambda: _work(seed))


def _work(seed: int) -> None:
    from django.conf import settings

    from anlan.core.clock import now
    from anlan.drills.demo_past import past_follow
    from anlan.engines.county.generate import county_generate
    from anlan.forecasting.jobs import forecasts_tick

    past_follow(county_generate(seed), seed=seed, at=now())
    if settings.FORECASTS:
        with judging_pool() as pool:
            forecasts_tick(at=now(), pool=pool)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
