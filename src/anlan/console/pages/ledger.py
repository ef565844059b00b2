"""The auditor's page: how the evidence stands, the digits for the book, and the proof of one matter's history."""

from __future__ import annotations

import json
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from anlan.console.screen import screen
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.services import view_log
from anlan.intake.models import Incident
from anlan.ledger.selectors import checkpoints_last, ledger_state, proof_of_incident

LATE_AFTER = timedelta(minutes=25)
"""Two checkpoints that were due and not signed, and some air."""


@screen("ledger.view")
def ledger(request: HttpRequest) -> HttpResponse:
    """The state of the ledger and its last checkpoints."""
    page_actor(request)
    state, at = ledger_state(), now()
    last = state.last if state else None
    has_more = state is not None and bool(state.unsealed or state.waiting)
    context = {
        "state": state,
        "last": last,
        "rows": checkpoints_last(),
        "is_late": has_more and last is not None and at - last.at > LATE_AFTER,
        "has_witness": bool(settings.LEDGER_WITNESS),
        "key_name": state.key.partition("+")[0] if state else "",
    }
    return render(request, "console/ledger.html", context)


@require_POST
@screen("ledger.prove")
def proof(request: HttpRequest) -> HttpResponse:
    """The history of one incident with its proof, as a file; that it was taken is on the record."""
    by, at = page_actor(request), now()
    incident = _incident(by, request.POST.get("number", ""))
    found = proof_of_incident(incident.pk, subject=incident.number)
    view_log(by=by, at=at, purpose="ledger_proof", target=incident, incident_id=incident.pk)
    response = HttpResponse(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n", content_type="application/json; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="proof-{slugify(incident.number)}.json"'
    return response


def _incident(by: Actor, number: str) -> Incident:
    found: Incident = Incident.objects.one_for(by, number=number.strip())
    return found
