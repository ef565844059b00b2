"""Mediation is set up: which organisations mediate how and when, in which rooms, and who for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation, Person
from anlan.console.screen import screen
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.disputes.models import MediationBody
from anlan.disputes.rules import METHODS
from anlan.disputes.selectors.mediation import body_for
from anlan.disputes.selectors.mediation_setup import (
    BODY_METHODS,
    BODY_TYPES,
    bodies_entered,
    body_setup,
    mediator_for,
    organisations_without_body,
    room_of,
)
from anlan.disputes.services import mediation_bodies

USUAL_HOURS = "08:30-12:00 14:00-17:30"


@screen("disputes.mediation_setup")
def setup(request: HttpRequest) -> HttpResponse:
    """The bodies in reach; of the chosen one its hours, rooms and mediators, each changed where it stands."""
    actor, at = page_actor(request), now()
    bodies = bodies_entered(actor)
    wanted = request.GET.get("body", "")
    chosen = next((row for row in bodies if str(row.pk) == wanted), bodies[0] if bodies else None)
    context = {
        "bodies": bodies,
        "new": "new" in request.GET or chosen is None,
        "s": body_setup(actor, chosen.pk, at=at) if chosen is not None else None,
        "homes": organisations_without_body(actor),
        "types": BODY_TYPES.items(),
        "methods": [(key, METHODS[key], _types_with(key)) for key in METHODS if key],
        "usual_hours": USUAL_HOURS,
        "default_theme": "light",
    }
    return render(request, "console/mediation_setup.html", context)


def _types_with(method: str) -> list[Any]:
    return [BODY_TYPES[key] for key, methods in BODY_METHODS.items() if method in methods]


def _number(post: QueryDict, field: str) -> int:
    text = post.get(field, "").strip()
    if not text.isdecimal() or len(text) > 9:
        raise BadInput(field=field, problem=text[:20] or "–")
    return int(text)


def _home(post: QueryDict, by: Actor) -> MediationBody:
    return body_for(by, _number(post, "body"))


def _body(post: QueryDict, by: Actor, at: datetime) -> int:
    organisation = Organisation.objects.filter(pk=_number(post, "organisation"), is_active=True).first()
    if organisation is None:
        raise NotFound
    row = mediation_bodies.body_put(
        organisation=organisation,
        type=post.get("type", ""),
        methods=post.getlist("methods"),
        hours=" ".join(post.get("hours", "").split()),
        windows=_number(post, "windows"),
        is_active=post.get("is_active", "1") == "1",
        by=by,
        at=at,
    )
    return int(row.pk)


def _room(post: QueryDict, by: Actor, at: datetime) -> int:
    body = _home(post, by)
    if "room" in post:
        room, names = room_of(body, _number(post, "room")), (post.get("name_zh", ""), post.get("name_en", ""))
        mediation_bodies.mediation_room_rename(room=room, name_zh=names[0], name_en=names[1], by=by, at=at)
    mediation_bodies.mediation_room_put(
        body=body,
        name_zh=post.get("name_zh", ""),
        name_en=post.get("name_en", ""),
        seats=_number(post, "seats"),
        is_active=post.get("is_active", "1") == "1",
        by=by,
        at=at,
    )
    return int(body.pk)


def _mediator(post: QueryDict, by: Actor, at: datetime) -> int:
    body = _home(post, by)
    person = Person.objects.filter(pk=_number(post, "person"), is_active=True).first()
    if person is None:
        raise NotFound
    mediation_bodies.mediator_add(body=body, person=person, by=by, at=at)
    return int(body.pk)


def _leave(post: QueryDict, by: Actor, at: datetime) -> int:
    body = _home(post, by)
    mediation_bodies.mediator_leave(mediator=mediator_for(body, _number(post, "mediator")), by=by, at=at)
    return int(body.pk)


DEEDS: dict[str, Callable[[QueryDict, Actor, datetime], int]] = {
    "body": _body,
    "room": _room,
    "mediator": _mediator,
    "leave": _leave,
}


@require_POST
def setup_do(request: HttpRequest, deed: str) -> HttpResponse:
    """Enter or change a body, a room; somebody mediates from now on, or no longer."""
    if deed not in DEEDS:
        raise NotFound
    body_id = command_post(request, "disputes.mediation_setup", lambda by, at: DEEDS[deed](request.POST, by, at))
    return HttpResponseRedirect(f"{reverse('console:mediation_setup')}?body={body_id}#{deed}")
