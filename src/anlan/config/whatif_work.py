"""Questions of another policy, worked out in a process of its own behind everything else."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from anlan.config.forecast_night import judging_pool, lock_night, quietly


def questions_apart(*, at: datetime) -> int:
    """Start the work where a question waits, and wait for it; 1 when it was started."""
    from anlan.whatif.jobs import questions_open

    if not questions_open():
        return 0
    subprocess.run([sys.executable, "-m", "anlan.config.whatif_work", str(os.getpid())], check=False)
    return 1


def _work() -> None:
    from django.conf import settings

    from anlan.core.clock import now
    from anlan.whatif.jobs import questions_work

    if lock_night(Path(settings.HOME), "whatif") is not None:
        with judging_pool() as pool:
            questions_work(clock=now, pool=pool)


if __name__ == "__main__":
    quietly(int(sys.argv[1]), _work)
