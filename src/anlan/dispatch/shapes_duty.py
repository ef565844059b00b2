"""JSON shapes of check-in timers and handovers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ninja import Schema

from anlan.dispatch.models import CheckIn, Handover, HandoverNote
from anlan.dispatch.shapes import columns_out

MINUTES_AT_MOST = 10_000
"""What is longer is no interval anybody means; the service names the bound that counts."""


class CheckInIn(Schema):
    """How often the unit is asked whether all is well, and why."""

    minutes: float
    reason: str

    @property
    def every(self) -> timedelta:
        """The interval; not-a-number and the like become one that is refused."""
        return timedelta(minutes=self.minutes if 0 < self.minutes < MINUTES_AT_MOST else 0)


class CheckInEndIn(Schema):
    reason: str


class HandoverNoteIn(Schema):
    incident_id: int
    note: str = ""


class TakeIn(Schema):
    """In which of one's own desk roles; without one, the first."""

    role: str = ""


def checkin_out(row: CheckIn) -> dict[str, Any]:
    """A timer: whom it asks, how often, what is awaited and since when."""
    names = (
        "state", "state_since", "every_s", "is_automatic", "reason", "started_at", "wakes_at", "asked_at",
        "confirmed_at", "ended_at", "end_reason",
    )  # fmt: skip
    ids = {"id": row.pk, "incident_id": row.incident_id, "assignment_id": row.assignment_id, "unit_id": row.unit_id}
    return {**ids, "call_sign": row.unit.call_sign, **columns_out(row, names)}


def handover_out(row: Handover) -> dict[str, Any]:
    """A handover: of which desk, how far it is, who signed off and who took it."""
    names = ("state", "state_since", "opened_at", "signed_at", "taken_at")
    people = {
        side: {"id": person.pk, "name": person.name} if person else None
        for side, person in (("outgoing", row.outgoing), ("incoming", row.incoming))
    }
    return {"id": row.pk, "organisation_id": row.organisation_id, **columns_out(row, names), **people}


def note_out(row: HandoverNote) -> dict[str, Any]:
    """What was noted of an incident for the next shift."""
    ids = {"handover_id": row.handover_id, "incident_id": row.incident_id, "incident": row.incident.number}
    return {**ids, **columns_out(row, ("note", "written_at", "written_by"))}
