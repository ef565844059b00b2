"""Patrol plans as pages: the list, one plan with its routes, and the crew's next stop."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, moment_posted, page_actor
from anlan.patrol import selectors, services
from anlan.patrol.drawing import TINTS, plan_drawing
from anlan.patrol.models import PatrolPlan
from anlan.patrol.pages import editor, shift
from anlan.patrol.rules import ALLOWED, BY_HAND, KINDS, MISSED, SIGNED_ANYWAY, UNEXPLAINED, Settings
from anlan.patrol.trials import pages as trials
from anlan.patrol.words import faults_told, settings_told, stop_told, unmet_told, why_told
from anlan.places.selectors import areas_in_force

SHIFT = timedelta(hours=8)
SEEDS = 2**31


def plans(request: HttpRequest) -> HttpResponse:
    """The newest plans, and the form that makes the next shift's."""
    actor = page_actor(request, "patrol.view")
    starts_at = _next_shift(now())
    context = {
        "plans": selectors.plans_for(actor),
        "organisations": selectors.organisations_to_plan(actor),
        "starts_at": timezone.localtime(starts_at),
        "ends_at": timezone.localtime(starts_at + SHIFT),
        "settings": settings_told(Settings()),
        "default_theme": "light",
    }
    return _answer(request, "patrol/plans.html", context)


