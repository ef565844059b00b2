"""Plans are drawn, kept, bettered; and the search for better ones ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.patrol import events
from anlan.patrol.adding import faults_out
from anlan.patrol.errors import (
    NoDemand,
    NoUnits,
    SettingOutOfRange,
    ShiftUnreadable,
)
from anlan.patrol.ground import Ground, ground_read
from anlan.patrol.models import PatrolPlan, PatrolStop
from anlan.patrol.plan_rows import plan_row, route_rows
from anlan.patrol.planning import Draft, draft_make
from anlan.patrol.rules import (
    MOST_SHIFT,
    Settings,
)


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
def patrol_plan_better(
    *, plan: PatrolPlan, draft: Draft, by: Actor, at: datetime, progress: dict[str, Any] | None = None
) -> bool:
    """Put better routes in the place of those first found, and end the search; False where it was ended meanwhile.

    ``progress`` are the last figures of the search.
    """
    row = plan_row(draft)
    won = PatrolPlan.objects.filter(pk=plan.pk, state="drawn", is_searching=True).update(
        is_searching=False,
        stop_asked_at=None,
        covered=row.covered,
        unmet=row.unmet,
        cover=row.cover,
        faults=faults_out(plan.held),
        edition=F("edition") + 1,
        progress=progress or {},
    )
    if not won:
        return False
    plan.edits.update(is_open=False)  # what they would bring back are stops that are no more
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
    """Stop looking for better routes. A search that runs ends within a round and keeps the best it has found."""
    require(by, "patrol.plan")
    searched = PatrolPlan.objects.filter(pk=plan.pk, is_searching=True, stop_asked_at=None)
    if not (searched.filter(progress={}).update(is_searching=False) or searched.update(stop_asked_at=at)):
        return False
    event_record(events.PLAN_SETTLED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id])
    plan.refresh_from_db()
    return True


def patrol_plan_told(*, plan: PatrolPlan, progress: dict[str, Any]) -> bool:
    """Keep how far the search is, to be shown; False where it is to end. No event: the figures pass with it."""
    running = PatrolPlan.objects.filter(pk=plan.pk, is_searching=True, stop_asked_at=None)
    return bool(running.update(progress=progress))
