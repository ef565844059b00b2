"""The plan editor: lists that do everything, beside them a map that sends the same forms; and two plans compared."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.core.permissions import permitted
from anlan.core.programs import basemap, program
from anlan.core.templatetags.anlan import moment
from anlan.patrol import selectors, services
from anlan.patrol.adding import NEW, Wish, offers_of
from anlan.patrol.drawing import TINTS
from anlan.patrol.editing import Deed, edit_draw
from anlan.patrol.errors import PlanChanged
from anlan.patrol.figures import Summary, number_told, summary_of
from anlan.patrol.ground import base_of
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.rules import ADDED, KINDS, STAYS, Settings
from anlan.patrol.words import EDITS, cost_told, faults_told, offers_told, stop_told, why_told
from anlan.places.selectors import areas_in_force

ENTRY = "src/patrol/main.ts"
CHANGES = ("move", "lock", "unlock", "swap", "undo", "add", "remove")


def editor(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Every route as a list and on the map, with what may be changed, and what no longer holds."""
    actor = page_actor(request, "patrol.view")
    plan = selectors.plan_for(actor, plan_id)
    routes = selectors.routes_of(plan)
    stops = {stop.pk: stop for route in routes for stop in route.stops.all()}
    faulty = {fault["stop"] for fault in plan.faults}
    may_edit = plan.state == "drawn" and permitted(actor, "patrol.plan")
    last = plan.edits.filter(is_open=True).order_by("-number").first()
    context = {
        "plan": plan,
        "may_edit": may_edit,
        "routes": [
            {"route": route, "tint": k % TINTS, "stops": [_row(stop, faulty) for stop in route.stops.all()]}
            for k, route in enumerate(routes)
        ],
        "faults": faults_told(plan, stops, {area.code: area for area in areas_in_force("beat")}),
        "last": last and {"word": EDITS[last.kind], "at": last.at, "cost": cost_told(plan, last, routes)},
        "offers": offers_told(offers_of(plan, list(stops.values()))) if may_edit else [],
        "reasons": ADDED,
        "minutes": Settings.read(plan.settings).stop_s // 60,
        "built": program(ENTRY),
        "facts": _facts(plan, routes, faulty, may_edit),
        "default_theme": "light",
    }
    return _answer(request, "patrol/editor.html", context)


def _row(stop: PatrolStop, faulty: set[int | None]) -> dict[str, Any]:
    return {
        "row": stop,
        "kind": KINDS[stop.kind],
        "why": why_told(stop),
        "told": stop_told(stop),
        "faulty": stop.pk in faulty,
        "stays": stop.kind in STAYS,
    }


def _facts(plan: PatrolPlan, routes: list[PatrolRoute], faulty: set[int | None], may_edit: bool) -> dict[str, Any]:
    """What the map is told."""
    return {
        "edition": plan.edition,
        "may_edit": may_edit,
        "basemap": basemap(),
        "doors": {deed: reverse("patrol:plan_change", args=(plan.pk, deed)) for deed in ("move", "remove")},
        "routes": [
            {
                "id": route.pk,
                "call_sign": route.unit.call_sign,
                "tint": k % TINTS,
                "base": list(base_of(route.unit) or _first(route)),
                "stops": [
                    {
                        "id": stop.pk,
                        "number": number,
                        "at": [stop.lon, stop.lat],
                        "kind": stop.kind,
                        "label": f"{stop_told(stop)} · {moment(stop.arrives_at)}–{moment(stop.leaves_at)}",
                        "locked": stop.is_locked,
                        "faulty": stop.pk in faulty,
                        "stays": stop.kind in STAYS,
                    }
                    for number, stop in enumerate(route.stops.all(), start=1)
                ],
            }
            for k, route in enumerate(routes)
        ],
        "words": {
            "map": gettext("Map"),
            "no_map": gettext("This browser draws no map; the lists below do the whole job."),
            "drop_on_line": gettext(
                "Let the stop go on a unit's line: that unit takes it at that place of its route."
            ),
            "stays": gettext("A break stays with its unit."),
            "moved": gettext("The stop was moved; the lists show the new times."),
            "removed": gettext("The stop was taken out; the lists show the new times."),
            "remove": pgettext("patrol stop", "Take out"),
            "in_list": gettext("Show in the list"),
            "pick": gettext("Press on the map where the unit is to go, or Enter for the middle of the map."),
            "picked": gettext("The place stands in the form: choose a unit and press “Add the stop”."),
            "failed": gettext("The change did not reach the server; nothing was changed. Try again."),
        },
    }


