"""Stops are reached, visited, missed, and misses explained."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import WrongState
from anlan.core.row_changes import row_reread
from anlan.core.services import event_record
from anlan.patrol import events
from anlan.patrol.errors import (
    ReasonUnknown,
)
from anlan.patrol.models import PatrolRoute, PatrolStop
from anlan.patrol.rules import (
    BY_HAND,
    MISSED,
    STOP,
    UNEXPLAINED,
)
from anlan.patrol.services.routes import route_own_must


@transaction.atomic
def patrol_stop_reach(*, stop: PatrolStop, by: Actor, at: datetime) -> None:
    """The unit stands at the stop, by its position."""
    _begin(stop.route, at)
    STOP.move(stop, "reached", at=at, subject=str(stop), reached_at=at, confirmed="position")
    _stop_event(events.STOP_REACHED, stop, by=by, at=at)


@transaction.atomic
def patrol_stop_confirm(*, stop: PatrolStop, by: Actor, at: datetime, reason: str = "") -> None:
    """The stop was visited: seen by position long enough (no reason), or told by hand with one of ``BY_HAND``."""
    route_own_must(stop.route, by)
    if (reason and reason not in BY_HAND) or (not reason and by.kind != "system"):
        raise ReasonUnknown(field="reason", value=reason)
    _begin(stop.route, at)
    STOP.move(stop, "dwelt", at=at, subject=str(stop), confirmed="hand" if reason else "position", reason=reason)
    _stop_event(events.STOP_DWELT, stop, by=by, at=at, how=stop.confirmed)


@transaction.atomic
def patrol_stop_miss(*, stop: PatrolStop, reason: str, by: Actor, at: datetime) -> None:
    """The stop can't be visited, and why."""
    route_own_must(stop.route, by)
    if reason not in MISSED:
        raise ReasonUnknown(field="reason", value=reason)
    STOP.move(stop, "missed", at=at, subject=str(stop), reason=reason, confirmed="")
    _stop_event(events.STOP_MISSED, stop, by=by, at=at, why=reason)


@transaction.atomic
def patrol_stop_explain(*, stop: PatrolStop, reason: str, by: Actor, at: datetime) -> None:
    """Say why a stop was missed that the program could only see to be missed."""
    route_own_must(stop.route, by)
    if reason not in MISSED or reason in UNEXPLAINED:
        raise ReasonUnknown(field="reason", value=reason)
    row_reread(stop)
    won = PatrolStop.objects.filter(pk=stop.pk, state="missed").update(reason=reason, explained_at=at)
    if not won:
        raise WrongState(
            subject=str(stop),
            state=STOP.labels[stop.state],
            since=stop.state_since,
            wanted=STOP.labels["missed"],
            next="",
        )
    stop.reason, stop.explained_at = reason, at
    _stop_event(events.STOP_EXPLAINED, stop, by=by, at=at, why=reason)


def _begin(route: PatrolRoute, at: datetime) -> None:
    """A route begins with its first stop."""
    PatrolRoute.objects.filter(pk=route.pk, state="accepted").update(state="in_progress", state_since=at)


def _stop_event(kind: str, stop: PatrolStop, *, by: Actor, at: datetime, **data: Any) -> None:
    route = stop.route
    orgs = [route.plan.organisation_id, route.unit.organisation_id]
    event_record(kind, subject=stop, by=by, at=at, org_ids=orgs, route_id=route.pk, position=stop.position, **data)
