"""Timed work of trials: tell a day's extra visits, count the day that is over, hold to the harm rule."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
from django.utils import timezone

from anlan.accounts.selectors import organisation_ids_beneath
from anlan.core.actor import SYSTEM
from anlan.patrol.models import PatrolTrial, PatrolTrialDay
from anlan.patrol.trials.analysing import looks_of, result_of
from anlan.patrol.trials.counting import calls_of_trial, counted, days_known, visits_by_block
from anlan.patrol.trials.errors import ProtocolChanged
from anlan.patrol.trials.protocol import Layout, layout_of
from anlan.patrol.trials.selectors import days_of
from anlan.patrol.trials.services import (
    patrol_trial_analyse,
    patrol_trial_begin,
    patrol_trial_day_assign,
    patrol_trial_day_count,
    patrol_trial_end,
    patrol_trial_stop,
)

AFTER_MIDNIGHT = timedelta(minutes=10)
"""Calls of the last minutes are taken down by then."""
OPEN = ("approved", "running", "stopped", "ended")


def trials_tick(*, at: datetime) -> int:
    """Bring every open trial to where it stands at this moment; how much was done. Twice changes nothing more.

    A trial whose protocol is no longer what was signed is left where it is: nothing is begun or worked out by it.
    """
    today = timezone.localtime(at - AFTER_MIDNIGHT).date()
    rows = PatrolTrial.objects.filter(state__in=OPEN, first_day__lte=today + timedelta(days=1))
    done = 0
    for trial in rows.select_related("organisation").order_by("first_day", "id"):
        try:
            done += _bring(trial, today, at)
        except ProtocolChanged:
            continue
    return done


def _bring(trial: PatrolTrial, today: date, at: datetime) -> int:
    layout, done = layout_of(trial), 0
    if trial.state == "approved" and today >= trial.first_day:
        patrol_trial_begin(trial=trial, by=SYSTEM, at=at)
        done += 1
    if trial.state in ("approved", "running"):
        done += _assign(trial, layout, until=today + timedelta(days=1), at=at)
    if trial.state != "approved":
        done += _count(trial, layout, today, at)
    if trial.state == "running" and today > trial.last_day and _all_counted(trial, today):
        patrol_trial_end(trial=trial, by=SYSTEM, at=at)
        done += 1
    if trial.state in ("ended", "stopped") and _all_counted(trial, today):
        result = result_of(trial, layout, days_of(trial), at=at)
        patrol_trial_analyse(trial=trial, result=result, by=SYSTEM, at=at)
        done += 1
    return done


def _assign(trial: PatrolTrial, layout: Layout, *, until: date, at: datetime) -> int:
    """Days up to ``until``, with those a machine that stood still has missed: their sides were fixed all along."""
    told = set(PatrolTrialDay.objects.filter(trial=trial).values_list("day", flat=True))
    done = 0
    for number in range(min((until - trial.first_day).days + 1, layout.design.days)):
        day = layout.day(number)
        if day in told:
            continue
        extra = [int(k) + 1 for k in np.flatnonzero(layout.arms[:, number] == 1)]
        done += patrol_trial_day_assign(
            trial=trial, day=day, extra=extra, is_washout=not layout.design.counted[number], by=SYSTEM, at=at
        )
    return done


def _over(layout: Layout, today: date, row: PatrolTrialDay) -> bool:
    """Whether the day's hours are over, those after midnight with it."""
    wraps = layout.start_minute + layout.minutes > 24 * 60
    return row.day + timedelta(days=wraps) < today


def _all_counted(trial: PatrolTrial, today: date) -> bool:
    return not PatrolTrialDay.objects.filter(trial=trial, counted_at=None, day__lte=today).exists()


def _count(trial: PatrolTrial, layout: Layout, today: date, at: datetime) -> int:
    """Count the days that are over, in order; the harm rule looks after each, and the first that says so stops it."""
    rows = days_of(trial)
    due = [row for row in rows if row.counted_at is None and _over(layout, today, row)]
    if not due:
        return 0
    n = max((row.day - layout.first_day).days for row in due) + 1
    calls, place = calls_of_trial(layout, trial.family, days=n)
    counts = counted(calls, place, places=2 * layout.blocks, days=n)
    wraps = layout.start_minute + layout.minutes > 24 * 60
    known = days_known(layout.first_day, n, wraps=wraps, at=at)
    reach = organisation_ids_beneath(trial.organisation)
    looks = {look.day: look for look in looks_of(trial, layout, counts[: layout.blocks], known)}
    for row in due:
        k = (row.day - layout.first_day).days
        look = looks.get(k + 1)
        by_day = counts[:, k].tolist()
        patrol_trial_day_count(
            row=row,
            counts={"blocks": by_day[: layout.blocks], "ring": by_day[layout.blocks :]},
            visits=visits_by_block(layout, reach, k),
            look={"excess": look.excess, "bound": look.bound, "spent": round(look.spent, 5), "harm": look.is_harm}
            if look
            else {},
            is_known=bool(known[k]),
            by=SYSTEM,
            at=at,
        )
    if trial.state == "running" and any(look.is_harm and look.day > n - len(due) for look in looks.values()):
        signed = np.where(layout.arms[:, :n] == 1, 1, 0)
        held = counts[: layout.blocks] * (layout.design.counted[:n] & known)[None, :]
        patrol_trial_stop(
            trial=trial, reason="harm", by=SYSTEM, at=at, extra=int((held * signed).sum()),
            usual=int((held * (1 - signed)).sum()),
        )  # fmt: skip
    return len(due)