def _first(route: PatrolRoute) -> tuple[float, float]:
    """Where a route without a base is drawn from."""
    stop = next(iter(route.stops.all()), None)
    return (stop.lon, stop.lat) if stop else (0.0, 0.0)


@require_POST
def plan_change(request: HttpRequest, plan_id: int, deed: str) -> HttpResponse:
    """Move, lock, add or take out a stop, swap two units, undo the last change; then the editor, at that stop."""
    if deed not in CHANGES:
        raise NotFound
    actor = page_actor(request, "patrol.plan")
    asked = _deed(request, deed)
    plan = selectors.plan_for(actor, plan_id)
    try:
        edited = edit_draw(plan, asked, at=now())
    except PlanChanged:
        edited = None  # perhaps by this very form, sent twice: then its first answer is given

    def act(by: Actor, at: datetime) -> int:
        if edited is None:
            raise PlanChanged
        made = services.patrol_plan_edit(plan=plan, edited=edited, by=by, at=at)
        return made.get(NEW, asked.stop or 0)

    stop_id = command_post(request, "patrol.plan", act)
    here = reverse("patrol:editor", args=(plan_id,))
    return redirect(f"{here}#stop-{stop_id}" if stop_id else here)


def _deed(request: HttpRequest, kind: str) -> Deed:
    place, step = _number(request, "place"), _number(request, "step")
    if place is not None and step is not None:
        place += step
    return Deed(
        kind,
        stop=_number(request, "stop"),
        route=_number(request, "route"),
        other=_number(request, "other"),
        place=place,
        edition=_number(request, "edition"),
        wish=Wish(
            spot=request.POST.get("spot", "")[:60],
            lon=_decimal(request, "lon"),
            lat=_decimal(request, "lat"),
            minutes=_number(request, "minutes"),
            reason=request.POST.get("reason", ""),
        ),
    )


def _decimal(request: HttpRequest, field: str) -> float | None:
    text = request.POST.get(field, "").strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise BadInput(field=field, problem=text[:40]) from None


def _number(request: HttpRequest, field: str) -> int | None:
    text = request.POST.get(field, "")
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise BadInput(field=field, problem=text[:40]) from None


def compare(request: HttpRequest) -> HttpResponse:
    """Two plans of one organisation side by side: what they collect, drive, keep in reach, and how evenly."""
    actor = page_actor(request, "patrol.view")
    known = selectors.plans_for(actor, limit=60)
    one, other = (_asked(actor, request, name) for name in ("a", "b"))
    sides = [summary_of(plan) for plan in (one, other)] if one and other else []
    context = {
        "plans": known,
        "a": one,
        "b": other,
        "rows": compared(*sides) if sides else [],
        "default_theme": "light",
    }
    return _answer(request, "patrol/compare.html", context)


def _asked(actor: Actor, request: HttpRequest, name: str) -> PatrolPlan | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise BadInput(field=name, problem=text[:40])
    return selectors.plan_for(actor, int(text))


def _apart_told(apart: float, digits: int) -> str:
    """A difference with its sign; what reads as nothing bears none."""
    text = f"{apart:+.{digits}f}"
    return text if float(text) else text.lstrip("+-")


def compared(a: Summary, b: Summary) -> list[dict[str, Any]]:
    """Each figure of both plans with its difference, the second less the first."""

    def row(
        word: str, one: float | None, other: float | None, digits: int, unit: str = "", scale: float = 1.0
    ) -> Any:
        pair = [None if value is None else value * scale for value in (one, other)]
        apart = None if pair[0] is None or pair[1] is None else pair[1] - pair[0]
        return {
            "word": word,
            "a": number_told(pair[0], digits, unit),
            "b": number_told(pair[1], digits, unit),
            "apart": "–" if apart is None else _apart_told(apart, digits),
        }

    return [
        row(gettext("Calls expected at visited places"), a.covered, b.covered, 2),
        row(gettext("Calls collected by all visits, repeats at less"), a.prize, b.prize, 2),
        row(gettext("Visits, breaks apart"), a.stops, b.stops, 0),
        row(gettext("Kilometres by road"), a.metres, b.metres, 1, "km", 1e-3),
        row(gettext("Hours driven"), a.travel_s, b.travel_s, 1, "h", 1 / 3600),
        row(gettext("Expected calls in reach, mean over the shift"), a.cover_mean, b.cover_mean, 1, "%", 100),
        row(gettext("Expected calls in reach at the lowest"), a.cover_least, b.cover_least, 1, "%", 100),
        row(gettext("Minutes that would have to be spent elsewhere to match need"), a.uneven, b.uneven, 1, "%", 100),
        row(gettext("Rules that don't hold"), a.faults, b.faults, 0),
    ]


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
