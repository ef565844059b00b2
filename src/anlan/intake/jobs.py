"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime

from anlan.intake.services.reporters import reporters_erase


def reporters_expire(*, at: datetime) -> int:
    """Erase who called, wherever the time for keeping it is over; returns how many."""
    erased = 0
    while batch := reporters_erase(at=at):
        erased += batch
    return erased
