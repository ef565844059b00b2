"""How long somebody waits who can't say their password."""

from __future__ import annotations

from datetime import timedelta

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=12)
"""So long after the last wrong try the count begins anew."""


def wait_after(failures: int) -> timedelta:
    """The wait after the n-th wrong try in a row: none for the first four, then 30 s, doubling to 15 min."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings: int = min(failures - FREE_TRIES, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
