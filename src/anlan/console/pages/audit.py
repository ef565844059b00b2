"""The reviewer's list of labels: agree, or say which holds instead."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.console.screen import screen
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.pages import command_post, page_actor
from anlan.intake.models import IncidentTag
from anlan.intake.selectors import TAG_DIMENSIONS, tag_for, tags_to_review
from anlan.intake.services import incident_tag_audit
from anlan.tagging.selectors import incident_type, tag_values, vocabulary


def _shown(tag: IncidentTag) -> dict[str, Any]:
    """One label with its words and what a reviewer may put in its place."""
    return {
        "tag": tag,
        "dimension": TAG_DIMENSIONS.get(tag.dimension, tag.dimension),
        "value": vocabulary().tags.get(tag.dimension, {}).get(tag.value),
        "others": [value for value in tag_values(tag.dimension) if value.value != tag.value],
    }


@screen("intake.tags_audit")
def tags_audit(request: HttpRequest) -> HttpResponse:
    """Labels of the last 24 h, incident by incident: all of P1 and P2, one in ten of the rest."""
    rows = sorted(
        tags_to_review(page_actor(request), at=now()),
        key=lambda tag: (tag.incident.priority, tag.incident_id, tag.set_at, tag.pk),
    )
    incidents = [
        (incident, incident_type(incident.code), [_shown(tag) for tag in tags])
        for incident, tags in groupby(rows, key=lambda tag: tag.incident)
    ]
    return render(request, "console/tags_audit.html", {"incidents": incidents, "total": len(rows)})


@require_POST
def tag_audit_do(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Agree with a label, or put the chosen one in its place."""
    deed, wanted = request.POST.get("deed", ""), request.POST.get("value", "").strip()
    if deed not in ("agree", "change"):
        raise BadInput(field="deed", problem=deed)

    def act(by: Actor, at: datetime) -> int:
        if deed == "change" and not wanted:
            raise BadInput(field="value", problem="")
        value = wanted if deed == "change" else None
        return incident_tag_audit(tag=tag_for(by, tag_id), value=value, by=by, at=at).pk

    command_post(request, "intake.tags_audit", act)
    return HttpResponseRedirect(reverse("console:tags_audit"))
