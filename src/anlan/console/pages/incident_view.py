"""The incident page: what happened, who is on it, whom to send, what else it may be."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.console.screen import screen, wants_part
from anlan.console.selectors.incident import incident_for, told
from anlan.console.words import PURPOSES, likeness_words
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.state_machine import REGISTRY
from anlan.dispatch.models import Feedback, Revisit
from anlan.dispatch.selectors import recommend
from anlan.intake.models import Incident
from anlan.intake.selectors.duplicates import duplicates_suggest, repeat_suggest
from anlan.places.models import Area
from anlan.places.selectors import notes_near
from anlan.tagging.selectors import incident_type, incident_types

RANKED_SHOWN = 8
TRACK_CHOICES = (("", _("as the track says")), ("P", _("police units")), ("C", _("community teams")))


@screen("console.incident")
def incident(request: HttpRequest, number: str) -> HttpResponse:
    """The incident as a page of its own, or as the right half of the console."""
    context = {**incident_context(request, number), "default_theme": "dark"}
    template = "console/parts/incident.html" if wants_part(request) else "console/incident.html"
    return render(request, template, context)


def incident_context(request: HttpRequest, number: str) -> dict[str, Any]:
    """What the incident's template shows."""
    actor = page_actor(request)
    story = told(incident_for(actor, number), at=now())
    return {
        "t": story,
        "incident": story.incident,
        "arrive_within": story.kind.arrive_within(story.incident.setting),
        "settings": dict(Area.Setting.choices),
        "tracks": _choices("track"),
        "priorities": _choices("priority"),
        "results": Feedback._meta.get_field("result").flatchoices,
        "types": incident_types() if story.incident.state != "closed" else [],
        "partners": Organisation.objects.filter(kind="partner", is_active=True).order_by("code"),
        "purposes": PURPOSES.items(),
        "revisit_outcomes": Revisit.Outcome.choices,
        "machine": REGISTRY["dispatch.assignment"],
    }


def _choices(field: str) -> list[tuple[str, Any]]:
    column: Any = Incident._meta.get_field(field)
    return list(column.flatchoices)


@screen("dispatch.recommend")
def units_part(request: HttpRequest, number: str) -> HttpResponse:
    """Whom to send: ranked units with reasons, and those left out with theirs."""
    row = incident_for(page_actor(request), number)
    wanted = request.GET.get("track", "")
    found = recommend(row, at=now(), track=wanted if wanted in ("P", "C") else None)
    context = {
        "incident": row,
        "found": found,
        "ranked": found.ranked[:RANKED_SHOWN],
        "rest": found.ranked[RANKED_SHOWN:],
        "wanted": wanted,
        "track_choices": TRACK_CHOICES,
    }
    return render(request, "console/parts/units_ranked.html", context)


@screen("places.note_view")
def notes_part(request: HttpRequest, number: str) -> HttpResponse:
    """What those who go there must know of the place. Each look is logged with the incident."""
    actor = page_actor(request)
    row = incident_for(actor, number)
    notes = []
    if row.lon is not None and row.lat is not None:
        notes = notes_near(row.lon, row.lat, by=actor, at=now(), incident_id=row.pk)
    return render(request, "console/parts/notes.html", {"incident": row, "notes": notes})


@screen("intake.link")
def likely_part(request: HttpRequest, number: str) -> HttpResponse:
    """Open incidents this may be the same as, and earlier ones it may be the return of."""
    actor = page_actor(request)
    row = incident_for(actor, number)
    facts: dict[str, Any] = {"lon": row.lon, "lat": row.lat, "code": row.code, "at": row.received_at, "actor": actor}
    same = duplicates_suggest(text=row.narrative, **facts, not_incident_id=row.pk) if row.state == "open" else []
    again = repeat_suggest(**facts, address_text=row.address_text, not_incident_id=row.pk)
    context = {
        "incident": row,
        "same": [(each, incident_type(each.code), likeness_words(each.reasons)) for each in same],
        "again": [(each, incident_type(each.code)) for each in again],
    }
    return render(request, "console/parts/likely.html", context)
