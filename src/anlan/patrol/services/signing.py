"""Plans are signed, handed out, given up, and over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.core.row_changes import row_reread
from anlan.core.services import event_record
from anlan.engines.patrol_route import CANT_BE_DRIVEN
from anlan.patrol import events
from anlan.patrol.errors import (
    PlanBreaksRules,
    PlanCantBeDriven,
    UnitsTaken,
)
from anlan.patrol.models import PatrolPlan, PatrolQuarter, PatrolRoute, PatrolStop
from anlan.patrol.rules import (
    DRIVEN,
    OPEN_ROUTES,
    PLAN,
    SIGNED_ANYWAY,
    quarters_of,
)


@transaction.atomic
def patrol_plan_approve(*, plan: PatrolPlan, by: Actor, at: datetime, reason: str = "") -> None:
    """A leader signs the plan; the search for better routes ends with it.

    One that breaks rules since it was changed by hand needs a ``reason`` of ``SIGNED_ANYWAY``; one that can't be
    driven is refused. Raises ``PlanCantBeDriven``, ``PlanBreaksRules``.
    """
    require(by, "patrol.approve")
    row_reread(plan)
    _must_be_signable(plan, reason)
    PLAN.move(
        plan,
        "approved",
        at=at,
        subject=str(plan),
        is_read=True,
        approved_reason=reason if plan.faults else "",
        approved_at=at,
        approved_by_id=by.id if by.kind == "person" else None,
        is_searching=False,
    )
    told: dict[str, Any] = {"faults": len(plan.faults), "why": reason} if plan.faults else {}
    event_record(events.PLAN_APPROVED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id], **told)


def _must_be_signable(plan: PatrolPlan, reason: str) -> None:
    hard = [fault for fault in plan.faults if fault["broken"] in CANT_BE_DRIVEN]
    if hard:
        raise PlanCantBeDriven(count=len(hard), call_sign=hard[0].get("call_sign") or "–")
    if plan.faults and reason not in SIGNED_ANYWAY:
        raise PlanBreaksRules(field="reason", value=reason, count=len(plan.faults))


@transaction.atomic
def patrol_plan_publish(*, plan: PatrolPlan, by: Actor, at: datetime) -> None:
    """Hand the routes to the crews. Raises ``UnitsTaken`` where one of its units drives another patrol then."""
    require(by, "patrol.approve")
    PLAN.move(plan, "published", at=at, subject=str(plan))
    _take_time(plan)
    PatrolRoute.objects.filter(plan=plan, state="planned").update(state="published", state_since=at)
    event_record(
        events.PLAN_PUBLISHED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id], routes=plan.routes.count()
    )


def _take_time(plan: PatrolPlan) -> None:
    """Book the units' time: by looking, and for those who publish in the same instant by the store's own rule."""
    routes = list(plan.routes.select_related("unit"))
    for route in routes:
        same = PatrolRoute.objects.filter(unit=route.unit, starts_at__lt=route.ends_at, ends_at__gt=route.starts_at)
        _must_be_free(same.filter(state__in=OPEN_ROUTES).exclude(plan=plan).first(), route)
    quarters = [
        PatrolQuarter(route=route, unit_id=route.unit_id, begins_at=moment)
        for route in routes
        for moment in quarters_of(route.starts_at, route.ends_at)
    ]
    try:
        with transaction.atomic():
            PatrolQuarter.objects.bulk_create(quarters)
    except IntegrityError:
        booked = [(quarter.unit_id, quarter.begins_at) for quarter in quarters]
        held = PatrolQuarter.objects.filter(unit_id__in={unit for unit, _ in booked}).select_related("route")
        other = next((row.route for row in held if (row.unit_id, row.begins_at) in booked), None)
        _must_be_free(other, next((route for route in routes if other and route.unit_id == other.unit_id), routes[0]))
        raise


def _must_be_free(other: PatrolRoute | None, route: PatrolRoute) -> None:
    if other is not None:
        raise UnitsTaken(call_sign=route.unit.call_sign, starts_at=other.starts_at, ends_at=other.ends_at)


@transaction.atomic
def patrol_plan_drop(*, plan: PatrolPlan, by: Actor, at: datetime) -> None:
    """Give a plan up before it is handed out."""
    require(by, "patrol.plan")
    PLAN.move(plan, "dropped", at=at, subject=str(plan), is_searching=False)
    event_record(events.PLAN_DROPPED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id])


@transaction.atomic
def patrol_plan_end(*, plan: PatrolPlan, by: Actor, at: datetime, done: Sequence[float | None] = ()) -> None:
    """The shift is over: what was not visited is missed, and says so. ``done`` is the cover that was there."""
    PLAN.move(plan, "ended", at=at, subject=str(plan))
    if done:
        plan.cover = {**plan.cover, "done": list(done)}
        PatrolPlan.objects.filter(pk=plan.pk).update(cover=plan.cover)
    PatrolQuarter.objects.filter(route__plan=plan).delete()
    stops = PatrolStop.objects.filter(route__plan=plan, state__in=("due", "reached"))
    missed = 0
    for reason, states in (("not_taken", ("published",)), ("dispatched", ("interrupted",)), ("shift_over", DRIVEN)):
        left = stops.filter(route__state__in=states)
        missed += left.update(state="missed", state_since=at, reason=reason, confirmed="")
    routes = PatrolRoute.objects.filter(plan=plan)
    routes.filter(state="published").update(state="missed", state_since=at)
    routes.filter(state__in=("accepted", "in_progress", "interrupted", "resumed")).update(
        state="done", state_since=at
    )
    event_record(events.PLAN_ENDED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id], missed=missed)
