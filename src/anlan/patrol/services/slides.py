"""Neighbours slide: what a unit on a call can't visit goes to those who still can, within their own promises."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from anlan.core.actor import Actor
from anlan.patrol import events
from anlan.patrol.models import PatrolRoute, PatrolStop
from anlan.patrol.rules import DRIVEN
from anlan.patrol.services.routes import route_event
from anlan.patrol.sliding import Slid


@transaction.atomic
def patrol_route_slide(*, route: PatrolRoute, slid: Slid, by: Actor, at: datetime) -> int:
    """Hand the stops over and set the neighbours' new times; how many moved.

    Each neighbour is told by an event of its own. One that left its route meanwhile keeps what it had, and what it
    was to take over stays where it is. ``route`` is not asked again before it goes on, even where nothing fits.
    """
    if not PatrolRoute.objects.filter(pk=route.pk, slid_at=route.slid_at).update(slid_at=at):
        return 0
    route.slid_at = at
    return sum(_take_over(route, taker, stops, slid, by=by, at=at) for taker, stops in slid.takes.items())


def _take_over(
    route: PatrolRoute, taker_id: int, stops: list[PatrolStop], slid: Slid, *, by: Actor, at: datetime
) -> int:
    taker = PatrolRoute.objects.select_related("plan", "unit").get(pk=taker_id)
    due = set(taker.stops.filter(state="due").values_list("pk", flat=True))
    own = {stop.pk for stop in stops if stop.route_id == taker.pk and stop.pk is not None}
    if taker.state not in DRIVEN or due != own:
        return 0
    last = taker.stops.aggregate(last=Max("position"))["last"] or 0
    moved = 0
    for number, stop in enumerate(stops, start=last + 1):
        times = {"position": number, "arrives_at": stop.arrives_at, "leaves_at": stop.leaves_at}
        if stop.pk is None:
            stop.route, stop.position, stop.state_since = taker, number, at
            stop.save()
            moved += 1
        elif stop.route_id == taker.pk:
            PatrolStop.objects.filter(pk=stop.pk, state="due").update(**times)
        else:
            theirs = PatrolStop.objects.filter(pk=stop.pk, state="due", route=route)
            moved += theirs.update(**times, route=taker, came_from=route.unit)
    if moved:
        route_event(events.ROUTE_SLID, taker, by=by, at=at, from_unit_id=route.unit_id, stops=moved)
    return moved


__all__ = ["patrol_route_slide"]
