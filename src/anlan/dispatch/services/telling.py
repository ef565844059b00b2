"""How a step of an assignment is told: one event row, with whom and what it concerns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.dispatch.models import Assignment
from anlan.dispatch.services.following import owners


def assignment_tell(kind: str, assignment: Assignment, *, by: Actor, at: datetime, **data: Any) -> None:
    """Record ``kind`` of an assignment in the transaction of its change, for all whose screens show it."""
    event_record(
        kind,
        subject=assignment,
        by=by,
        at=at,
        incident_id=assignment.incident_id,
        org_ids=owners(assignment.incident, assignment.unit.organisation_id),
        unit=assignment.unit.call_sign,
        unit_id=assignment.unit_id,
        incident=assignment.incident.number,
        **data,
    )
