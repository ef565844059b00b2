"""Learning arrival times from the bureau's own closed assignments."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.models import ArrivalFit
from anlan.dispatch.selectors.arrivals import LEARNED_LEAST, arrivals_forget, fit_row_in_use, trips_over
from anlan.engines.arrival import arrival_fit

LEARNED_EVERY = timedelta(hours=20)


def arrivals_learn(*, at: datetime, by: Actor = SYSTEM) -> ArrivalFit | None:
    """Learn anew from the trips of the last half year, once a day; None where that was done or trips are too few.

    From the next recommendation on its times are the learned ones.
    """
    last = fit_row_in_use()
    if last is not None and at - last.learned_at < LEARNED_EVERY:
        return None
    trips, first_at, last_at = trips_over(at=at)
    fit = arrival_fit(trips)
    if fit.n < LEARNED_LEAST or first_at is None or last_at is None:
        return None
    with transaction.atomic():
        row = ArrivalFit.objects.create(
            learned_at=at, trips=fit.n, first_at=first_at, last_at=last_at, content=fit.content()
        )
        event_record(events.ARRIVALS_LEARNED, subject=row, by=by, at=at, trips=fit.n)
        transaction.on_commit(arrivals_forget)
    return row
