"""JSON door of visits: a photo or voice note that belongs to the reports of a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from anlan.core.actor import Actor
from anlan.core.api import command
from anlan.core.errors import NotFound
from anlan.dispatch import services as dispatch
from anlan.dispatch.services import Content
from anlan.disputes.models import FileIncident, Push
from anlan.disputes.selectors import push_for
from anlan.intake.models import Incident

router = Router(tags=["disputes"])


def _sent_content(request: HttpRequest, actor: Actor, at: datetime) -> Content:
    """The photo or voice note in the body, cleaned and stored before the transaction that names it opens."""
    asked: Any = request.resolver_match
    incident = visit_incident(push_for(actor, int(asked.kwargs["push_id"])))
    dispatch.visit_attachment_expect(incident=incident, by=actor)
    return dispatch.content_prepare(kind=request.GET.get("kind", ""), raw=request.body)


@router.post("/disputes/pushes/{push_id}/attachments", response={201: dict})
@command("dispatch.attachment_add", status=201, before=_sent_content)
def visit_attachment(
    request: HttpRequest,
    actor: Actor,
    at: datetime,
    push_id: int,
    kind: Literal["photo", "voice"],
    taken_at: datetime | None = None,
    *,
    prepared: Content,
) -> Any:
    """A photo or voice note from a visit; the body is the file itself, ``taken_at`` the phone's own clock."""
    row = dispatch.visit_attachment_add(
        incident=visit_incident(push_for(actor, push_id)),
        content=prepared,
        taken_at=taken_at if taken_at and taken_at.tzinfo else None,
        by=actor,
        at=at,
    )
    return {
        "id": row.pk,
        "incident_id": row.incident_id,
        "kind": row.kind,
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "received_at": row.received_at.isoformat(),
    }


def visit_incident(push: Push) -> Incident:
    """The report a visit is about: the push's own, else the latest of the file."""
    if push.incident is not None:
        return push.incident
    links = FileIncident.objects.filter(file_id=push.file_id, undone_at=None).select_related("incident")
    last = links.order_by("-made_at", "-id").first()
    if last is None:
        raise NotFound
    incident: Incident = last.incident
    return incident
