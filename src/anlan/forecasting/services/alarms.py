"""Whether the forecasts of four weeks still hold what they promise; told once when they don't, ended when they do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.engines.intervals import poisson_interval, wilson_interval
from anlan.forecasting import events
from anlan.forecasting.messages import DRIFT, DRIFT_UNSHOWN
from anlan.forecasting.models import ForecastAlarm, ForecastScore, ForecastSheet
from anlan.forecasting.rules import ALARM_DAYS, BAR, CALLS, COVER_LIMITS, FAMILIES, LEAST_ALARM_DAYS, LEVEL_LIMITS
from anlan.forecasting.selectors.register import held_back
from anlan.notices.services import Rung, notice_send, notices_withdraw_for, to_role


def alarms_look(*, by: Actor, at: datetime) -> int:
    """Compare the last four weeks of scores with their limits; how many alarms were raised or ended.

    An alarm needs the whole 95 % interval outside the limits: a small family wavers by chance.
    """
    changed = 0
    for family in (*FAMILIES, CALLS):
        places = "station" if family == CALLS else "cell"
        scores = list(ForecastScore.objects.filter(family=family, places=places).order_by("-day")[:ALARM_DAYS])
        if len(scores) < LEAST_ALARM_DAYS:
            continue
        for kind, (value, low, high), limits in (
            ("level", level_of(scores), LEVEL_LIMITS),
            ("cover", cover_of(scores), COVER_LIMITS),
        ):
            off = low > limits[1] or high < limits[0]
            changed += _look(family, kind, off, value, limits, len(scores), by=by, at=at)
    return changed


def level_of(scores: Sequence[ForecastScore]) -> tuple[float, float, float]:
    """Forecast by calls with its 95 % interval (calls are Poisson); 1 where nobody called."""
    calls = sum(score.sums[score.columns.index("events")] for score in scores)
    told = sum(score.sums[score.columns.index("predicted")] for score in scores)
    low, high = poisson_interval(round(calls))
    if calls <= 0:
        return 1.0, 0.0, float("inf")
    return told / calls, told / high, told / low


def cover_of(scores: Sequence[ForecastScore]) -> tuple[float, float, float]:
    """The share of area totals inside their 80 % intervals, with Wilson's interval over days as if each were one."""
    asked = sum(score.intervals for score in scores)
    share = sum(score.inside for score in scores) / max(1, asked)
    # Areas of one day are no independent trials: each day counts as ten.
    trials = 10 * len(scores)
    low, high = wilson_interval(round(share * trials), trials)
    return share, low, high


def is_shown(family: str) -> bool:
    """Whether what is computed and scored of a family is also what people see, by its newest forecast."""
    sheet = ForecastSheet.objects.filter(family=family).select_related("run__release").order_by("-run__day").first()
    return sheet is None or sheet.model == BAR or not held_back(sheet.run.release, family)


def _look(
    family: str,
    kind: str,
    is_off: bool,
    value: float,
    limits: tuple[float, float],
    n: int,
    *,
    by: Actor,
    at: datetime,
) -> int:
    standing = ForecastAlarm.objects.filter(family=family, kind=kind, ended_at=None).first()
    if is_off == (standing is not None):
        return 0
    if standing is None:
        _raise(family, kind, value, limits, n, by=by, at=at)
    else:
        _end(standing, by=by, at=at)
    return 1


@transaction.atomic
def _raise(
    family: str, kind: str, value: float, limits: tuple[float, float], n: int, *, by: Actor, at: datetime
) -> None:
    alarm = ForecastAlarm.objects.create(
        family=family, kind=kind, raised_at=at, value=value, low=limits[0], high=limits[1], n=n
    )
    blanks = {"family": family, "kind": kind, "value": f"{value:.2f}", "n": n, "low": limits[0], "high": limits[1]}
    event_record(
        events.ALARM_RAISED, subject=alarm, by=by, at=at, family=family, alarm=kind, value=blanks["value"], n=n
    )
    bureau = Organisation.objects.filter(kind="bureau", parent=None).first()
    if bureau is not None:
        notice_send(
            message=DRIFT if is_shown(family) else DRIFT_UNSHOWN,
            chain=[Rung((to_role("analyst", bureau), to_role("duty_leader", bureau)))],
            organisation=bureau,
            blanks=blanks,
            subject=alarm,
            key=_key(alarm),
            by=by,
            at=at,
        )


@transaction.atomic
def _end(alarm: ForecastAlarm, *, by: Actor, at: datetime) -> None:
    if ForecastAlarm.objects.filter(pk=alarm.pk, ended_at=None).update(ended_at=at):
        event_record(events.ALARM_ENDED, subject=alarm, by=by, at=at, family=alarm.family, alarm=alarm.kind)
        notices_withdraw_for(key=_key(alarm), by=by, at=at)


def _key(alarm: ForecastAlarm) -> str:
    return f"forecast-{alarm.kind}:{alarm.pk}"
