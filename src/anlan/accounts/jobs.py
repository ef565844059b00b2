"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime

from anlan.accounts import services


def glass_words_erase(*, at: datetime) -> int:
    """Empty reasons for looks beyond one's own organisation past their keeping time."""
    return services.glass_words_erase(at=at)
