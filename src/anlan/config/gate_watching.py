"""The doors are watched by the clock on the wall, in a thread of the worker's own."""

from __future__ import annotations

from datetime import datetime

from anlan.core.clock import now
from anlan.equipment import jobs


def gates_watch(*, at: datetime) -> int:
    """For as long as there are doors; ``at`` only begins it."""
    return jobs.gates_watch(clock=now)
