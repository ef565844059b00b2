"""Learning how long roads take at each time of the week, from drives of the bureau's own units."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.services import event_record
from anlan.engines.arrival.paces import PaceFit, paces_from, paces_learn
from anlan.places import events
from anlan.places.models import RoadPace
from anlan.places.road_paces import RoadDrive, drives_judged, pace_row_in_use, paces_forget
from anlan.places.rules import PACE_DRIVES_LEAST, PACE_NEWS
from anlan.places.selectors import road_graph_bare


def road_paces_learn(*, drives: Iterable[RoadDrive], at: datetime, by: Actor = SYSTEM) -> RoadPace | None:
    """Learn from these drives; from the next question on every recommendation, ring and route reckons with it.

    None where too few of them say anything, where no network is in use, and where nothing moved by more than
    a fiftieth: times that are reckoned anew each night for nothing would make tables be worked out anew as well.
    """
    roads = road_graph_bare()
    if roads is None:
        return None
    drove, began = drives_judged(roads, drives)
    if len(began) < PACE_DRIVES_LEAST:
        return None
    fit, last = paces_learn(drove), pace_row_in_use()
    if last is not None and not _is_news(fit, paces_from(last.content)):
        return None
    with transaction.atomic():
        row = RoadPace.objects.create(
            learned_at=at, drives=len(began), first_at=min(began), last_at=max(began), content=fit.content()
        )
        event_record(events.ROAD_PACES_LEARNED, subject=row, by=by, at=at, drives=row.drives)
        transaction.on_commit(paces_forget)
    return row


def _is_news(fit: PaceFit, last: PaceFit) -> bool:
    told, before = fit.paces().factor, last.paces().factor
    return any(abs(factor / before.get(key, 1.0) - 1.0) > PACE_NEWS for key, factor in told.items())
