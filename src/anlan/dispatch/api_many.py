"""JSON doors of serving many matters at once, and of taking a unit from a lesser one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.dispatch import selectors, services, shapes, shapes_many
from anlan.intake.selectors import incident_for

router = Router(tags=["dispatch"])


@router.get("/batch", response=dict)
def batch(request: HttpRequest) -> Any:
    """All waiting matters served together, each with its reason against one by one. Nobody is sent by it."""
    actor = actor_of(request, "dispatch.send")
    return shapes_many.batch_out(selectors.batch_propose(by=actor, at=now()))


@router.post("/batch", response={201: dict})
@command("dispatch.send", status=201)
def send_many(request: HttpRequest, actor: Actor, at: datetime, body: shapes_many.ManyIn) -> Any:
    """Send the confirmed pairs. One that can't be sent any more is told with why and holds up none of the others."""
    pairs = [
        services.Pair(
            incident_for(actor, pair.incident_id),
            services.unit_to_send(pair.unit_id),
            on_it=pair.on_it,
            shown=pair.dict(exclude={"incident_id", "unit_id", "on_it"}),
        )
        for pair in body.pairs
    ]
    return shapes_many.many_out(services.many_send(pairs=pairs, by=actor, at=at))


@router.get("/incidents/{incident_id}/diversions", response=list[dict[str, Any]])
def diversions(request: HttpRequest, incident_id: int) -> Any:
    """Units on their way to lesser matters that would be at this P1 sooner than any free one."""
    actor = actor_of(request, "dispatch.send")
    incident = incident_for(actor, incident_id)
    found = selectors.recommend(incident, at=now())
    return [shapes_many.diversion_out(row) for row in selectors.diversions_for(incident, found, by=actor)]


@router.post("/assignments/{assignment_id}/divert", response={201: dict})
@command("dispatch.send", status=201)
def divert(request: HttpRequest, actor: Actor, at: datetime, assignment_id: int, body: shapes_many.DivertIn) -> Any:
    """Take the unit from its lesser matter for a P1, and send another one there: both changes, or neither."""
    instead = services.unit_to_send(body.instead_unit_id) if body.instead_unit_id is not None else None
    row = services.unit_divert(
        assignment=selectors.assignment_for(actor, assignment_id),
        incident=incident_for(actor, body.incident_id),
        instead=instead,
        reason=body.reason,
        by=actor,
        at=at,
    )
    return shapes.assignment_out(row)
