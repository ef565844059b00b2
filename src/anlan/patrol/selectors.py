"""Questions about plans, routes and stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisations
from anlan.core.actor import Actor
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.rules import BY_NEED, OPEN_ROUTES
from anlan.units.selectors import units_crewed_by


def plans_for(actor: Actor, *, limit: int = 30) -> list[PatrolPlan]:
    """The newest plans in the actor's reach."""
    rows = PatrolPlan.objects.visible_to(actor).select_related("organisation")
    return list(rows.order_by("-starts_at", "-id")[:limit])


def plan_for(actor: Actor, plan_id: int) -> PatrolPlan:
    """The plan, or ``NotFound``."""
    plan: PatrolPlan = PatrolPlan.objects.select_related("organisation").one_for(actor, pk=plan_id)
    return plan


def routes_of(plan: PatrolPlan) -> list[PatrolRoute]:
    """Its routes with unit and stops."""
    rows = PatrolRoute.objects.filter(plan=plan).select_related("unit", "plan")
    return list(rows.prefetch_related("stops__came_from").order_by("unit__call_sign"))


def stops_of(plan: PatrolPlan) -> list[PatrolStop]:
    """Every stop of the plan with its unit, by unit and order."""
    rows = PatrolStop.objects.filter(route__plan=plan).select_related("route__unit", "route__plan", "came_from")
    return list(rows.order_by("route__unit__call_sign", "position"))


def stop_for(actor: Actor, stop_id: int) -> PatrolStop:
    """The stop with its route and unit, or ``NotFound``."""
    rows = PatrolStop.objects.select_related("route__plan", "route__unit")
    stop: PatrolStop = rows.one_for(actor, pk=stop_id)
    return stop


def route_for(actor: Actor, route_id: int) -> PatrolRoute:
    """The route with plan and unit, or ``NotFound``."""
    route: PatrolRoute = PatrolRoute.objects.select_related("plan", "unit").one_for(actor, pk=route_id)
    return route


def route_now(actor: Actor, *, at: datetime) -> PatrolRoute | None:
    """The route the actor's unit drives now, or is to drive next within half a day."""
    rows = PatrolRoute.objects.filter(unit_id__in=units_crewed_by(actor), state__in=OPEN_ROUTES, ends_at__gt=at)
    rows = rows.filter(starts_at__lt=at + timedelta(hours=12)).select_related("plan", "unit")
    return rows.order_by("starts_at", "id").first()


def stop_next(route: PatrolRoute) -> PatrolStop | None:
    """Where the unit stands, or goes next."""
    return route.stops.filter(state__in=("reached", "due")).order_by("position").first()


@dataclass(frozen=True)
class Adherence:
    """Planned against done: visits confirmed, missed and still due, and by hand of those confirmed."""

    stops: int
    visited: int
    by_hand: int
    missed: int
    due: int

    @property
    def share(self) -> float | None:
        """Visited of those that are no longer due."""
        over = self.visited + self.missed
        return self.visited / over if over else None


def adherence_of(plan: PatrolPlan) -> Adherence:
    """How a plan's stops stand now."""
    rows = list(PatrolStop.objects.filter(route__plan=plan).values_list("state", "confirmed"))
    return Adherence(
        stops=len(rows),
        visited=sum(state == "dwelt" for state, _ in rows),
        by_hand=sum(state == "dwelt" and how == "hand" for state, how in rows),
        missed=sum(state == "missed" for state, _ in rows),
        due=sum(state in ("due", "reached") for state, _ in rows),
    )


def organisations_to_plan(actor: Actor) -> list[Organisation]:
    """Bureaus, zones and stations in the actor's reach: those a shift's patrol is planned for."""
    rows = [row for kind in ("station", "zone", "bureau") for row in organisations(kind)]
    return [row for row in rows if actor.sees_all or row.pk in actor.org_ids]


@dataclass(frozen=True)
class BeatShare:
    """A beat's share of the planned minutes beside its share of the need."""

    beat_code: str
    visits: int
    minutes: float
    minutes_share: float
    need: float
    need_share: float

    @property
    def ratio(self) -> float | None:
        return self.minutes_share / self.need_share if self.need_share else None


def beat_shares(plan: PatrolPlan) -> list[BeatShare]:
    """Of visits by need (no lots, no meals): each beat's minutes beside the demand its visited places stand for."""
    minutes: dict[str, float] = {}
    visits: dict[str, int] = {}
    need: dict[str, dict[tuple[float, float], float]] = {}
    for stop in PatrolStop.objects.filter(route__plan=plan, kind__in=BY_NEED):
        beat = stop.beat_code
        minutes[beat] = minutes.get(beat, 0.0) + (stop.leaves_at - stop.arrives_at).total_seconds() / 60
        visits[beat] = visits.get(beat, 0) + 1
        places = need.setdefault(beat, {})
        places[stop.lon, stop.lat] = max(places.get((stop.lon, stop.lat), 0.0), stop.why.get("expected", 0.0))
    whole, wanted = sum(minutes.values()) or 1.0, sum(sum(p.values()) for p in need.values()) or 1.0
    return [
        BeatShare(
            beat,
            visits[beat],
            minutes[beat],
            minutes[beat] / whole,
            sum(need[beat].values()),
            sum(need[beat].values()) / wanted,
        )
        for beat in sorted(minutes)
    ]
