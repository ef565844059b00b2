"""Rules of what stations share and of how long things last: states, when care is due, when a life ends. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.state_machine import StateMachine

BOOKING = StateMachine(
    "equipment.booking",
    labels={
        "asked": pgettext_lazy("equipment", "asked for"),
        "approved": pgettext_lazy("equipment", "approved"),
        "refused": pgettext_lazy("equipment", "refused"),
        "cancelled": pgettext_lazy("equipment", "cancelled"),
        "fetched": _("fetched"),
        "lapsed": _("never fetched"),
    },
    moves={"asked": ("approved", "refused", "cancelled", "lapsed"), "approved": ("fetched", "cancelled", "lapsed")},
)
TRANSFER = StateMachine(
    "equipment.transfer",
    labels={
        "under_way": pgettext_lazy("equipment", "on its way"),
        "taken": pgettext_lazy("equipment", "received"),
        "called_back": _("called back"),
    },
    moves={"under_way": ("taken", "called_back")},
)
REPAIR = StateMachine(
    "equipment.repair",
    labels={
        "open": pgettext_lazy("equipment", "being put right"),
        "done": pgettext_lazy("equipment", "put right"),
        "beyond": _("beyond repair"),
    },
    moves={"open": ("done", "beyond")},
)
SCRAPPING = StateMachine(
    "equipment.scrapping",
    labels={
        "proposed": pgettext_lazy("equipment", "proposed"),
        "approved": pgettext_lazy("equipment", "scrapping approved"),
        "refused": pgettext_lazy("equipment", "scrapping refused"),
        "destroyed": _("destroyed"),
    },
    moves={"proposed": ("approved", "refused"), "approved": ("destroyed",)},
)
LIMITS = {
    "years": pgettext_lazy("equipment", "its years are over"),
    "uses": pgettext_lazy("equipment", "its uses are used up"),
    "rounds": pgettext_lazy("equipment", "its rounds are fired"),
}
LONGEST_BOOKING = timedelta(days=14)
FETCHED_WITHIN = timedelta(hours=2)
"""What is booked and not fetched so long after it was to begin is free for others again."""


def hours_of(starts_at: datetime, ends_at: datetime) -> range:
    """The hours since 1970 that ``[starts_at, ends_at)`` touches."""
    first = int(starts_at.timestamp() // 3600)
    return range(first, max(first + 1, -int(-ends_at.timestamp() // 3600)))


def life_end(bought_on: date | None, life_years: int | None) -> date | None:
    """The day a thing has served its years (29 February ends on the 28th); None where either isn't known."""
    return None if bought_on is None or not life_years else years_on(bought_on, life_years)


def years_on(day: date, years: int) -> date | None:
    """The same day so many years on (29 February: the 28th); None beyond what a calendar holds."""
    year = day.year + years
    if not date.min.year <= year <= date.max.year:
        return None
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
