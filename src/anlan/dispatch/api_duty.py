"""JSON doors of the people on duty: timers of units alone on scene, and a desk handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.dispatch import selectors, shapes_duty
from anlan.dispatch.selectors import handover as desks
from anlan.dispatch.services import checkins, handovers
from anlan.intake.selectors import incident_for

router = Router(tags=["duty"])


@router.get("/incidents/{incident_id}/checkins", response=list[dict[str, Any]])
def checkins_of(request: HttpRequest, incident_id: int) -> Any:
    """The timers of units alone at the incident, those that ended too, oldest first."""
    incident = incident_for(actor_of(request, "dispatch.view"), incident_id)
    return [shapes_duty.checkin_out(row) for row in selectors.checkins_of(incident.pk)]


@router.post("/assignments/{assignment_id}/checkin", response={201: dict})
@command("dispatch.checkin_set", status=201)
def checkin_set(
    request: HttpRequest, actor: Actor, at: datetime, assignment_id: int, body: shapes_duty.CheckInIn
) -> Any:
    """Set a timer on a unit on scene, or another interval on the one that runs; with a reason."""
    row = checkins.checkin_set(
        assignment=selectors.assignment_for(actor, assignment_id),
        every=body.every,
        reason=body.reason,
        by=actor,
        at=at,
    )
    return shapes_duty.checkin_out(row)


@router.post("/checkins/{checkin_id}/confirm", response=dict)
@command("dispatch.checkin_confirm")
def checkin_confirm(request: HttpRequest, actor: Actor, at: datetime, checkin_id: int) -> Any:
    """All is well: said by the crew, or by a desk that has spoken with them. The timer counts anew."""
    row = selectors.checkin_for(actor, checkin_id)
    return shapes_duty.checkin_out(checkins.checkin_confirm(checkin=row, by=actor, at=at))


@router.post("/checkins/{checkin_id}/end", response=dict)
@command("dispatch.checkin_set")
def checkin_end(
    request: HttpRequest, actor: Actor, at: datetime, checkin_id: int, body: shapes_duty.CheckInEndIn
) -> Any:
    """End the timer, with a reason."""
    row = selectors.checkin_for(actor, checkin_id)
    return shapes_duty.checkin_out(checkins.checkin_end(checkin=row, reason=body.reason, by=actor, at=at))


@router.get("/desks/{organisation_id}/standing", response=dict)
def standing(request: HttpRequest, organisation_id: int) -> Any:
    """What stands at a desk now - open matters, promises, units out, notices - and the handover being written."""
    desk = desks.desk_for(actor_of(request, "dispatch.handover"), organisation_id)
    written = desks.handover_open_of(desk)
    stood = handovers.stood_of(desks.standing(desk, written, at=now()))
    return {"handover": shapes_duty.handover_out(written) if written else None, "standing": stood}


@router.get("/desks/{organisation_id}/handovers", response=list[dict[str, Any]])
def history(request: HttpRequest, organisation_id: int) -> Any:
    """The handovers that were taken, newest first."""
    desk = desks.desk_for(actor_of(request, "dispatch.handover"), organisation_id)
    return [shapes_duty.handover_out(row) for row in desks.handovers_before(desk)]


@router.get("/handovers/{handover_id}", response=dict)
def handover(request: HttpRequest, handover_id: int) -> Any:
    """One handover: who signed and took it, what stood when it was signed, and the notes of visible matters."""
    actor = actor_of(request, "dispatch.handover")
    row = desks.handover_for(actor, handover_id)
    notes = [shapes_duty.note_out(note) for note in desks.notes_seen(actor, row)]
    return {**shapes_duty.handover_out(row), "stood": row.stood, "notes": notes}


@router.post("/desks/{organisation_id}/handover", response={201: dict})
@command("dispatch.handover", status=201)
def handover_open(request: HttpRequest, actor: Actor, at: datetime, organisation_id: int) -> Any:
    """Begin the handover of a desk; the one being written is given back if there is one."""
    desk = desks.desk_for(actor, organisation_id)
    return shapes_duty.handover_out(handovers.handover_open(organisation=desk, by=actor, at=at))


@router.post("/handovers/{handover_id}/notes", response={201: dict})
@command("dispatch.handover", status=201)
def handover_note(
    request: HttpRequest, actor: Actor, at: datetime, handover_id: int, body: shapes_duty.HandoverNoteIn
) -> Any:
    """What the next shift must know about an incident; an empty note takes the earlier one back."""
    row = handovers.handover_note(
        handover=desks.handover_for(actor, handover_id),
        incident=incident_for(actor, body.incident_id),
        note=body.note,
        by=actor,
        at=at,
    )
    return shapes_duty.note_out(row)


@router.post("/handovers/{handover_id}/sign", response=dict)
@command("dispatch.handover")
def handover_sign(request: HttpRequest, actor: Actor, at: datetime, handover_id: int) -> Any:
    """Who leaves signs off: what stands now is kept with it."""
    row = desks.handover_for(actor, handover_id)
    return shapes_duty.handover_out(handovers.handover_sign(handover=row, by=actor, at=at))


@router.post("/handovers/{handover_id}/reopen", response=dict)
@command("dispatch.handover")
def handover_reopen(request: HttpRequest, actor: Actor, at: datetime, handover_id: int) -> Any:
    """Take the signature back, while nobody has taken the desk."""
    row = desks.handover_for(actor, handover_id)
    return shapes_duty.handover_out(handovers.handover_reopen(handover=row, by=actor, at=at))


@router.post("/handovers/{handover_id}/take", response=dict)
@command("dispatch.handover")
def handover_take(
    request: HttpRequest, actor: Actor, at: datetime, handover_id: int, body: shapes_duty.TakeIn
) -> Any:
    """Who comes has read it and takes the desk in one of their own roles. 409 for who signed off themselves."""
    row = desks.handover_for(actor, handover_id)
    return shapes_duty.handover_out(
        handovers.handover_take(handover=row, role=desks.desk_role(actor.roles, body.role), by=actor, at=at)
    )
