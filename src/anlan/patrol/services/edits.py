"""A drawn plan is changed by hand, a change is undone, and better routes are looked for around what was fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.patrol import events
from anlan.patrol.adding import NEW
from anlan.patrol.editing import Edited
from anlan.patrol.errors import NothingToUndo, PlanChanged
from anlan.patrol.models import PatrolEdit, PatrolPlan, PatrolRoute, PatrolStop

APART = 10_000
"""Places in an order that no route has: stops pass through them, so that no two share one on the way."""


@transaction.atomic
def patrol_plan_edit(*, plan: PatrolPlan, edited: Edited, by: Actor, at: datetime) -> dict[int, int]:
    """Keep a change that was worked out (``editing.edit_draw``), as the plan then stood. Ends the search for better.

    The keys of stops that came in, by the keys they were worked out under.

    Raises ``PlanChanged`` where the plan is no longer what the change was worked out for, ``NothingToUndo``.
    """
    require(by, "patrol.plan")
    won = PatrolPlan.objects.filter(pk=plan.pk, state="drawn", edition=edited.edition).update(
        edition=F("edition") + 1,
        is_searching=False,
        stop_asked_at=None,
        faults=edited.faults,
        cover=edited.cover,
        covered=edited.covered,
        held=edited.held,
    )
    if not won:
        raise PlanChanged
    made = _write(plan, edited)
    if edited.undoes is not None:
        if not PatrolEdit.objects.filter(pk=edited.undoes, is_open=True).update(is_open=False):
            raise NothingToUndo
    else:
        last = plan.edits.aggregate(last=Max("number"))["last"] or 0
        PatrolEdit.objects.create(
            plan=plan,
            number=last + 1,
            kind=edited.kind,
            before=edited.before,
            at=at,
            by_id=by.id if by.kind == "person" else None,
        )
    plan.refresh_from_db()
    kind = events.PLAN_UNDONE if edited.undoes is not None else events.PLAN_EDITED
    event_record(
        kind,
        subject=plan,
        by=by,
        at=at,
        org_ids=[plan.organisation_id],
        deed=edited.kind,
        stops=[made.get(key, key) for key in edited.touched],
        faults=len(edited.faults),
    )
    return made


def _write(plan: PatrolPlan, edited: Edited) -> dict[int, int]:
    """Stops that are out go, those that stay get place and times, those that come in are made: their new keys."""
    kept = [stop for stop in edited.stops if not stop._state.adding]
    coming = [stop for stop in edited.stops if stop._state.adding]
    PatrolStop.objects.filter(route__plan=plan).exclude(pk__in=[stop.pk for stop in kept]).delete()
    for number, stop in enumerate(kept):
        stop.position += APART + number
    PatrolStop.objects.bulk_update(kept, ["position"])
    _place(edited.stops, edited.order)
    PatrolStop.objects.bulk_update(kept, ["route", "position", "arrives_at", "leaves_at", "is_locked"])
    made = {}
    for stop in coming:
        key = stop.pk
        stop.pk = None if key == NEW else key
        stop.save(force_insert=True)
        made[key] = stop.pk
    for route_id, travel_s in edited.travel_s.items():
        PatrolRoute.objects.filter(pk=route_id).update(travel_s=travel_s)
    return made


def _place(stops: Sequence[PatrolStop], order: Mapping[int, Sequence[int]]) -> None:
    held = {stop.pk: stop for stop in stops}
    for route_id, members in order.items():
        for position, stop_id in enumerate(members, start=1):
            held[stop_id].route_id, held[stop_id].position = route_id, position


@transaction.atomic
def patrol_plan_search(*, plan: PatrolPlan, by: Actor, at: datetime) -> Any:
    """Look for better routes once more: locked stops stay with their unit, near their time.

    What was changed by hand before can't be undone afterwards: the stops it was about are others then.
    """
    require(by, "patrol.plan")
    searching = PatrolPlan.objects.filter(pk=plan.pk, state="drawn", is_searching=False)
    if not searching.update(is_searching=True, stop_asked_at=None, progress={}):
        raise PlanChanged
    event_record(events.PLAN_SEARCHED, subject=plan, by=by, at=at, org_ids=[plan.organisation_id])
    plan.refresh_from_db()
