"""What is forecast, what never is, from which days, and when a forecast is no longer what it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

FAMILIES: dict[str, str | Promise] = {
    "theft": _("theft"),
    "fraud": _("fraud"),
    "dispute": _("dispute"),
    "help": _("help"),
    "traffic": _("traffic"),
}
"""The families of the taxonomy that are forecast by place."""
CALLS = "calls"
"""All citizens' calls of a station area together, for staffing; never by place."""
CITIZEN = "citizen"
LEARNT_ORIGINS: tuple[str, ...] = (CITIZEN,)
"""Whose reports are learnt from. The loop simulation runs with these: one more would not pass it."""
NEVER = ("0109", "0801", "10", "12")
"""Types that measure where officers look, or who speaks up: in no forecast, map, strip or total."""
BY_STATION = ("0204",)
"""Violence at home counts in a station area's total only: a small cell would point at the home."""
CELL_M = 500.0
SHIFTS = 3
SHIFT_HOURS = 24 // SHIFTS
HORIZON_DAYS = 2
LEAST_DAYS = 56
"""Complete days below which nothing is forecast: two months of weekdays."""
TEST_DAYS = 56
"""So many complete days before the day (a third of all at most) are forecast and scored to choose a model."""
MODELS_VERSION = "1"
KEEP_CELLS = timedelta(days=400)
"""After this the cells of a forecast go; scores and cards stay."""
LEAST_SHOWN = 5
"""A place with fewer reports of a family in a year is told with its station area only."""
LEAST_ADDRESSES = 8
LEAST_RESIDENTS = 500
"""Neighbouring cells are told together until so many live there, where it is known how many live where."""
RELEASE_LASTS = timedelta(days=84)
RELEASE_LASTS_YOUNG = timedelta(days=28)
YOUNG_RECORD_DAYS = 365
"""A version judged on less than a year is judged anew after four weeks, others after a quarter."""
FLAG_SHARE = 5.0
"""Percent of places that are flagged in a shift."""
FLAG_FACTOR = 1.15
"""Of these no area holds more than so many times its share of citizens' reports, nor less than it by so much."""
NEED_DAYS = 365
AUDIT_EVERY = timedelta(days=28)
AUDIT_LEAST_DAYS = 14
BAR = "yearly_mean"
MODELS: dict[str, str | Promise] = {
    BAR: _("yearly mean"),
    "stack": _("mixed maps"),
    "blend": _("mixed maps with trees"),
}
"""What a model is called where people read."""
SILENCE = 20.0
"""A silence in which so many reports were to be expected (chance 2 in a thousand million) is a hole in the record."""
LEVEL_LIMITS = (0.93, 1.07)
COVER_LIMITS = (0.72, 0.88)
ALARM_DAYS = 28
LEAST_ALARM_DAYS = 14
DAY_KINDS = {"work": 0, "off": 1, "holiday": 2, "make_up": 3}

PERMITTED_USE = _(
    "For staffing, standby and prevention. It tells where citizens are likely to call for help, never who will do "
    "something, and is no ground to stop, search or enter."
)
ALARMS: dict[str, str | Promise] = {
    "level": _("the forecast's level is off"),
    "cover": _("the intervals hold too few or too many days"),
}
UNSIGNED = "unsigned"
GATES: dict[str, str | Promise] = {
    "loop": _("the loop of forecast, patrol and discovery ran away in the simulation"),
    "allocation": _("some areas were flagged far more or less often than people call from there"),
    "bias": _("for a group of areas too much or too little was forecast"),
    "error": _("the forecast errs far more for one group of areas than for another"),
    "order": _("the order of areas would change if people reported a little more or less"),
    "withdrawn": _("a person took this version back"),
    UNSIGNED: _("nobody has signed this version yet"),
}
"""Why a version of the models is held back."""
MEASURES: dict[str, str | Promise] = {
    "allocation": _("flags by area"),
    "bias": _("bias by group"),
    "error": _("errors by group"),
}
"""What the audit may have too few calls to judge."""
REASONS: dict[str, str | Promise] = {
    "history": _("reports here over the past year"),
    "recent": _("more than usual here in the last four weeks"),
    "lull": _("fewer than usual here in the last four weeks"),
    "season": _("more of these reports came in the four weeks from this day a year ago"),
    "shift": _("this shift has most of a day's reports"),
    "near_repeat": _("reports near here in the last ten days"),
    "weather": _("rain is forecast"),
    "holiday": _("it is a public holiday"),
}


def forecast_place(code: str) -> str:
    """Where reports of a type may be counted: "cell", "station" (the area's total only) or "" for nowhere.

    A matter without a type counts nowhere until it has one.
    """
    if not code or code.startswith(NEVER):
        return ""
    return "station" if code.startswith(BY_STATION) else "cell"


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch without any report where reports were to be expected; hours since the first day's midnight."""

    from_hour: float
    to_hour: float
    expected: float


def holes_in(hours: NDArray[np.float64], days: int) -> list[Hole]:
    """Silences too long to be chance, from the moments of citizens' reports.

    ``hours`` are moments as hours since local midnight of the first day, ascending; ``days`` how many days the
    record spans. What is to be expected at an hour is the median day's count of four weeks around it, spread over
    the hours of the day as over the whole record. Officers' own entries don't count: they fill no silence.
    """
    if not len(hours) or days < 1:
        return []
    by_day = np.bincount((hours // 24).astype(np.int64), minlength=days)[:days].astype(np.float64)
    first = int(hours[0] // 24)
    level = np.array([np.median(by_day[max(first, k - 14) : k + 15]) for k in range(days)])
    by_hour = np.bincount((hours % 24).astype(np.int64), minlength=24)[:24] + 1.0
    rate = (level[:, None] * (by_hour / by_hour.sum())[None, :]).ravel()
    upto = np.concatenate([[0.0], np.cumsum(rate)])
    marks = np.append(hours, days * 24.0)
    heights = np.interp(marks, np.arange(days * 24 + 1), upto)
    gaps = np.diff(heights)
    return [
        Hole(float(marks[k]), float(marks[k + 1]), float(gaps[k])) for k in np.flatnonzero(gaps > SILENCE).tolist()
    ]


def days_complete(holes: list[Hole], *, first: int, days: int) -> NDArray[np.bool_]:
    """Which of ``days`` days are wholly on record: after the day of the first report, and touched by no hole."""
    complete = np.arange(days) > first
    for hole in holes:
        complete[int(hole.from_hour // 24) : int(np.ceil(hole.to_hour / 24))] = False
    return complete
