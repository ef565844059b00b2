"""Where citizens called from, by cell: what may be told by place, for whoever plans by it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count

from anlan.engines.forecast import never_forecast, station_only
from anlan.intake.models import Incident

YEAR = timedelta(days=365)
CITIZEN = "citizen"


def calls_of_year(until: datetime) -> list[tuple[int, int]]:
    """Small cells (about 200 m) with how many calls in the year up to ``until``, a row for each type there.

    Citizens' calls alone, valid and not merged, without the types no map may show by place.
    """
    rows = (
        Incident.objects.filter(
            received_at__gt=until - YEAR, received_at__lte=until, is_valid=True, cell__isnull=False, origin=CITIZEN
        )
        .exclude(state="merged")
        .values_list("cell", "code")
        .annotate(n=Count("id"))
        .order_by("cell", "code")
    )
    return [(cell, n) for cell, code, n in rows if cell and not (never_forecast(code) or station_only(code))]
