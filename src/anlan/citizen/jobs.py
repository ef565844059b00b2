"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime

from anlan.citizen import services


def citizen_words_erase(*, at: datetime) -> int:
    """Empty citizens' words where the matter's own are erased."""
    return services.words_erase(at=at)
