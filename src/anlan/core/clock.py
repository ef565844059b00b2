"""The one place that reads the clock. Services never do: they are told the time."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC. For edges only (pages, API, commands, jobs)."""
    return datetime.now(UTC)
