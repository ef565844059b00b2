"""What is kept of old forecasts: their scores and cards; the cells go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.forecasting import events
from anlan.forecasting.models import ForecastRun, ForecastSheet
from anlan.forecasting.rules import KEEP_CELLS


@transaction.atomic
def runs_thin(*, by: Actor, at: datetime) -> int:
    """Empty the cells of forecasts older than 400 days; how many runs lost them."""
    before = timezone.localtime(at).date() - KEEP_CELLS
    old = ForecastSheet.objects.filter(run__day__lt=before).exclude(means=b"")
    runs = list(old.order_by("run_id").values_list("run_id", flat=True).distinct())
    if not runs:
        return 0
    old.update(means=b"", bar=b"")
    last = ForecastRun.objects.get(pk=runs[-1])
    event_record(events.RUNS_THINNED, subject=last, by=by, at=at, day=before.isoformat(), n=len(runs))
    return len(runs)
