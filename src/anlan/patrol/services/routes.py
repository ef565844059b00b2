"""Routes are taken, stand still for a call, and go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.patrol import events
from anlan.patrol.errors import (
    NotYourRoute,
)
from anlan.patrol.models import PatrolRoute, PatrolStop
from anlan.patrol.rules import (
    ROUTE,
)
from anlan.units.selectors import units_crewed_by


def route_own_must(route: PatrolRoute, by: Actor) -> None:
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
    route_own_must(route, by)
    ROUTE.move(route, "accepted", at=at, subject=route.unit.call_sign)
    route_event(events.ROUTE_ACCEPTED, route, by=by, at=at)


@transaction.atomic
def patrol_route_interrupt(*, route: PatrolRoute, by: Actor, at: datetime) -> None:
    """The unit was sent to a call: its stops wait."""
    ROUTE.move(route, "interrupted", at=at, subject=route.unit.call_sign)
    route_event(events.ROUTE_INTERRUPTED, route, by=by, at=at)


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
    route_event(events.ROUTE_RESUMED, route, by=by, at=at, kept=len(kept), missed=missed)


def route_event(kind: str, route: PatrolRoute, *, by: Actor, at: datetime, **data: Any) -> None:
    """Say what happened to a route, to those who see the plan and those who see the unit."""
    orgs = [route.plan.organisation_id, route.unit.organisation_id]
    event_record(kind, subject=route, by=by, at=at, org_ids=orgs, unit_id=route.unit_id, **data)
