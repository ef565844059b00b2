"""JSON shapes of this room."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from ninja import Schema

from anlan.dispatch.clocks import RunningClock
from anlan.dispatch.models import Assignment, Feedback, FieldAttachment, Revisit, WorkOrder
from anlan.dispatch.recommending import LeftOut, RankedUnit, Recommendation
from anlan.dispatch.services import BroadcastSent, JointSent

LEFT_OUT_SHOWN = 200


class SendIn(Schema):
    """A unit to send, with what the recommendation showed when it was chosen."""

    unit_id: int
    part: Literal["", "lead", "support"] = ""
    eta_s: float | None = None
    eta_source: Literal["", "road", "line"] = ""
    travel_s: float | None = None
    eta_p90_s: float | None = None
    fix_age_s: float | None = None
    advised_unit: int | None = None
    advice: Literal["", "quickest", "home", "cover"] = ""
    rank: int | None = None
    reason: str = ""


class ReplaceIn(SendIn):
    """A unit to send in another's place; the reason says why."""

    reason: str


class StepReasonIn(Schema):
    reason: str
    unit_to: Literal["available", "busy"] = "available"


class FinishIn(Schema):
    unit_to: Literal["available", "busy"] = "available"


class SupportIn(Schema):
    units: int = 1
    capabilities: list[str] = []


class BroadcastIn(Schema):
    """A sentence for every unit in the ring, or of an organisation (its code), or both."""

    text: str
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    organisation: str = ""
    urgent: bool = False
    expires_in_s: int = 3600

    @property
    def stands_for(self) -> timedelta:
        return timedelta(seconds=min(max(self.expires_in_s, 0), 10**6))


class FeedbackIn(Schema):
    """The sheet. Only ``result`` is needed; what is left out keeps what the incident has."""

    result: str
    assignment_id: int | None = None
    code: str = ""
    priority: str = ""
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    injuries: int = 0
    loss_band: str = ""
    people_helped: int = 0
    transferred_to: str = ""
    case_number: str = ""
    narrative: str = ""
    tags: dict[str, list[str]] = {}


class NoteIn(Schema):
    note: str = ""


class CloseIn(Schema):
    reason: str = ""


class RouteIn(Schema):
    town_room_id: int | None = None


class SettleIn(Schema):
    result: str = "settled_on_site"


class MoveOnIn(Schema):
    moved_on_to: str
    result: str = "to_mediation_centre"


class RevisitIn(Schema):
    outcome: str
    rating: int | None = None
    note: str = ""


def recommendation_out(found: Recommendation) -> dict[str, Any]:
    """The ranked units and those left out, each with its sentence in the asked language."""
    return {
        "incident_id": found.incident_id,
        "at": found.at,
        "tracks": list(found.tracks),
        "needs": list(found.needs),
        "is_degraded": found.is_degraded,
        "ranked": [_ranked_out(choice) for choice in found.ranked],
        "left_out": [_left_out(row) for row in found.left_out[:LEFT_OUT_SHOWN]],
        "left_out_total": len(found.left_out),
    }


def _ranked_out(choice: RankedUnit) -> dict[str, Any]:
    return {
        "rank": choice.rank,
        "unit_id": choice.unit.id,
        "call_sign": choice.unit.call_sign,
        "track": choice.unit.track,
        "vehicle": choice.unit.vehicle,
        "capabilities": list(choice.unit.capabilities),
        "eta_s": choice.eta_s,
        "eta_p90_s": choice.eta_p90_s,
        "eta_source": choice.eta_source,
        "travel_s": choice.travel_s,
        "fix_age_s": choice.fix_age_s,
        "reason": choice.reason,
    }


def _left_out(row: LeftOut) -> dict[str, Any]:
    return {"unit_id": row.unit.id, "call_sign": row.unit.call_sign, "why": row.why, "reason": row.reason}


