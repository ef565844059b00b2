"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime

from anlan.units.rules import FIXES_KEPT_FOR
from anlan.units.services import positions_forget


def positions_expire(*, at: datetime) -> int:
    """Forget the history of positions after its time; where a unit was last seen stays."""
    return positions_forget(older_than=at - FIXES_KEPT_FOR, at=at)
