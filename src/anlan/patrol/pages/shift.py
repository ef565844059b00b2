"""A patrol as it runs and when it is over: who is late, planned against done, and the stops behind each figure."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.permissions import permitted
from anlan.patrol import selectors
from anlan.patrol.adherence import standings_of
from anlan.patrol.curve import Curve, curve_drawing
from anlan.patrol.figures import area_times, misses_of, number_told, share_told, unevenness
from anlan.patrol.models import PatrolPlan, PatrolStop
from anlan.patrol.rules import FIGURES, KINDS, MISSED, STAYS, UNEXPLAINED
from anlan.patrol.words import stop_told, why_told
from anlan.places.selectors import areas_in_force

MOST_ROWS = 500


def live(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Who is where in the plan, by the minute: next stop, when it was planned, when the unit will be there."""
    actor, at = page_actor(request, "patrol.view"), now()
    plan = selectors.plan_for(actor, plan_id)
    standings = sorted(standings_of(plan, at=at), key=lambda one: -(one.late_s or 0.0))
    context = {
        "plan": plan,
        "rows": [{"standing": one, "next": one.next and _told(one.next)} for one in standings],
        "late": sum(one.is_late for one in standings),
        "adherence": selectors.adherence_of(plan),
        "default_theme": "light",
    }
    is_part = "HX-Request" in request.headers
    return _answer(request, "patrol/parts/live.html" if is_part else "patrol/live.html", context)


def over(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Planned against done: visits, misses with reasons, cover over the shift, time by area."""
    actor = page_actor(request, "patrol.view")
    plan = selectors.plan_for(actor, plan_id)
    stops = selectors.stops_of(plan)
    visits = [stop for stop in stops if stop.kind not in STAYS]
    done = [stop for stop in visits if stop.state == "dwelt"]
    settled = [stop for stop in visits if stop.state in ("dwelt", "missed")]
    areas = area_times(plan, stops, done=plan.state == "ended")
    planned, drawn = plan.cover.get("planned", []), plan.cover.get("done", [])
    context = {
        "plan": plan,
        "visited": share_told(len(done), len(settled)),
        "by_hand": share_told(sum(stop.confirmed == "hand" for stop in done), len(done)),
        "taken_over": number_told(sum(stop.came_from_id is not None for stop in stops), 0),
        "misses": misses_of(visits),
        "missed": sum(stop.state == "missed" for stop in visits),
        "open": [_told(stop) for stop in visits if stop.state == "missed" and stop.reason in UNEXPLAINED],
        "may_explain": permitted(actor, "patrol.drive"),
        "reasons": {code: word for code, word in MISSED.items() if code not in UNEXPLAINED},
        "cover_planned": _mean(planned),
        "cover_done": _mean(drawn),
        "curve": curve_of_plan(plan),
        "quarters": _quarters(plan),
        "areas": areas,
        "uneven": number_told(None if (share := unevenness(areas)) is None else 100 * share, 1, "%"),
        "beat_names": {area.code: area for area in areas_in_force("beat")},
        "edition": FIGURES,
        "default_theme": "light",
    }
    return _answer(request, "patrol/over.html", context)


def _mean(shares: list[float | None]) -> Any:
    known = [share for share in shares if share is not None]
    mean = 100 * sum(known) / len(known) if known else None
    return number_told(mean, 1, "%", f"n = {len(known)}")


def curve_of_plan(plan: PatrolPlan) -> Curve | None:
    """The cover curve that is kept with the plan."""
    cover = plan.cover
    return curve_drawing(
        cover.get("planned", []), cover.get("done", []), starts_at=plan.starts_at, step_s=cover.get("step_s", 900.0)
    )


def _quarters(plan: PatrolPlan) -> list[dict[str, Any]]:
    """The curve as a table: hour by hour, for who can't see the drawing."""
    planned, done = plan.cover.get("planned", []), plan.cover.get("done", [])
    curve = curve_of_plan(plan)
    if curve is None:
        return []
    per_tick = max(len(planned) // 8, 1)
    return [
        {
            "at": tick.text,
            "planned": planned[k * per_tick],
            "done": done[k * per_tick] if k * per_tick < len(done) else None,
        }
        for k, tick in enumerate(curve.hours)
        if k * per_tick < len(planned)
    ]


def records(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The stops behind a figure: all, or those of one state, reason, area, unit or kind."""
    actor = page_actor(request, "patrol.view")
    plan = selectors.plan_for(actor, plan_id)
    names = ("state", "reason", "beat", "unit", "kind", "how")
    wish = {name: request.GET[name] for name in names if name in request.GET}
    rows = [stop for stop in selectors.stops_of(plan) if _fits(stop, wish)]
    context = {
        "plan": plan,
        "wish": wish,
        "count": len(rows),
        "rows": [_told(stop) for stop in rows[:MOST_ROWS]],
        "edition": FIGURES,
        "default_theme": "light",
    }
    return _answer(request, "patrol/records.html", context)


def _fits(stop: PatrolStop, wish: dict[str, str]) -> bool:
    held = {
        "state": stop.state,
        "reason": stop.reason,
        "beat": stop.beat_code,
        "unit": stop.route.unit.call_sign,
        "kind": stop.kind,
        "how": "taken_over" if stop.came_from_id else stop.confirmed,
    }
    states = {"settled": ("dwelt", "missed"), "open": ("due", "reached")}
    if "state" in wish and wish["state"] in states:
        return stop.state in states[wish["state"]] and stop.kind not in STAYS
    return all(held[name] == value for name, value in wish.items()) and (
        stop.kind not in STAYS or wish.get("kind") in STAYS or not wish
    )


def _told(stop: PatrolStop) -> dict[str, Any]:
    return {"row": stop, "kind": KINDS[stop.kind], "why": why_told(stop), "told": stop_told(stop)}


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


__all__ = ["curve_of_plan", "live", "over", "records"]
