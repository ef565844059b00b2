"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime

from anlan.equipment import selectors, services


def gates_judge(*, at: datetime) -> int:
    """Judge what doors heard; returns the number of passages."""
    return sum(len(services.passages_judge(gate=gate, at=at)) for gate in selectors.gates_all())


def passages_forget(*, at: datetime) -> int:
    """Delete what doors heard and nothing came of."""
    return services.passages_forget(at=at)
