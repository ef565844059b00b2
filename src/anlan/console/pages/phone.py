"""The unit's own page on a phone: five big buttons, what and where, and how old it all is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.accounts.models import Person
from anlan.console.pages.press import Press
from anlan.console.screen import screen, wants_part
from anlan.console.selectors.disputes import earlier_of_incident
from anlan.console.selectors.town import partners_of
from anlan.console.words import danger_words
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import DomainError, NotFound, Overtaken, WrongState
from anlan.core.pages import command_post, page_actor
from anlan.core.permissions import permitted
from anlan.dispatch import services as dispatch
from anlan.dispatch.errors import PressOvertaken, ReportGiven, ReportNotDue
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.dispatch.selectors import ACTIVE, TRAVELLING, assignment_active_of_unit, equipment_asked
from anlan.engines.geo import wgs84_to_gcj02
from anlan.places.selectors import notes_near
from anlan.tagging.selectors import incident_type, incident_types
from anlan.units import services as units
from anlan.units.models import Unit
from anlan.units.selectors import loads_of_units, positions_latest, unit_for, units_crewed_by

# Deed, word, and the states of the assignment in which it can be pressed.
BUTTONS = (
    ("sign", _("Sign"), ("sent",)),
    ("depart", _("Set off"), ("sent", "signed")),
    ("arrive", _("Arrived"), ("sent", "signed", "en_route")),
    ("support", _("Support"), ("sent", "signed", "en_route", "arrived")),
    ("finish", _("Done"), ("arrived",)),
)
PRIMARY = {"sent": "sign", "signed": "depart", "en_route": "arrive", "arrived": "finish"}
LONGEST_WAIT = timedelta(days=7)
OWN_STATES = (("available", _("Available")), ("busy", _("Busy")), ("off", _("Off duty")))


@dataclass(frozen=True, slots=True)
class Button:
    """One of the five, with the states in which it can be pressed, so that the phone can go on without contact."""

    deed: str
    word: Any
    states: tuple[str, ...]
    state: str
    is_there: bool = False
    """By its positions it is there: what is meant next is to say so."""

    @property
    def can(self) -> bool:
        return self.state in self.states

    @property
    def is_next(self) -> bool:
        if self.is_there and self.state in TRAVELLING:
            return self.deed == "arrive"
        return PRIMARY.get(self.state) == self.deed

    @property
    def next_in(self) -> str:
        """The states in which this is the one to press."""
        return " ".join(state for state, deed in PRIMARY.items() if deed == self.deed)


def _point(lon: float | None, lat: float | None) -> dict[str, str] | None:
    """The place as a map app takes it: true, and shifted as Chinese map apps draw it."""
    if lon is None or lat is None:
        return None
    shifted_lon, shifted_lat = wgs84_to_gcj02(lon, lat)
    return {"true": _geo(lon, lat), "shifted": _geo(float(shifted_lon), float(shifted_lat))}


def _geo(lon: float, lat: float) -> str:
    at = f"{lat:.6f},{lon:.6f}"
    return f"geo:{at}?q={at}"


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
        "load": loads_of_units([unit.pk]).get(unit.pk, []),
    }
    if assignment is not None:
        incident, order = assignment.incident, _order(assignment)
        found |= {
            "incident": incident,
            "kind": incident_type(incident.code),
            "danger": danger_words(incident.danger),
            "buttons": [
                Button(deed, word, states, assignment.state, assignment.arrived_inferred_at is not None)
                for deed, word, states in BUTTONS
            ],
            "is_there": assignment.state == "arrived",
            "point": _point(incident.lon, incident.lat),
            "order": order if assignment.unit.track == Unit.Track.COMMUNITY else None,
            "meets": order if assignment.unit.track == Unit.Track.POLICE and incident.track == "J" else None,
            "others": partners_of(assignment),
            "earlier": earlier_of_incident(incident.pk, by=actor),
            "notes": _notes(assignment, actor, at),
            "bring": () if assignment.state == "arrived" else equipment_asked(incident),
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
    "report": ("dispatch.step", _step(dispatch.first_report_give)),
    "feedback": ("dispatch.feedback", _feedback),
    "state": ("units.status", _state),
    "join": ("units.crew", _join),
    "leave": ("units.crew", _leave),
}


STEPS = (*(deed for deed, _word, _states in BUTTONS), "report")


@dataclass(frozen=True, slots=True)
class Told:
    """What the phone's own clock says: when the button was pressed, and how long it waited to be sent."""

    pressed_at: datetime
    waited: timedelta


def told_by_phone(request: HttpRequest) -> Told | None:
    """The phone's own times; None where it told none. They are claims and change nothing but what stands beside."""
    pressed, sent = (_instant(request.POST.get("device_at", "")), _instant(request.headers.get("X-Device-Now", "")))
    if pressed is None:
        return None
    waited = max(timedelta(0), sent - pressed) if sent else timedelta(0)
    return Told(pressed, min(waited, LONGEST_WAIT))


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _step_take(deed: str, press: Press, told: Told) -> dict[str, Any]:
    """A step pressed on a phone, maybe long ago: done, or told who was sooner. Both stay on the record."""
    row = _mine(press)
    device: dict[str, Any] = {"assignment": row, "deed": deed, "device_at": told.pressed_at, "waited": told.waited}
    try:
        with transaction.atomic():
            if deed == "support" and row.state not in ACTIVE:
                raise dispatch.press_overtaken(assignment=row, deed=deed)
            DEEDS[deed][1](press)
    except (WrongState, Overtaken, PressOvertaken, ReportGiven, ReportNotDue) as problem:
        refusal: DomainError = problem
        if not isinstance(problem, ReportGiven | ReportNotDue):
            refusal = dispatch.press_overtaken(assignment=row, deed=deed)
        if not dispatch.press_refuse_note(**device, by=press.by, at=press.at):
            raise refusal from problem
        return {"refused": refusal.as_json()}
    return {"is_late": dispatch.press_late_note(**device, by=press.by, at=press.at)}


@require_POST
def unit_do(request: HttpRequest, deed: str) -> HttpResponse:
    """One button of the phone; the answer is the phone's page as it then is, or for its script the server's time."""
    if deed not in DEEDS:
        raise NotFound
    action, do = DEEDS[deed]
    told = told_by_phone(request) if deed in STEPS else None

    def act(by: Actor, at: datetime) -> dict[str, Any]:
        # Buttons without an incident of their own share the shape of those that have one.
        press = Press(by, at, None, request.POST)  # type: ignore[arg-type]
        if told is not None:
            return {"at": at.isoformat(), **_step_take(deed, press, told)}
        do(press)
        return {"at": at.isoformat()}

    answer = command_post(request, action, act)
    if "application/json" not in request.headers.get("Accept", ""):
        return HttpResponseRedirect(reverse("console:phone"))
    if "refused" in answer:
        return JsonResponse(answer["refused"], status=PressOvertaken.status)
    return JsonResponse(answer)
