"""JSON doors of this room: shapes in, one service, shapes out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.ranges import file_answer
from anlan.dispatch import selectors, services, shapes
from anlan.dispatch.api_duty import router as duty_router
from anlan.dispatch.api_many import router as many_router
from anlan.dispatch.api_plans import router as plans_router
from anlan.dispatch.models import Assignment
from anlan.intake.selectors import incident_for
from anlan.units.selectors import unit_for

router = Router(tags=["dispatch"])
router.add_router("", duty_router)
router.add_router("", plans_router)
router.add_router("", many_router)


@router.get("/incidents/{incident_id}/recommendation", response=dict)
def recommendation(
    request: HttpRequest,
    incident_id: int,
    limit: int = 10,
    track: str = "",
    needs: list[str] = Query([]),  # noqa: B008 - how ninja reads a repeated parameter
) -> Any:
    """Which unit to send, best first, with the reasons of those offered and those left out."""
    incident = incident_for(actor_of(request, "dispatch.recommend"), incident_id)
    found = selectors.recommend(
        incident, at=now(), limit=limit, needs=needs, track=track if track in ("P", "C") else None
    )
    return shapes.recommendation_out(found)


@router.get("/incidents/{incident_id}/assignments", response=list[dict])
def assignments(request: HttpRequest, incident_id: int) -> Any:
    """Everybody ever sent to the incident."""
    incident = incident_for(actor_of(request, "dispatch.view"), incident_id)
    return [shapes.assignment_out(row) for row in selectors.assignments_of(incident.pk)]


@router.get("/incidents/{incident_id}/clocks", response=list[dict])
def clocks(request: HttpRequest, incident_id: int) -> Any:
    """The clocks running on the incident, the most pressing first, each with its sum."""
    incident = incident_for(actor_of(request, "dispatch.view"), incident_id)
    return [shapes.clock_out(clock) for clock in selectors.clocks_of(incident, at=now())]


@router.post("/incidents/{incident_id}/assignments", response={201: dict})
@command("dispatch.send", status=201)
def send(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.SendIn) -> Any:
    """Send a unit. 409 with who has it, since when and whom to take instead, when it can't be had."""
    chosen = body.dict(exclude={"unit_id"})
    row = services.unit_assign(
        incident=incident_for(actor, incident_id),
        unit=services.unit_to_send(body.unit_id),
        by=actor,
        at=at,
        **chosen,
    )
    return shapes.assignment_out(row)


@router.post("/incidents/{incident_id}/joint", response={201: dict})
@command("dispatch.send", status=201)
def joint(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.SendIn) -> Any:
    """Send a unit and route the order to the town room of the place, both at once; or say why only the unit."""
    sent = services.joint_send(
        incident=incident_for(actor, incident_id),
        unit=services.unit_to_send(body.unit_id),
        by=actor,
        at=at,
        **body.dict(exclude={"unit_id"}),
    )
    return shapes.joint_out(sent)


@router.post("/assignments/{assignment_id}/replace", response={201: dict})
@command("dispatch.send", status=201)
def replace(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int, body: shapes.ReplaceIn) -> Any:
    """Send another unit in this one's place."""
    chosen = body.dict(exclude={"unit_id", "part", "reason"})
    row = services.unit_reassign(
        assignment=selectors.assignment_for(actor, assignment_id),
        unit=services.unit_to_send(body.unit_id),
        reason=body.reason,
        by=actor,
        at=at,
        **chosen,
    )
    return shapes.assignment_out(row)


def _pressed(step: Callable[..., Assignment], actor: Actor, at: datetime, assignment_id: int, **more: Any) -> Any:
    row = step(assignment=selectors.assignment_for(actor, assignment_id), by=actor, at=at, **more)
    return shapes.assignment_out(row)


@router.post("/assignments/{assignment_id}/sign", response=dict)
@command("dispatch.step")
def sign(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int) -> Any:
    """The unit has read it."""
    return _pressed(services.assignment_sign, actor, at, assignment_id)


@router.post("/assignments/{assignment_id}/depart", response=dict)
@command("dispatch.step")
def depart(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int) -> Any:
    """The unit sets off."""
    return _pressed(services.assignment_depart, actor, at, assignment_id)


@router.post("/assignments/{assignment_id}/arrive", response=dict)
@command("dispatch.step")
def arrive(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int) -> Any:
    """The unit is there."""
    return _pressed(services.assignment_arrive, actor, at, assignment_id)


@router.post("/assignments/{assignment_id}/report", response=dict)
@command("dispatch.step")
def report(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int) -> Any:
    """The unit has told the desk what it found on arriving."""
    return _pressed(services.first_report_give, actor, at, assignment_id)


@router.post("/assignments/{assignment_id}/finish", response=dict)
@command("dispatch.step")
def finish(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int, body: shapes.FinishIn) -> Any:
    """The unit is done."""
    return _pressed(services.assignment_finish, actor, at, assignment_id, unit_to=body.unit_to)


