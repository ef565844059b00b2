"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime

from anlan.notices import services


def notices_tick(*, at: datetime) -> int:
    """Tell the next in line where nobody answered, and end what ran out."""
    return services.notices_tick(at=at)


def notice_words_erase(*, at: datetime) -> int:
    """Empty the words of notices past their keeping time."""
    return services.words_erase(at=at)


def message_addresses_erase(*, at: datetime) -> int:
    """Remove addresses of messages past their keeping time."""
    return services.addresses_erase(at=at)
