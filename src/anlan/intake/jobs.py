"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from anlan.intake.rules import KEPT_FOR
from anlan.intake.services.reporters import reporters_erase
from anlan.intake.services.retention import contents_erase

NIGHT_HOURS = range(2, 5)
A_NIGHT_AT_MOST = 20_000


def reporters_expire(*, at: datetime) -> int:
    """Erase who called, wherever the time for keeping it is over; returns how many."""
    erased = 0
    while batch := reporters_erase(at=at):
        erased += batch
    return erased


def kept_for() -> dict[str, timedelta]:
    """How long each class of matter keeps its words here: the rule, or what the settings say instead."""
    return {key: timedelta(days=settings.KEEP_DAYS.get(key, term.days)) for key, term in KEPT_FOR.items()}


def contents_expire(*, at: datetime, at_any_hour: bool = False) -> int:
    """Erase words and exact places whose term is over; by night only, in small batches. Returns how many.

    Told again it goes on where it stopped.
    """
    if not at_any_hour and timezone.localtime(at).hour not in NIGHT_HOURS:
        return 0
    erased = 0
    while erased < A_NIGHT_AT_MOST and (batch := contents_erase(at=at, kept_for=kept_for())):
        erased += batch
    return erased
