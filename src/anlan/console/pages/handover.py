"""Handing a desk over: what stands, a note for each matter, two signatures, a page to print, and the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation, Person, Role
from anlan.accounts.selectors import organisation_ids_beneath
from anlan.console.asked import number_asked
from anlan.console.screen import screen, wants_part
from anlan.console.selectors.incident import incident_for
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.dispatch.models import Handover
from anlan.dispatch.selectors.handover import (
    DESK_ROLES,
    NOTE_CHARS,
    desk_for,
    desk_role,
    handover_for,
    handover_open_of,
    handovers_before,
    notes_seen,
    people_named,
    standing,
)
from anlan.dispatch.services import handovers
from anlan.tagging.selectors import incident_types
from anlan.units.selectors import duties_now
from anlan.units.services import duty_leave, duty_take

PROMISES = {
    "call_back": _("Call back"),
    "revisit": _("Revisit"),
    "transfer": _("Transfer not answered"),
    "order": _("Order of a town room"),
}


@screen("dispatch.handover")
def handover(request: HttpRequest) -> HttpResponse:
    """What stands at my desk now, and the handover being written or waiting to be taken."""
    actor, at = page_actor(request), now()
    desk = _desk(request, actor)
    context = {**_standing(actor, desk, at), "refresh_url": request.get_full_path(), "default_theme": "light"}
    part = "console/parts/handover.html" if wants_part(request) else "console/handover.html"
    return render(request, part, context)


def _desk(request: HttpRequest, actor: Actor) -> Organisation:
    wanted = number_asked(request, "desk")
    if wanted is None and request.GET.get("desk"):
        raise NotFound
    return desk_for(actor, actor.org_id or 0 if wanted is None else wanted)


def _standing(actor: Actor, desk: Organisation, at: datetime) -> dict[str, Any]:
    written = handover_open_of(desk)
    stands = standing(desk, written, at=at)
    duties = duties_now(organisation_ids_beneath(desk))
    return {
        "desk": desk,
        "handover": written,
        "stands": stands,
        "kinds": {row.code: row for row in incident_types()},
        "duties": duties,
        "my_duty": next((row for row in duties if row.person_id == actor.id), None),
        "my_roles": [(role, Role(role).label) for role in DESK_ROLES if role in actor.roles],
        "role_words": dict(Role.choices),
        "promise_words": PROMISES,
        "history": handovers_before(desk),
        "note_chars": NOTE_CHARS,
        "is_mine": written is not None and written.outgoing_id == actor.id,
        "at": at,
    }


@screen("dispatch.handover")
def handover_print(request: HttpRequest, handover_id: int) -> HttpResponse:
    """One handover as it was signed, to print; before that, as it stands."""
    actor, at = page_actor(request), now()
    row = handover_for(actor, handover_id)
    stood = row.stood or handovers.stood_of(standing(row.organisation, row, at=at))
    visible = notes_seen(actor, row)
    context = {
        "handover": row,
        "stood": _dated(stood),
        "notes": visible,
        "writers": people_named(note.written_by for note in visible),
        "kinds": {kind.code: kind for kind in incident_types()},
        "promise_words": PROMISES,
        "default_theme": "light",
        "at": at,
    }
    return render(request, "console/handover_print.html", context)


def _dated(stood: dict[str, Any]) -> dict[str, Any]:
    """The instants of what was kept, as instants again."""

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: datetime.fromisoformat(part)
                if isinstance(part, str) and part and (key.endswith("_at") or key == "since")
                else read(part)
                for key, part in value.items()
            }
        return [read(part) for part in value] if isinstance(value, list) else value

    found: dict[str, Any] = read(stood)
    return found


def _note(row: Handover, request: HttpRequest, by: Actor, at: datetime) -> None:
    incident = incident_for(by, request.POST.get("incident", ""))
    handovers.handover_note(handover=row, incident=incident, note=request.POST.get("note", ""), by=by, at=at)


def _take(row: Handover, request: HttpRequest, by: Actor, at: datetime) -> None:
    if not request.POST.get("read"):
        raise BadInput(field="read", problem="–")
    handovers.handover_take(handover=row, role=_role(request, by), by=by, at=at)


DEEDS: dict[str, Callable[[Handover, HttpRequest, Actor, datetime], Any]] = {
    "note": _note,
    "sign": lambda row, request, by, at: handovers.handover_sign(handover=row, by=by, at=at),
    "reopen": lambda row, request, by, at: handovers.handover_reopen(handover=row, by=by, at=at),
    "take": _take,
}


@require_POST
def handover_do(request: HttpRequest, desk_id: int, deed: str) -> HttpResponse:
    """Begin, note, sign, take back, take over."""
    if deed not in (*DEEDS, "open"):
        raise NotFound

    def act(by: Actor, at: datetime) -> int:
        desk = desk_for(by, desk_id)
        # A first note begins the handover by itself.
        row = handover_open_of(desk) or handovers.handover_open(organisation=desk, by=by, at=at)
        if deed in DEEDS:
            DEEDS[deed](row, request, by, at)
        return int(row.pk)

    done = command_post(request, "dispatch.handover", act)
    if deed == "take":
        return HttpResponseRedirect(reverse("console:handover_print", args=[done]))
    return HttpResponseRedirect(f"{reverse('console:handover')}?desk={desk_id}")


@require_POST
def desk_do(request: HttpRequest, desk_id: int, deed: str) -> HttpResponse:
    """Come on duty at a desk, or go off."""
    if deed not in ("take", "leave"):
        raise NotFound

    def act(by: Actor, at: datetime) -> int:
        person = Person.objects.filter(pk=by.id or 0).first()
        if person is None:
            raise NotFound
        if deed == "take":
            duty_take(person=person, organisation=desk_for(by, desk_id), role=_role(request, by), by=by, at=at)
        else:
            duty_leave(person=person, by=by, at=at)
        return person.pk

    command_post(request, "units.desk", act)
    return HttpResponseRedirect(f"{reverse('console:handover')}?desk={desk_id}")


def _role(request: HttpRequest, by: Actor) -> str:
    """One of the person's own desk roles: the one named, or the first."""
    return desk_role(by.roles, request.POST.get("role", ""))
