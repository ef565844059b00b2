"""Revisits of closed dispute files: who asks, and the questions for either side. What the unit said is not shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.accounts.models import Person
from anlan.console.screen import screen
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.pages import command_post, page_actor
from anlan.core.permissions import permitted, require
from anlan.disputes.models import FileRevisit
from anlan.disputes.rules import RESULTS
from anlan.disputes.selectors.revisits import (
    CALL_OUTCOMES,
    DROPPED,
    FINDINGS,
    OPENING,
    REVISIT_DRAWS,
    REVISIT_OPEN,
    SCRIPT_NOW,
    SCRIPTS,
    SIDES,
    TRIES_AT_MOST,
    revisit_for,
    revisitors_for,
    revisits_ended,
    revisits_waiting,
    sides_of,
)
from anlan.disputes.services.revisits import revisit_assign, revisit_call_record, revisit_party_reveal
from anlan.tagging.selectors import incident_type


@screen("disputes.revisit")
def dispute_revisits(request: HttpRequest) -> HttpResponse:
    """What is to be asked, next due first, and what was asked."""
    actor = page_actor(request)
    context = {
        "waiting": [_row(row) for row in revisits_waiting(actor)],
        "ended": [_row(row) for row in revisits_ended(actor)] if permitted(actor, "disputes.revisit_assign") else [],
        "draws": REVISIT_DRAWS,
        "findings": FINDINGS,
        "dropped": DROPPED,
        "results": RESULTS,
        "default_theme": "light",
    }
    return render(request, "console/dispute_revisits.html", context)


def _row(revisit: FileRevisit) -> dict[str, Any]:
    return {"r": revisit, "kind": incident_type(revisit.file.code), "through": revisit.state not in REVISIT_OPEN}


@screen("disputes.revisit")
def dispute_revisit(request: HttpRequest, revisit_id: int) -> HttpResponse:
    """One revisit: for who gives it out the people who may ask; for who asks the script, side by side."""
    return render(request, "console/dispute_revisit.html", _context(request, revisit_id))


def _context(request: HttpRequest, revisit_id: int) -> dict[str, Any]:
    actor = page_actor(request)
    revisit = revisit_for(actor, revisit_id)
    is_open = revisit.state in REVISIT_OPEN
    gives = is_open and permitted(actor, "disputes.revisit_assign")
    sides = sides_of(revisit)
    return {
        "r": revisit,
        "kind": incident_type(revisit.file.code),
        "is_open": is_open,
        "asks": is_open and revisit.assigned_to_id == actor.id,
        "people": revisitors_for(revisit.file, at=now()) if gives else [],
        "gives": gives,
        "sides": [(key, SIDES[key], side) for key, side in sides.items()],
        "script": SCRIPTS[SCRIPT_NOW],
        "script_version": SCRIPT_NOW,
        "opening": OPENING,
        "outcomes": CALL_OUTCOMES,
        "others": [(key, word) for key, word in CALL_OUTCOMES.items() if key != "answered"],
        "tries": TRIES_AT_MOST,
        "draws": REVISIT_DRAWS,
        "findings": FINDINGS,
        "dropped": DROPPED,
        "results": RESULTS,
        "questions": {question.key: question for question in SCRIPTS[SCRIPT_NOW]},
        "default_theme": "light",
    }


@require_POST
def dispute_revisit_do(request: HttpRequest, revisit_id: int, deed: str) -> HttpResponse:
    """Give it to somebody, or record a try."""
    if deed not in ("assign", "call"):
        raise NotFound

    def run(by: Actor, at: datetime) -> int:
        revisit = revisit_for(by, revisit_id)
        if deed == "assign":
            person = Person.objects.filter(pk=_number(request.POST.get("person", ""))).first()
            if person is None:
                raise NotFound
            revisit_assign(revisit=revisit, person=person, by=by, at=at)
        else:
            script = request.POST.get("script", SCRIPT_NOW)
            keys = [question.key for question in SCRIPTS.get(script, ())]
            revisit_call_record(
                revisit=revisit,
                side=request.POST.get("side", ""),
                outcome=request.POST.get("outcome", ""),
                answers={key: request.POST.get(key, "") for key in keys},
                script=script,
                by=by,
                at=at,
            )
        return int(revisit.pk)

    command_post(request, "disputes.revisit_assign" if deed == "assign" else "disputes.revisit", run)
    return HttpResponseRedirect(reverse("console:dispute_revisit", args=[revisit_id]))


@require_POST
def dispute_revisit_party(request: HttpRequest, revisit_id: int, side: str) -> HttpResponse:
    """Whom to call: shown after the look is on the log, and never kept with the form's answer."""
    shown: list[Any] = []

    def run(by: Actor, at: datetime) -> int:
        require(by, "disputes.revisit")
        revisit = revisit_for(by, revisit_id)
        shown.append(revisit_party_reveal(revisit=revisit, side=side, by=by, at=at))
        return int(revisit.pk)

    command_post(request, "disputes.revisit", run)
    return render(request, "console/parts/party.html", {"shown": shown[0] if shown else None})


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0
