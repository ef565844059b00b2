"""The demo county's past brought up to this morning: a store made some days ago lacks the days since."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from anlan.drills.county_history import SOURCE, county_history_load
from anlan.drills.weather import weather_past
from anlan.engines.county.records import County
from anlan.intake.models import Incident


def local_midnight(at: datetime) -> datetime:
    """The beginning of the local day that ``at`` lies in."""
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def past_follow(county: County, *, seed: int, at: datetime) -> int:
    """Put the days between the made past and this morning on the record; returns how many days.

    Day by day, each in steps short enough that the living day can write between them.
    """
    last = Incident.objects.filter(source=SOURCE).aggregate(last=Max("received_at"))["last"]
    if last is None:
        return 0
    day, days = local_midnight(last) + timedelta(days=1), 0
    while day + timedelta(days=1) <= local_midnight(at):
        weather_past(seed, start=day, until=day + timedelta(days=1), at=at)
        day += timedelta(days=1)
        county_history_load(county, until=day, days=1, seed=seed)
        days += 1
    return days
