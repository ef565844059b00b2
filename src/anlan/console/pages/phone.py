"""The unit's own page on a phone: five big buttons, what and where, and how old it all is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.accounts.models import Person
from anlan.console.pages.press import Press
from anlan.console.screen import screen, wants_part
from anlan.console.words import danger_words
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.pages import command_post, page_actor
from anlan.core.permissions import permitted
from anlan.dispatch import services as dispatch
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.dispatch.selectors import assignment_active_of_unit
from anlan.places.selectors import notes_near
from anlan.tagging.selectors import incident_type, incident_types
from anlan.units import services as units
from anlan.units.models import Unit
from anlan.units.selectors import positions_latest, unit_for, units_crewed_by

# Deed, word, and the states of the assignment in which it can be pressed.
BUTTONS = (
    ("sign", _("Sign"), ("sent",)),
    ("depart", _("Set off"), ("sent", "signed")),
    ("arrive", _("Arrived"), ("sent", "signed", "en_route")),
    ("support", _("Support"), ("sent", "signed", "en_route", "arrived")),
    ("finish", _("Done"), ("arrived",)),
)
PRIMARY = {"sent": "sign", "signed": "depart", "en_route": "arrive", "arrived": "finish"}
OWN_STATES = (("available", _("Available")), ("busy", _("Busy")), ("off", _("Off duty")))


def _unit_of(actor: Actor) -> Unit | None:
    """The unit whose crew the actor is on."""
    for pk in sorted(units_crewed_by(actor)):
        return Unit.objects.select_related("organisation").filter(pk=pk, is_active=True).first()
    return None


@screen("console.unit_page")
def phone(request: HttpRequest) -> HttpResponse:
    """My incident if there is one; else what my unit is doing, and which unit I am on."""
    actor, at = page_actor(request), now()
    unit = _unit_of(actor)
    context: dict[str, Any] = {"unit": unit, "default_theme": "light"}
    if unit is None:
        rows = Unit.objects.visible_to(actor).filter(is_active=True, organisation_id__in=actor.org_ids)
        context["joinable"] = list(rows[:40])
    else:
        context |= _work_of(unit, actor, at)
    template = "console/parts/phone.html" if wants_part(request) else "console/phone.html"
    return render(request, template, context)


def _work_of(unit: Unit, actor: Actor, at: datetime) -> dict[str, Any]:
    assignment = assignment_active_of_unit(unit.pk)
    found: dict[str, Any] = {
        "assignment": assignment,
        "seen": positions_latest([unit.pk], at=at).get(unit.pk),
        "own_states": OWN_STATES,
        "owed": None if assignment else _feedback_owed(unit),
        "results": Feedback._meta.get_field("result").flatchoices,
    }
    if assignment is not None:
        incident, order = assignment.incident, _order(assignment)
        found |= {
            "incident": incident,
            "kind": incident_type(incident.code),
            "danger": danger_words(incident.danger),
            "buttons": [(deed, word, assignment.state in states) for deed, word, states in BUTTONS],
            "primary": PRIMARY.get(assignment.state, ""),
            "order": order if assignment.unit.track == Unit.Track.COMMUNITY else None,
            "meets": order if assignment.unit.track == Unit.Track.POLICE and incident.track == "J" else None,
            "notes": _notes(assignment, actor, at),
        }
    elif found["owed"] is not None:
        found |= {"types": incident_types(), "kind": incident_type(found["owed"].incident.code)}
    return found


def _feedback_owed(unit: Unit) -> Assignment | None:
    """The last thing the unit finished without saying what came of it."""
    rows = Assignment.objects.filter(unit=unit, state="finished").select_related("incident")
    return rows.order_by("-sent_at").first()


def _order(assignment: Assignment) -> WorkOrder | None:
    """The order a town room works on for the same incident."""
    ended = ("closed", "escalated", "bounced")
    rows = WorkOrder.objects.filter(incident_id=assignment.incident_id).exclude(state__in=ended)
    return rows.select_related("town_room").first()


def _notes(assignment: Assignment, actor: Actor, at: datetime) -> list[Any]:
    """Notes about the place, from signing on (the look is logged, so not before somebody goes)."""
    incident = assignment.incident
    if assignment.state == "sent" or not permitted(actor, "places.note_view"):
        return []
    if incident.lon is None or incident.lat is None:
        return []
    return notes_near(incident.lon, incident.lat, by=actor, at=at, incident_id=incident.pk)


def _mine(press: Press) -> Assignment:
    """The assignment of the button: only one of the presser's own unit."""
    row = press.assignment()
    if row.unit_id not in units_crewed_by(press.by):
        raise NotFound
    return row


def _step(service: Callable[..., Any]) -> Callable[[Press], None]:
    def run(press: Press) -> None:
        service(assignment=_mine(press), by=press.by, at=press.at)

    return run


def _feedback(press: Press) -> None:
    row = _mine(press)
    details: dict[str, Any] = {
        "injuries": press.number("injuries") or 0,
        "people_helped": press.number("people_helped") or 0,
    }
    for name in ("narrative", "transferred_to"):
        if press.text(name):
            details[name] = press.text(name)
    dispatch.feedback_file(
        incident=row.incident,
        assignment=row,
        result=press.text("result"),
        code=press.text("code"),
        by=press.by,
        at=press.at,
        **details,
    )


def _state(press: Press) -> None:
    for pk in units_crewed_by(press.by):
        units.unit_state_set(unit=unit_for(press.by, pk), to=press.text("to"), by=press.by, at=press.at)


def _person(press: Press) -> Person:
    """Who presses: only a person can be on a crew."""
    return Person.objects.get(pk=press.by.id or 0)


def _join(press: Press) -> None:
    units.crew_join(
        unit=unit_for(press.by, press.number("unit") or 0),
        person=_person(press),
        by=press.by,
        at=press.at,
    )


def _leave(press: Press) -> None:
    units.crew_leave(person=_person(press), by=press.by, at=press.at)


DEEDS: dict[str, tuple[str, Callable[[Press], None]]] = {
    "sign": ("dispatch.step", _step(dispatch.assignment_sign)),
    "depart": ("dispatch.step", _step(dispatch.assignment_depart)),
    "arrive": ("dispatch.step", _step(dispatch.assignment_arrive)),
    "support": ("dispatch.step", _step(dispatch.support_request)),
    "finish": ("dispatch.step", _step(dispatch.assignment_finish)),
    "feedback": ("dispatch.feedback", _feedback),
    "state": ("units.status", _state),
    "join": ("units.crew", _join),
    "leave": ("units.crew", _leave),
}


@require_POST
def unit_do(request: HttpRequest, deed: str) -> HttpResponse:
    """One button of the phone; the answer is the phone's page as it then is."""
    if deed not in DEEDS:
        raise NotFound
    action, do = DEEDS[deed]

    def act(by: Actor, at: datetime) -> None:
        # Buttons without an incident of their own share the shape of those that have one.
        do(Press(by, at, None, request.POST))  # type: ignore[arg-type]

    command_post(request, action, act)
    return HttpResponseRedirect(reverse("console:phone"))