def _next_shift(at: datetime) -> datetime:
    """The next of the three shifts of a day."""
    local = timezone.localtime(at)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + SHIFT * (local.hour // 8 + 1)


@require_POST
def plan_new(request: HttpRequest) -> HttpResponse:
    """Work the plan out, then keep it: one click."""
    actor, at = page_actor(request, "patrol.plan"), now()
    organisation = _organisation(actor, request.POST.get("organisation", ""))
    draft = services.plan_draw(
        organisation=organisation,
        starts_at=moment_posted(request, "starts_at"),
        ends_at=moment_posted(request, "ends_at"),
        settings=_settings(request),
        seed=secrets.randbelow(SEEDS),
        by=actor,
        at=at,
    )

    def keep(by: Actor, at: datetime) -> int:
        return services.patrol_plan_make(draft=draft, organisation=organisation, by=by, at=at).pk

    return redirect("patrol:plan", command_post(request, "patrol.plan", keep))


def _organisation(actor: Actor, code: str) -> Organisation:
    for row in selectors.organisations_to_plan(actor):
        if row.code == code:
            return row
    raise NotFound


def _settings(request: HttpRequest) -> Settings:
    asked: dict[str, Any] = {}
    kinds = {field.name: float if field.type == "float" else int for field in fields(Settings)}
    for name in ALLOWED:
        if text := request.POST.get(name, ""):
            try:
                asked[name] = kinds[name](text)
            except ValueError:
                raise BadInput(field=name, problem=text[:40]) from None
    return replace(Settings(), **asked)


def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One plan: what it covers and what not, its routes on a map and as lists, and what may be done with it."""
    actor = page_actor(request, "patrol.view")
    row = selectors.plan_for(actor, plan_id)
    routes = selectors.routes_of(row)
    beats = {area.code: area for area in areas_in_force("beat")}
    context = {
        "plan": row,
        "routes": [
            {"route": route, "tint": k % TINTS, "stops": [_stop(stop) for stop in route.stops.all()]}
            for k, route in enumerate(routes)
        ],
        "drawing": plan_drawing(routes),
        "curve": shift.curve_of_plan(row),
        "unmet": unmet_told(row.unmet),
        "faults": faults_told(row, {stop.pk: stop for route in routes for stop in route.stops.all()}, beats),
        "anyway": SIGNED_ANYWAY,
        "progress": _progress(row),
        "settings": settings_told(Settings.read(row.settings)),
        "adherence": selectors.adherence_of(row),
        "beats": selectors.beat_shares(row),
        "beat_names": beats,
        "default_theme": "light",
    }
    return _answer(request, "patrol/plan.html", context)


def _progress(row: PatrolPlan) -> dict[str, Any] | None:
    """How far the search is: its share of the time, and what was won since the first answer, in per cent."""
    told = row.progress
    if not told:
        return None
    first = told["first"]
    return {
        **told,
        "share": round(min(100 * told["spent_s"] / told["of_s"], 100)) if told["of_s"] else 100,
        "won": 100 * (told["prize"] - first) / first if first else 0.0,
    }


def _stop(stop: Any) -> dict[str, Any]:
    return {"row": stop, "kind": KINDS[stop.kind], "why": why_told(stop), "told": stop_told(stop)}


DEEDS: dict[str, tuple[str, Callable[..., Any]]] = {
    "approve": ("patrol.approve", services.patrol_plan_approve),
    "publish": ("patrol.approve", services.patrol_plan_publish),
    "settle": ("patrol.plan", services.patrol_plan_settle),
    "search": ("patrol.plan", services.patrol_plan_search),
    "drop": ("patrol.plan", services.patrol_plan_drop),
}


@require_POST
def plan_do(request: HttpRequest, plan_id: int, deed: str) -> HttpResponse:
    """Sign a plan, hand it out, stop its search, or give it up."""
    if deed not in DEEDS:
        raise NotFound
    action, serve = DEEDS[deed]

    def act(by: Actor, at: datetime) -> int:
        row: PatrolPlan = selectors.plan_for(by, plan_id)
        more = {"reason": request.POST.get("reason", "")} if deed == "approve" else {}
        serve(plan=row, by=by, at=at, **more)
        return row.pk

    return redirect("patrol:plan", command_post(request, action, act))


def mine(request: HttpRequest) -> HttpResponse:
    """The crew's page: the next stop, why there, for how long."""
    actor, at = page_actor(request, "patrol.drive"), now()
    route = selectors.route_now(actor, at=at)
    stop = selectors.stop_next(route) if route else None
    rows = [_stop(row) for row in route.stops.select_related("came_from")] if route else []
    context = {
        "route": route,
        "next": _stop(stop) if stop else None,
        "stops": rows,
        "taken_over": [row for row in rows if row["row"].came_from_id and row["row"].state == "due"],
        "by_hand": BY_HAND,
        "missed": {code: word for code, word in MISSED.items() if code not in (*UNEXPLAINED, "not_taken")},
        "default_theme": "light",
    }
    is_part = "HX-Request" in request.headers
    return _answer(request, "patrol/parts/mine.html" if is_part else "patrol/mine.html", context)


@require_POST
def route_accept(request: HttpRequest, route_id: int) -> HttpResponse:
    """The crew takes its route."""

    def act(by: Actor, at: datetime) -> int:
        route = selectors.route_for(by, route_id)
        services.patrol_route_accept(route=route, by=by, at=at)
        return route.pk

    command_post(request, "patrol.drive", act)
    return redirect("patrol:mine")


@require_POST
def stop_do(request: HttpRequest, stop_id: int, deed: str) -> HttpResponse:
    """A stop was visited, told by hand; or it can't be, and why; or why it was missed, said afterwards."""
    if deed not in ("visited", "missed", "explain"):
        raise NotFound

    def act(by: Actor, at: datetime) -> int:
        stop, reason = selectors.stop_for(by, stop_id), request.POST.get("reason", "")
        if deed == "visited":
            services.patrol_stop_confirm(stop=stop, reason=reason, by=by, at=at)
        elif deed == "missed":
            services.patrol_stop_miss(stop=stop, reason=reason, by=by, at=at)
        else:
            services.patrol_stop_explain(stop=stop, reason=reason, by=by, at=at)
        return stop.route.plan_id

    plan_id = command_post(request, "patrol.drive", act)
    return redirect("patrol:over", plan_id) if deed == "explain" else redirect("patrol:mine")


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


app_name = "patrol"
urlpatterns = [
    *trials.urlpatterns,
    path("patrol", plans, name="plans"),
    path("patrol/new", plan_new, name="plan_new"),
    path("patrol/mine", mine, name="mine"),
    path("patrol/compare", editor.compare, name="compare"),
    path("patrol/plans/<int:plan_id>", plan, name="plan"),
    path("patrol/plans/<int:plan_id>/edit", editor.editor, name="editor"),
    path("patrol/plans/<int:plan_id>/live", shift.live, name="live"),
    path("patrol/plans/<int:plan_id>/over", shift.over, name="over"),
    path("patrol/plans/<int:plan_id>/stops", shift.records, name="records"),
    path("patrol/plans/<int:plan_id>/change/<str:deed>", editor.plan_change, name="plan_change"),
    path("patrol/plans/<int:plan_id>/<str:deed>", plan_do, name="plan_do"),
    path("patrol/routes/<int:route_id>/accept", route_accept, name="route_accept"),
    path("patrol/stops/<int:stop_id>/<str:deed>", stop_do, name="stop_do"),
]