@router.post("/assignments/{assignment_id}/refuse", response=dict)
@command("dispatch.step")
def refuse(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int, body: shapes.StepReasonIn) -> Any:
    """The unit can't go, and says why."""
    return _pressed(services.assignment_refuse, actor, at, assignment_id, **body.dict())


@router.post("/assignments/{assignment_id}/cancel", response=dict)
@command("dispatch.cancel")
def cancel(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int, body: shapes.StepReasonIn) -> Any:
    """Call the unit off; with reason "undo" within ten seconds it counts as never sent."""
    return _pressed(services.assignment_cancel, actor, at, assignment_id, **body.dict())


def _sent_content(request: HttpRequest, actor: Actor, at: datetime) -> services.Content:
    """The photo or voice note in the body, cleaned and stored before the transaction that names it opens."""
    asked: Any = request.resolver_match
    row = selectors.assignment_for(actor, int(asked.kwargs["assignment_id"]))
    services.attachment_expect(assignment=row, by=actor, at=at)
    return services.content_prepare(kind=request.GET.get("kind", ""), raw=request.body)


@router.post("/assignments/{assignment_id}/attachments", response={201: dict})
@command("dispatch.attachment_add", status=201, before=_sent_content)
def attachment(
    request: HttpRequest,
    actor: Actor,
    at: datetime,
    assignment_id: int,
    kind: Literal["photo", "voice"],
    taken_at: datetime | None = None,
    *,
    prepared: services.Content,
) -> Any:
    """A photo or voice note from the spot; the body is the file itself, ``taken_at`` the phone's own clock."""
    row = services.attachment_add(
        assignment=selectors.assignment_for(actor, assignment_id),
        content=prepared,
        taken_at=taken_at if taken_at and taken_at.tzinfo else None,
        by=actor,
        at=at,
    )
    return shapes.attachment_out(row)


@router.get("/incidents/{incident_id}/attachments", response=list[dict])
def attachments(request: HttpRequest, incident_id: int) -> Any:
    """What was sent from the spot."""
    incident = incident_for(actor_of(request, "dispatch.attachment_view"), incident_id)
    return [shapes.attachment_out(row) for row in selectors.attachments_of(incident.pk)]


@router.get("/attachments/{attachment_id}/content")
def attachment_content(request: HttpRequest, attachment_id: int) -> Any:
    """The photo or voice note itself, whole or a range of it, so that one can seek in it. Every look is logged."""
    actor = actor_of(request, "dispatch.attachment_view")
    row = selectors.attachment_for(actor, attachment_id)
    headers = {
        "Content-Type": row.media_type,
        "Content-Disposition": "inline",
        "Cache-Control": "no-store",
        # Whatever the bytes were to be taken for, they may do nothing.
        "Content-Security-Policy": "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
    }
    return file_answer(
        request,
        lambda: services.attachment_show(attachment=row, by=actor, at=now()),
        size=row.size_bytes,
        etag=f'"{row.sha256[:32]}"',
        headers=headers,
    )


@router.post("/assignments/{assignment_id}/support", response=dict)
@command("dispatch.step")
def support(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int, body: shapes.SupportIn) -> Any:
    """The unit asks for help."""
    row = selectors.assignment_for(actor, assignment_id)
    services.support_request(assignment=row, by=actor, at=at, units=body.units, capabilities=tuple(body.capabilities))
    return shapes.assignment_out(row)


@router.post("/incidents/{incident_id}/feedback", response={201: dict})
@command("dispatch.feedback", status=201)
def feedback(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.FeedbackIn) -> Any:
    """File what came of it."""
    details = body.dict(exclude={"assignment_id"})
    assignment = selectors.assignment_for(actor, body.assignment_id) if body.assignment_id else None
    if assignment is not None and assignment.incident_id != incident_id:
        raise NotFound
    incident = assignment.incident if assignment else incident_for(actor, incident_id)
    return shapes.feedback_out(
        services.feedback_file(incident=incident, assignment=assignment, by=actor, at=at, **details)
    )


@router.post("/feedback/{feedback_id}/review", response=dict)
@command("dispatch.review")
def review(request: HttpRequest, actor: Actor, at: datetime, feedback_id: int, body: shapes.NoteIn) -> Any:
    """Agree to a sheet."""
    row = selectors.feedback_for(actor, feedback_id)
    return shapes.feedback_out(services.feedback_review(feedback=row, note=body.note, by=actor, at=at))


@router.post("/feedback/{feedback_id}/return", response=dict)
@command("dispatch.review")
def give_back(request: HttpRequest, actor: Actor, at: datetime, feedback_id: int, body: shapes.CloseIn) -> Any:
    """Return a sheet for correction, with the reason."""
    row = selectors.feedback_for(actor, feedback_id)
    return shapes.feedback_out(services.feedback_return(feedback=row, reason=body.reason, by=actor, at=at))


@router.post("/incidents/{incident_id}/close", response=dict)
@command("dispatch.close")
def close(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.CloseIn) -> Any:
    """Close the incident."""
    row = services.incident_close(incident=incident_for(actor, incident_id), reason=body.reason, by=actor, at=at)
    return {"id": row.pk, "state": row.state, "closed_at": row.closed_at.isoformat() if row.closed_at else None}