def assignment_out(row: Assignment) -> dict[str, Any]:
    """One assignment with its button times and what positions said beside them."""
    names = (
        "part", "state", "state_since", "sent_at", "signed_at", "departed_at", "arrived_at", "reported_at",
        "finished_at", "feedback_at", "reviewed_at", "ended_at", "moved_inferred_at", "arrived_inferred_at",
        "alarmed_at", "reassign_proposed_at", "eta_s", "eta_source", "travel_s", "eta_p90_s", "fix_age_s",
        "advised_unit", "advice", "rank", "reason", "end_reason",
    )  # fmt: skip
    return {
        "id": row.pk,
        "incident_id": row.incident_id,
        "unit_id": row.unit_id,
        "call_sign": row.unit.call_sign,
        **columns_out(row, names),
    }


def order_out(row: WorkOrder) -> dict[str, Any]:
    """A town room's order with its times."""
    names = (
        "state", "state_since", "routed_at", "signed_at", "contacted_at", "assigned_at", "arrived_at",
        "settled_at", "closed_at", "result", "moved_on_to", "bounce_reason", "escalate_reason",
    )  # fmt: skip
    ids = {"id": row.pk, "incident_id": row.incident_id, "town_room_id": row.town_room_id}
    return {**ids, "routed_from_id": row.routed_from_id, **columns_out(row, names)}


def joint_out(sent: JointSent) -> dict[str, Any]:
    """Who goes there together, or why the unit goes alone."""
    return {
        "assignment": assignment_out(sent.assignment),
        "order": order_out(sent.order) if sent.order else None,
        "alone": sent.alone,
        "alone_words": str(sent.alone_words),
    }


def feedback_out(row: Feedback) -> dict[str, Any]:
    """A feedback sheet as it was filed, with its review."""
    names = (
        "code", "priority", "result", "occurred_from", "occurred_to", "injuries", "loss_band", "people_helped",
        "transferred_to", "case_number", "narrative", "filed_at", "review", "reviewed_at", "review_note",
    )  # fmt: skip
    ids = {"id": row.pk, "incident_id": row.incident_id, "assignment_id": row.assignment_id}
    return {**ids, **columns_out(row, names)}


def revisit_out(row: Revisit) -> dict[str, Any]:
    """A revisit with the sum of its deadline."""
    names = ("rule", "probability", "created_at", "due_at", "due_sum", "done_at", "outcome", "rating", "note")
    return {"id": row.pk, "incident_id": row.incident_id, **columns_out(row, names)}


def clock_out(clock: RunningClock) -> dict[str, Any]:
    """A running clock with its state and sum."""
    return {
        "kind": clock.kind,
        "label": clock.label,
        "subject": clock.subject,
        "subject_id": clock.subject_id,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "state": clock.state,
        "sum": clock.total,
    }


def attachment_out(row: FieldAttachment) -> dict[str, Any]:
    """One photo or voice note: what it is and when it came. ``taken_at`` is the phone's own clock."""
    names = ("kind", "media_type", "size_bytes", "duration_s", "taken_at", "received_at", "expires_at", "erased_at")
    return {
        "id": row.pk,
        "incident_id": row.incident_id,
        "assignment_id": row.assignment_id,
        **columns_out(row, names),
    }


def columns_out(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Those columns of a row, moments in their JSON form."""
    values = ((name, getattr(row, name)) for name in names)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values}


def broadcast_out(sent: BroadcastSent) -> dict[str, Any]:
    """Who it was sent to; ``GET /notices/{id}`` tells who has seen it."""
    return {
        "id": sent.notice.pk,
        "text": sent.notice.text,
        "urgent": sent.notice.urgency == "urgent",
        "sent_at": sent.notice.sent_at.isoformat(),
        "expires_at": sent.notice.expires_at.isoformat(),
        "units": [{"id": unit.id, "call_sign": unit.call_sign} for unit in sent.units],
        "without_crew": [unit.call_sign for unit in sent.without_crew],
        "lost": [unit.call_sign for unit in sent.lost],
    }
