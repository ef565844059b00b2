"""Plans are made, signed, handed out; routes begin, stand still for a call and go on; stops are visited or missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.patrol import events
from anlan.patrol.errors import NoDemand, NotYourRoute, NoUnits, ReasonUnknown, SettingOutOfRange, ShiftUnreadable
from anlan.patrol.ground import Ground, ground_read
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.planning import Draft, draft_make, plan_row, route_rows
from anlan.patrol.rules import BY_HAND, MISSED, MOST_SHIFT, PLAN, ROUTE, STOP, Settings
from anlan.units.selectors import units_crewed_by


def plan_draw(
    *,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    settings: Settings,
    seed: int,
    by: Actor,
    at: datetime,
) -> Draft:
    """Work out a shift's first plan. Nothing is changed yet: to be called outside a transaction.

    Raises ``ShiftUnreadable``, ``SettingOutOfRange``, ``NoUnits`` and ``NoDemand``.
    """
    require(by, "patrol.plan")
    if not (by.sees_all or organisation.pk in by.org_ids):
        raise NotFound
    if not starts_at < ends_at <= starts_at + MOST_SHIFT:
        raise ShiftUnreadable(most_h=int(MOST_SHIFT.total_seconds() // 3600))
    wrong = settings.out_of_range()
    if wrong is not None:
        name, value, low, high = wrong
        raise SettingOutOfRange(field=name, value=value, low=low, high=high)
    ground = ground_read(by, organisation, starts_at=starts_at, ends_at=ends_at, at=at)
    _must_be_plannable(ground, organisation, starts_at, ends_at)
    return draft_make(ground, settings=settings, seed=seed, starts_at=starts_at, ends_at=ends_at, at=at)


def _must_be_plannable(ground: Ground, organisation: Organisation, starts_at: datetime, ends_at: datetime) -> None:
    if not ground.units:
        raise NoUnits(organisation=organisation.name_zh, starts_at=starts_at, ends_at=ends_at)
    if not ground.spots:
        raise NoDemand(organisation=organisation.name_zh)


@transaction.atomic
def patrol_plan_make(*, draft: Draft, organisation: Organisation, by: Actor, at: datetime) -> PatrolPlan:
    """Keep a worked-out plan; better routes are looked for afterwards, until a person stops that or signs it."""
    require(by, "patrol.plan")
    plan = plan_row(
        draft,
        organisation=organisation,
        state_since=at,
        made_at=at,
        made_by_id=by.id if by.kind == "person" else None,
        is_searching=draft.settings.search_s > 0,
    )
    plan.save()
    _routes_put(draft, plan, at=at)
    event_record(
        events.PLAN_MADE,
        subject=plan,
        by=by,
        at=at,
        org_ids=[organisation.pk],
        seed=plan.seed,
        demand=plan.demand,
        units=len(draft.ground.units),
        stops=len(draft.plan.served),
        chance=round(draft.chance, 6),
    )
    return plan


def _routes_put(draft: Draft, plan: PatrolPlan, *, at: datetime) -> None:
    for route, stops in route_rows(draft, plan, at=at):
        route.save()
        PatrolStop.objects.bulk_create(stops)


@transaction.atomic
def patrol_plan_better(*, plan: PatrolPlan, draft: Draft, by: Actor, at: datetime) -> bool:
    """Put better routes in the place of those first found, and end the search; False where it was ended meanwhile."""
    won = PatrolPlan.objects.filter(pk=plan.pk, state="drawn", is_searching=True).update(
        is_searching=False, covered=draft.covered, unmet=plan_row(draft).unmet
    )
    if not won:
        return False
    plan.routes.all().delete()
    plan.refresh_from_db()
    _routes_put(draft, plan, at=at)
    event_record(
        events.PLAN_BETTERED,
        subject=plan,
        by=by,
        at=at,
        org_ids=[plan.organisation_id],
        stops=len(draft.plan.served),
        covered=round(plan.covered, 4),
    )
    return True


@transaction.atomic
def patrol_plan_settle(*, plan: PatrolPlan, by: Actor, at: datetime) -> bool:
    """Stop looking for better routes; the plan stays as it is."""
    require(by, "patrol.plan")
    if not PatrolPlan.objects.filter(pk=plan.pk, is_searching=True).update(is_searching=False):
        return False
    event_record(events.PLAN_SETTLED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id])
    plan.refresh_from_db()
    return True


@transaction.atomic
def patrol_plan_approve(*, plan: PatrolPlan, by: Actor, at: datetime) -> None:
    """A leader signs the plan; the search for better routes ends with it."""
    require(by, "patrol.approve")
    PLAN.move(
        plan,
        "approved",
        at=at,
        subject=str(plan),
        approved_at=at,
        approved_by_id=by.id if by.kind == "person" else None,
        is_searching=False,
    )
    event_record(events.PLAN_APPROVED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id])


@transaction.atomic
def patrol_plan_publish(*, plan: PatrolPlan, by: Actor, at: datetime) -> None:
    """Hand the routes to the crews."""
    require(by, "patrol.approve")
    PLAN.move(plan, "published", at=at, subject=str(plan))
    PatrolRoute.objects.filter(plan=plan, state="planned").update(state="published", state_since=at)
    event_record(
        events.PLAN_PUBLISHED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id], routes=plan.routes.count()
    )


@transaction.atomic
def patrol_plan_drop(*, plan: PatrolPlan, by: Actor, at: datetime) -> None:
    """Give a plan up before it is handed out."""
    require(by, "patrol.plan")
    PLAN.move(plan, "dropped", at=at, subject=str(plan), is_searching=False)
    event_record(events.PLAN_DROPPED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id])


@transaction.atomic
def patrol_plan_end(*, plan: PatrolPlan, by: Actor, at: datetime) -> None:
    """The shift is over: what was not visited is missed, and says so."""
    PLAN.move(plan, "ended", at=at, subject=str(plan))
    stops = PatrolStop.objects.filter(route__plan=plan, state__in=("due", "reached"))
    missed = stops.update(state="missed", state_since=at, reason="shift_over", confirmed="")
    routes = PatrolRoute.objects.filter(plan=plan)
    routes.filter(state="published").update(state="missed", state_since=at)
    routes.filter(state__in=("accepted", "in_progress", "interrupted", "resumed")).update(
        state="done", state_since=at
    )
    event_record(events.PLAN_ENDED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id], missed=missed)


def _own_route(route: PatrolRoute, by: Actor) -> None:
    """Refuse unless it is the actor's own unit or their command room speaks for it."""
    require(by, "patrol.drive")
    if by.kind == "system" or route.unit_id in units_crewed_by(by):
        return
    desk = by.has_role("station_room", "duty_leader", "dispatcher")
    if not (desk and (by.sees_all or route.unit.organisation_id in by.org_ids)):
        raise NotYourRoute(call_sign=route.unit.call_sign)


