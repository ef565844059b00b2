"""Calls that wait for somebody at the desk."""

from __future__ import annotations

from anlan.core.actor import Actor
from anlan.intake.models import Call, CallBack

WAITING = ("ringing", "answered", "recorded", "abandoned")
# Spelt out for the partial index, as in the queue.
IS_WAITING = '"intake_call"."state" IN ({})'.format(", ".join(f"'{state}'" for state in WAITING))


def calls_waiting(actor: Actor, limit: int = 20) -> list[Call]:
    """Ringing, answered and half-taken calls, longest waiting first."""
    rows = Call.objects.counted_for(actor).extra(where=[IS_WAITING])
    return list(rows.order_by("state_since")[:limit])


def call_backs_due(actor: Actor, limit: int = 20) -> list[CallBack]:
    """Callers to be called back, most overdue first."""
    rows = CallBack.objects.filter(done_at=None).select_related("call").order_by("due_at")
    if not actor.sees_all:
        rows = rows.filter(call__station_id__in=actor.org_ids)
    return list(rows[:limit])