@router.post("/incidents/{incident_id}/orders", response={201: dict})
@command("dispatch.order_route", status=201)
def order_route(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.RouteIn) -> Any:
    """Route the matter to a town room."""
    room = None
    if body.town_room_id is not None:
        room = Organisation.objects.filter(pk=body.town_room_id, kind=Organisation.Kind.TOWN_ROOM).first()
        if room is None:
            raise NotFound
    return shapes.order_out(
        services.order_route(incident=incident_for(actor, incident_id), town_room=room, by=actor, at=at)
    )


@router.post("/orders/{order_id}/sign", response=dict)
@command("dispatch.order_work")
def order_sign(request: HttpRequest, actor: Actor, at: datetime, order_id: int) -> Any:
    """The town room takes it on."""
    return shapes.order_out(services.order_sign(order=selectors.order_for(actor, order_id), by=actor, at=at))


@router.post("/orders/{order_id}/contact", response=dict)
@command("dispatch.order_work")
def order_contact(request: HttpRequest, actor: Actor, at: datetime, order_id: int) -> Any:
    """The town room has spoken with the caller."""
    return shapes.order_out(services.order_contact(order=selectors.order_for(actor, order_id), by=actor, at=at))


@router.post("/orders/{order_id}/assign", response={201: dict})
@command("dispatch.order_work", status=201)
def order_assign(request: HttpRequest, actor: Actor, at: datetime, order_id: int, body: shapes.SendIn) -> Any:
    """Send a community team."""
    row = services.order_assign(
        order=selectors.order_for(actor, order_id),
        unit=unit_for(actor, body.unit_id),
        by=actor,
        at=at,
        **body.dict(exclude={"unit_id"}),
    )
    return shapes.assignment_out(row)


@router.post("/orders/{order_id}/settle", response=dict)
@command("dispatch.order_field")
def order_settle(request: HttpRequest, actor: Actor, at: datetime, order_id: int, body: shapes.SettleIn) -> Any:
    """It is settled."""
    row = selectors.order_for(actor, order_id)
    return shapes.order_out(services.order_settle(order=row, result=body.result, by=actor, at=at))


@router.post("/orders/{order_id}/move-on", response=dict)
@command("dispatch.order_field")
def order_move_on(request: HttpRequest, actor: Actor, at: datetime, order_id: int, body: shapes.MoveOnIn) -> Any:
    """It goes on to the mediation centre or a department."""
    row = selectors.order_for(actor, order_id)
    return shapes.order_out(services.order_move_on(order=row, by=actor, at=at, **body.dict()))


@router.post("/orders/{order_id}/bounce", response=dict)
@command("dispatch.order_work")
def order_bounce(request: HttpRequest, actor: Actor, at: datetime, order_id: int, body: shapes.CloseIn) -> Any:
    """Send it back, once, with a reason."""
    row = selectors.order_for(actor, order_id)
    return shapes.order_out(services.order_bounce(order=row, reason=body.reason, by=actor, at=at))


@router.post("/orders/{order_id}/escalate", response=dict)
@command("dispatch.order_escalate")
def order_escalate(request: HttpRequest, actor: Actor, at: datetime, order_id: int, body: shapes.CloseIn) -> Any:
    """Needs police."""
    row = selectors.order_for(actor, order_id)
    return shapes.order_out(services.order_escalate(order=row, reason=body.reason, by=actor, at=at))


@router.post("/orders/{order_id}/close", response=dict)
@command("dispatch.order_work")
def order_close(request: HttpRequest, actor: Actor, at: datetime, order_id: int) -> Any:
    """The town room closes it."""
    return shapes.order_out(services.order_close(order=selectors.order_for(actor, order_id), by=actor, at=at))


@router.post("/revisits/{revisit_id}/record", response=dict)
@command("dispatch.revisit")
def revisit(request: HttpRequest, actor: Actor, at: datetime, revisit_id: int, body: shapes.RevisitIn) -> Any:
    """What the caller said."""
    row = selectors.revisit_for(actor, revisit_id)
    return shapes.revisit_out(services.revisit_record(revisit=row, by=actor, at=at, **body.dict()))


@router.post("/broadcasts", response={201: dict})
@command("dispatch.broadcast", status=201)
def broadcast(request: HttpRequest, actor: Actor, at: datetime, body: shapes.BroadcastIn) -> Any:
    """One sentence to every unit on duty in a ring, or of an organisation; crews acknowledge on the phone."""
    place = None
    if body.organisation:
        place = Organisation.objects.filter(code=body.organisation, is_active=True).first()
        if place is None:
            raise NotFound
    sent = services.broadcast_send(
        **body.dict(exclude={"organisation", "expires_in_s"}),
        organisation=place,
        stands_for=body.stands_for,
        by=actor,
        at=at,
    )
    return shapes.broadcast_out(sent)