@transaction.atomic
def patrol_route_accept(*, route: PatrolRoute, by: Actor, at: datetime) -> None:
    """The crew takes the route."""
    _own_route(route, by)
    ROUTE.move(route, "accepted", at=at, subject=route.unit.call_sign)
    _route_event(events.ROUTE_ACCEPTED, route, by=by, at=at)


@transaction.atomic
def patrol_route_interrupt(*, route: PatrolRoute, by: Actor, at: datetime) -> None:
    """The unit was sent to a call: its stops wait."""
    ROUTE.move(route, "interrupted", at=at, subject=route.unit.call_sign)
    _route_event(events.ROUTE_INTERRUPTED, route, by=by, at=at)


@transaction.atomic
def patrol_route_resume(*, route: PatrolRoute, stops: Sequence[PatrolStop], by: Actor, at: datetime) -> None:
    """The unit is free again: ``stops`` are those that still fit, with new times; the others are missed for the call.

    ``stops`` are rows of this route that are due, in their new order.
    """
    ROUTE.move(route, "resumed", at=at, subject=route.unit.call_sign)
    kept = {stop.pk for stop in stops}
    due = PatrolStop.objects.filter(route=route, state__in=("due", "reached"))
    missed = due.exclude(pk__in=kept).update(state="missed", state_since=at, reason="dispatched", confirmed="")
    last = (
        PatrolStop.objects.filter(route=route).order_by("-position").values_list("position", flat=True).first() or 0
    )
    # New places in the order lie above all old ones, so that no two share one on the way.
    for number, stop in enumerate(stops, start=last + 1):
        PatrolStop.objects.filter(pk=stop.pk, state="due").update(
            position=number, arrives_at=stop.arrives_at, leaves_at=stop.leaves_at
        )
    _route_event(events.ROUTE_RESUMED, route, by=by, at=at, kept=len(kept), missed=missed)


