"""Reactions to what units do; each may run twice without harm."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.core.event_schemas import event_must_be_known
from anlan.core.models import HandlerCursor
from anlan.core.selectors import Cursor, cursor_latest, events_after, events_wait
from anlan.patrol.models import PatrolRoute
from anlan.patrol.replanning import stops_that_fit
from anlan.patrol.services import patrol_route_interrupt, patrol_route_resume, patrol_route_slide
from anlan.patrol.sliding import slide_draw, stops_in_absence
from anlan.units import events as units
from anlan.units.models import Unit

FOLLOWED = {units.STATUS_CHANGED, units.UNIT_CLAIMED}
NAME = "patrol.units"
ON_CALL = ("assigned", "en_route", "on_scene")
CAN_STOP = ("published", "accepted", "in_progress", "resumed")


def units_follow(*, at: datetime, limit: int = 500) -> int:
    """A unit that was sent leaves its route; one that is free again goes on with what still fits. Events read.

    What counts is what the unit does now, not what the event said: a status that was passed through changes nothing.
    """
    if not events_wait(NAME, FOLLOWED):
        return 0
    place = HandlerCursor.objects.filter(handler=NAME).first()
    if place is None:
        return _begin(at)
    read = list(events_after(Cursor(place.txid, place.event_id), limit=limit))
    touched = {event_must_be_known(event).subject_id for event in read if event.kind in FOLLOWED}
    for unit_id in sorted(touched):
        unit_follow(unit_id, at=at)
    if read:
        with transaction.atomic():
            HandlerCursor.objects.filter(pk=place.pk).update(txid=read[-1].txid, event_id=read[-1].pk)
    return len(read)


def _begin(at: datetime) -> int:
    """Follow from here on; how units stand now is looked at once, and what they did before is not read."""
    HandlerCursor.place(NAME, cursor_latest)
    running = PatrolRoute.objects.filter(starts_at__lte=at, ends_at__gt=at, state__in=(*CAN_STOP, "interrupted"))
    return sum(unit_follow(unit_id, at=at) for unit_id in running.values_list("unit_id", flat=True))


def _neighbours_slide(route: PatrolRoute, *, at: datetime) -> bool:
    """Once for each call: what falls into the absence is offered to the neighbours; also after a worker that fell."""
    if route.slid_at is not None and route.slid_at >= route.state_since:
        return False
    slid = slide_draw(route, stops_in_absence(route, at=at), at=at, with_standby=True)
    patrol_route_slide(route=route, slid=slid, by=SYSTEM, at=at)
    return True


def unit_follow(unit_id: int, *, at: datetime) -> bool:
    """Bring the unit's running route in step with what the unit does; whether anything changed."""
    routes = PatrolRoute.objects.filter(unit_id=unit_id, starts_at__lte=at, ends_at__gt=at)
    route = routes.filter(state__in=(*CAN_STOP, "interrupted")).select_related("plan", "unit").first()
    if route is None:
        return False
    state = Unit.objects.values_list("state", flat=True).get(pk=unit_id)
    try:
        if state in ON_CALL and route.state in CAN_STOP:
            patrol_route_interrupt(route=route, by=SYSTEM, at=at)
        if state in ON_CALL and route.state == "interrupted":
            return _neighbours_slide(route, at=at)
        if state != "available" or route.state != "interrupted":
            return False
        kept = stops_that_fit(route, at=at)
        fits = {stop.pk for stop in kept}
        left = [stop for stop in route.stops.filter(state="due").order_by("position") if stop.pk not in fits]
        patrol_route_slide(route=route, slid=slide_draw(route, left, at=at), by=SYSTEM, at=at)
        patrol_route_resume(route=route, stops=kept, by=SYSTEM, at=at)
    except DomainError:
        return False  # somebody was quicker: the next event finds it as it then is
    return True


__all__ = ["unit_follow", "units_follow"]
