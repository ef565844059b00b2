"""Timed work of this room: a forecast a night, its score the day after, alarms, and what is kept."""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import date, datetime, timedelta

from django.utils import timezone

from anlan.core.actor import SYSTEM
from anlan.forecasting.errors import RecordTooShort
from anlan.forecasting.models import ForecastRun
from anlan.forecasting.rules import AUDIT_EVERY
from anlan.forecasting.selectors.record import record_kept
from anlan.forecasting.selectors.register import audit_due, release_newest
from anlan.forecasting.services.alarms import alarms_look
from anlan.forecasting.services.issuing import REPLAYED_DAYS, forecast_issue, forecasts_replay
from anlan.forecasting.services.keeping import runs_thin
from anlan.forecasting.services.releasing import release_audit
from anlan.forecasting.services.scoring import run_score

AFTER_MIDNIGHT = timedelta(minutes=10)
"""Calls of the last minutes are taken down by then."""
TRY_AGAIN = timedelta(hours=1)
SCORED_AT_ONCE = 31
_refused: dict[str, datetime] = {}


def forecasts_due(*, at: datetime) -> bool:
    """Whether a forecast, a score or an audit is wanting. Three small questions."""
    runs, today = ForecastRun.objects.all(), _today(at)
    if not runs.filter(day=today).exists() or runs.filter(scored_at=None, day__lt=today).exists():
        return True
    release = release_newest()
    return release is not None and audit_due(release, at=at, every=AUDIT_EVERY)


def _today(at: datetime) -> date:
    return timezone.localtime(at - AFTER_MIDNIGHT).date()


def forecasts_tick(*, at: datetime, pool: Executor | None = None) -> int:
    """Score what can be scored, issue today's forecast when yesterday is over, audit monthly; how much was done.

    A store that has a past but no forecast yet gets those of the last two weeks first, marked as made afterwards:
    yesterday's hits and misses then stand beside today's forecast, and the models are judged once for all of them.
    Running twice changes nothing more. Too short a record is looked at again in an hour. ``pool`` shares out the
    judging of models.
    """
    today = _today(at)
    done = _scores(today, at)
    if _refused.get("until", at) <= at:
        done += _forecasts(today, at, pool)
    release = release_newest()
    if release is not None and audit_due(release, at=at, every=AUDIT_EVERY):
        done += release_audit(release=release, by=SYSTEM, at=at)
    return done


def _forecasts(today: date, at: datetime, pool: Executor | None) -> int:
    done = 0
    if not ForecastRun.objects.exists():
        done = forecasts_replay(until=today, by=SYSTEM, at=at, days=REPLAYED_DAYS, pool=pool)
        done += _scores(today, at) if done else 0
    if ForecastRun.objects.filter(day=today).exists():
        return done
    try:
        forecast_issue(day=today, by=SYSTEM, at=at, pool=pool)
    except RecordTooShort:
        _refused["until"] = at + TRY_AGAIN
        return done
    return done + 1


def _scores(today: date, at: datetime) -> int:
    due = list(ForecastRun.objects.filter(scored_at=None, day__lt=today).order_by("day")[:SCORED_AT_ONCE])
    if not due or _refused.get(f"score {due[0].day}", at) > at:
        return 0
    kept = record_kept(end=today, heard_at=at)
    done = sum(run_score(run=run, by=SYSTEM, at=at, kept=kept) for run in due)
    if done:
        alarms_look(by=SYSTEM, at=at)
    else:
        _refused[f"score {due[0].day}"] = at + TRY_AGAIN
    return done


def forecasts_keep(*, at: datetime) -> int:
    """Empty what has been kept long enough."""
    return runs_thin(by=SYSTEM, at=at)