def _route_event(kind: str, route: PatrolRoute, *, by: Actor, at: datetime, **data: Any) -> None:
    orgs = [route.plan.organisation_id, route.unit.organisation_id]
    event_record(kind, subject=route, by=by, at=at, org_ids=orgs, unit_id=route.unit_id, **data)


@transaction.atomic
def patrol_stop_reach(*, stop: PatrolStop, by: Actor, at: datetime) -> None:
    """The unit stands at the stop, by its position."""
    _begin(stop.route, at)
    STOP.move(stop, "reached", at=at, subject=str(stop), reached_at=at, confirmed="position")
    _stop_event(events.STOP_REACHED, stop, by=by, at=at)


@transaction.atomic
def patrol_stop_confirm(*, stop: PatrolStop, by: Actor, at: datetime, reason: str = "") -> None:
    """The stop was visited: seen by position long enough (no reason), or told by hand with one of ``BY_HAND``."""
    _own_route(stop.route, by)
    if (reason and reason not in BY_HAND) or (not reason and by.kind != "system"):
        raise ReasonUnknown(field="reason", value=reason)
    _begin(stop.route, at)
    STOP.move(stop, "dwelt", at=at, subject=str(stop), confirmed="hand" if reason else "position", reason=reason)
    _stop_event(events.STOP_DWELT, stop, by=by, at=at, how=stop.confirmed)


@transaction.atomic
def patrol_stop_miss(*, stop: PatrolStop, reason: str, by: Actor, at: datetime) -> None:
    """The stop can't be visited, and why."""
    _own_route(stop.route, by)
    if reason not in MISSED:
        raise ReasonUnknown(field="reason", value=reason)
    STOP.move(stop, "missed", at=at, subject=str(stop), reason=reason, confirmed="")
    _stop_event(events.STOP_MISSED, stop, by=by, at=at, why=reason)


def _begin(route: PatrolRoute, at: datetime) -> None:
    """A route begins with its first stop."""
    PatrolRoute.objects.filter(pk=route.pk, state="accepted").update(state="in_progress", state_since=at)


def _stop_event(kind: str, stop: PatrolStop, *, by: Actor, at: datetime, **data: Any) -> None:
    route = stop.route
    orgs = [route.plan.organisation_id, route.unit.organisation_id]
    event_record(kind, subject=stop, by=by, at=at, org_ids=orgs, route_id=route.pk, position=stop.position, **data)


__all__ = [
    "patrol_plan_approve",
    "patrol_plan_better",
    "patrol_plan_drop",
    "patrol_plan_end",
    "patrol_plan_make",
    "patrol_plan_publish",
    "patrol_plan_settle",
    "patrol_route_accept",
    "patrol_route_interrupt",
    "patrol_route_resume",
    "patrol_stop_confirm",
    "patrol_stop_miss",
    "patrol_stop_reach",
    "plan_draw",
]
