"""Unit list, station room board, partner desk."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.console.screen import screen, wants_part
from anlan.console.selectors.boards import revisits_due, station_lists, transfers_open
from anlan.console.selectors.wall_live import actor_within
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.dispatch.models import Revisit
from anlan.dispatch.selectors import timers_by_unit
from anlan.reports.selectors import organisation_asked
from anlan.tagging.selectors import incident_type
from anlan.units.models import Unit
from anlan.units.selectors import UnitOnBoard, capability_labels, units_for_board

# What needs an eye first: those on a job, then the free, then the rest.
STATE_ORDER = ("assigned", "en_route", "on_scene", "available", "busy", "out_of_service", "off")


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or only its changing part for the refresh."""
    template = f"console/parts/{name}.html" if wants_part(request) else f"console/{name}.html"
    return render(request, template, {**context, "default_theme": "light", "refresh_url": request.get_full_path()})


@screen("units.view")
def units(request: HttpRequest) -> HttpResponse:
    """Every unit in reach: what it does since when, and how old its position is."""
    actor = page_actor(request)
    organisation = organisation_asked(actor, request.GET.get("organisation", ""))
    rows = units_for_board(actor_within(actor, organisation), at=now())
    wanted = {name: request.GET.get(name, "").strip() for name in ("track", "state", "q")}
    shown = [row for row in rows if _fits(row, **wanted)]
    shown.sort(key=lambda row: (STATE_ORDER.index(row.state), row.call_sign))
    context = {
        "units": shown,
        "total": len(rows),
        "wanted": wanted,
        "organisation": organisation,
        "tracks": Unit.Track.choices,
        "states": Unit._meta.get_field("state").flatchoices,
        "vehicles": dict(Unit.Vehicle.choices),
        "capabilities": capability_labels(),
        "timers": timers_by_unit(row.id for row in shown),
    }
    return _page(request, "units", context)


def _fits(row: UnitOnBoard, *, track: str, state: str, q: str) -> bool:
    words = f"{row.call_sign} {row.organisation} {row.organisation_en} {' '.join(row.crew)}".lower()
    return track in ("", row.track) and state in ("", row.state) and q.lower() in words


@screen("console.station_board")
def station(request: HttpRequest) -> HttpResponse:
    """What is not right yet: unsigned, overdue, to review, to correct, to revisit."""
    actor, at = page_actor(request), now()
    revisits, in_all = revisits_due(actor)
    context = {
        "lists": station_lists(actor, at=at),
        "revisits": [(row, incident_type(row.incident.code)) for row in revisits],
        "revisits_total": in_all,
        "revisit_outcomes": Revisit.Outcome.choices,
    }
    return _page(request, "station", context)


@screen("console.partner_board")
def partner(request: HttpRequest) -> HttpResponse:
    """What the centre has handed to this desk: accept with a receipt, or send back with a reason."""
    return _page(request, "partner", {"transfers": transfers_open(page_actor(request))})
