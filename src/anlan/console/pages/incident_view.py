"""The incident page: what happened, who is on it, whom to send, what else it may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.console.asked import number_asked
from anlan.console.pages import by_hand
from anlan.console.pages.cover import cover_told
from anlan.console.screen import screen, wants_part
from anlan.console.selectors.disputes import earlier_of_incident, opening_of_incident
from anlan.console.selectors.incident import incident_for, told
from anlan.console.selectors.tags import tag_choices
from anlan.console.words import PURPOSES, likeness_words
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.permissions import permitted
from anlan.core.state_machine import REGISTRY
from anlan.dispatch.models import Feedback, Revisit
from anlan.dispatch.selectors import (
    RankedUnit,
    assignment_for,
    cover_is_ready,
    diversions_for,
    order_open_of,
    recommend,
    response_propose,
    unit_is_commanded,
)
from anlan.dispatch.selectors.under_way import halts_of
from anlan.intake.models import Incident
from anlan.intake.selectors.duplicates import duplicates_look, repeat_suggest
from anlan.places.models import Area, PremiseNote
from anlan.places.selectors import note_latest, notes_near, road_access
from anlan.tagging.selectors import incident_type, incident_types

RANKED_SHOWN = 8
DAY = timedelta(days=1)
TRACK_CHOICES = (("", _("as the track says")), ("P", _("police units")), ("C", _("community teams")))


@screen("console.incident")
def incident(request: HttpRequest, number: str) -> HttpResponse:
    """The incident as a page of its own, or as the right half of the console."""
    context = {**incident_context(request, number), "default_theme": "dark"}
    template = "console/parts/incident.html" if wants_part(request) else "console/incident.html"
    return render(request, template, context)


def incident_context(request: HttpRequest, number: str) -> dict[str, Any]:
    """What the incident's template shows."""
    actor, at = page_actor(request), now()
    story = told(incident_for(actor, number), at=at)
    return {
        "t": story,
        "halts": {a.pk: halt for a in story.assignments if (halt := halts_of(a.row, at=at)) is not None},
        "incident": story.incident,
        "earlier": earlier_of_incident(story.incident.pk, by=actor) if permitted(actor, "disputes.view") else [],
        "opening": opening_of_incident(actor, story.incident.pk),
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
        "tag_choices": tag_choices(story.tags),
        "hazards": PremiseNote.Hazard.choices,
        "note_sources": by_hand.NOTE_SOURCES.items(),
        "note_until": timezone.localtime(note_latest(at=at, is_dwelling=True) - DAY).date(),
        "note_latest": timezone.localtime(note_latest(at=at, is_dwelling=False) - DAY).date(),
    }


def _choices(field: str) -> list[tuple[str, Any]]:
    column: Any = Incident._meta.get_field(field)
    return list(column.flatchoices)


def next_door(actor: Actor, ranked: Sequence[RankedUnit]) -> frozenset[int]:
    """Ids of the units that the desk may only ask for, because another organisation commands them."""
    return frozenset(each.unit.id for each in ranked if not unit_is_commanded(actor, each.unit.organisation_id))


@screen("dispatch.recommend")
def units_part(request: HttpRequest, number: str) -> HttpResponse:
    """Whom to send: ranked units with reasons, and those left out with theirs."""
    actor = page_actor(request)
    row = incident_for(actor, number)
    wanted = request.GET.get("track", "")
    # On the joint track the desk chooses the police unit; the town room that is asked with it sends its own team.
    is_joint = row.track == "J" and permitted(actor, "dispatch.order_route")
    track = wanted if wanted in ("P", "C") else "P" if is_joint else None
    found = recommend(row, at=now(), track=track)
    response = response_propose(row, found)
    context = {
        "incident": row,
        "is_joint": is_joint,
        "order": order_open_of(row) if is_joint else None,
        "found": found,
        "response": response,
        "carried": response.carried,
        # Told at once where that costs no wait; else the strip asks for itself, and the units stand there before it.
        "cover": cover_told(row, found, response) if track is None and cover_is_ready(found.at) else None,
        "ranked": found.ranked[:RANKED_SHOWN],
        "rest": found.ranked[RANKED_SHOWN:],
        "diversions": diversions_for(row, found, by=actor) if permitted(actor, "dispatch.send") else [],
        "next_door": next_door(actor, found.ranked),
        "cut_off": road_access(row.lon, row.lat, at=found.at)
        if row.lon is not None and row.lat is not None
        else None,
        "wanted": wanted,
        "track_choices": TRACK_CHOICES,
    }
    return render(request, "console/parts/units_ranked.html", context)


@screen("dispatch.send")
def replace_part(request: HttpRequest, number: str) -> HttpResponse:
    """Whom to send in another unit's place: the free units of its track, the soonest first."""
    actor = page_actor(request)
    row = incident_for(actor, number)
    assignment = assignment_for(actor, number_asked(request, "assignment") or 0)
    found = recommend(row, at=now(), track=assignment.unit.track)
    beyond = next_door(actor, found.ranked)
    ranked = [each for each in found.ranked if each.unit.id not in beyond][:RANKED_SHOWN]
    context = {"incident": row, "a": assignment, "ranked": ranked}
    return render(request, "console/parts/replace_form.html", context)


@screen("places.note_view")
def notes_part(request: HttpRequest, number: str) -> HttpResponse:
    """What those who go there must know of the place. Each look is logged with the incident."""
    actor = page_actor(request)
    row = incident_for(actor, number)
    notes = []
    if row.lon is not None and row.lat is not None:
        notes = notes_near(row.lon, row.lat, by=actor, at=now(), incident_id=row.pk)
    context = {"incident": row, "notes": notes, "sources": by_hand.NOTE_SOURCES}
    return render(request, "console/parts/notes.html", context)


@screen("intake.link")
def likely_part(request: HttpRequest, number: str) -> HttpResponse:
    """Open incidents this may be the same as, and earlier ones it may be the return of."""
    actor = page_actor(request)
    row = incident_for(actor, number)
    facts: dict[str, Any] = {"lon": row.lon, "lat": row.lat, "code": row.code, "at": row.received_at, "actor": actor}
    same = duplicates_look(text=row.narrative, **facts, not_incident_id=row.pk).found if row.state == "open" else []
    again = repeat_suggest(**facts, address_text=row.address_text, not_incident_id=row.pk)
    context = {
        "incident": row,
        "same": [(each, incident_type(each.code), likeness_words(each.reasons)) for each in same],
        "again": [(each, incident_type(each.code)) for each in again],
    }
    return render(request, "console/parts/likely.html", context)
