"""The town room: its own queue by keyboard, its teams and their load, and how it keeps its times."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.accounts.models import Organisation
from anlan.console.screen import screen, wants_part
from anlan.console.selectors.disputes import files_of_rooms
from anlan.console.selectors.town import town_groups, town_orders, town_teams
from anlan.console.selectors.wall_live import actor_within
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.permissions import permitted
from anlan.dispatch.selectors import recommend, town_shares
from anlan.reports.selectors import organisation_asked

TEAMS_OFFERED = 4
TEAMS_RANKED = 24


@screen("console.town_board")
def town(request: HttpRequest) -> HttpResponse:
    """Orders of the town room by what comes next, four clocks each, the next due on top; beside them the teams."""
    at = now()
    actor = page_actor(request)
    rooms = rooms_of(actor)
    room = organisation_asked(actor, request.GET.get("room", ""))
    looks = actor_within(actor, room)
    board = town_orders(looks, at=at)
    for each in board:
        if each.order.state in ("routed", "signed", "contacted"):
            near = recommend(each.order.incident, at=at, limit=TEAMS_RANKED, track="C").ranked
            # A town room sends its own teams only: a neighbour's would be refused.
            own = [team for team in near if team.unit.organisation_id == each.order.town_room_id]
            each.offered = own[:TEAMS_OFFERED]
    context: dict[str, Any] = {
        "board": board,
        "groups": town_groups(board),
        "teams": town_teams(looks, at=at),
        "shares": town_shares(looks, at=at),
        "files": (files := files_of_rooms([room.pk] if room else [row.pk for row in rooms])),
        "files_unsigned": any(row.file.state == "pushed" for row in files),
        "rooms": rooms,
        "room": room,
        "may_figures": permitted(actor, "reports.view"),
        "others": list(_town_rooms()) if permitted(actor, "dispatch.order_decide") else [],
        "default_theme": "light",
        "refresh_url": request.get_full_path(),
    }
    template = "console/parts/town.html" if wants_part(request) else "console/town.html"
    return render(request, template, context)


def rooms_of(actor: Actor) -> list[Organisation]:
    """The town rooms the actor may look at; more than one for those above them."""
    rows = _town_rooms()
    return list(rows if actor.sees_all else rows.filter(pk__in=actor.org_ids))


def _town_rooms() -> Any:
    return Organisation.objects.filter(kind="town_room", is_active=True).order_by("code")
