"""What may be asked, and the states of a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.state_machine import StateMachine

QUESTION = StateMachine(
    "whatif.question",
    labels={
        "waiting": pgettext_lazy("what-if", "waits for its turn"),
        "running": pgettext_lazy("what-if", "being worked out"),
        "done": pgettext_lazy("what-if", "answered"),
        "refused": pgettext_lazy("what-if", "could not be answered"),
        "dropped": pgettext_lazy("what-if", "given up"),
    },
    moves={"waiting": ("running", "dropped"), "running": ("waiting", "done", "refused", "dropped")},
)
VERSION = 1
"""Of the definitions of the figures (docs/simulation-method.md)."""
MOST_DAYS = 366
RUNS = (1, 200)
USUAL_RUNS = 20
BOUND_RUNS = 1
"""In so many runs the bound by hindsight is reckoned: chance hardly changes it, and it takes longer than a run."""
USUAL_DAYS = 28
FEW_DAYS = 14
"""Intervals over fewer days were never tried (docs/simulation-method.md)."""
GAP_SHARE = 0.2
"""A day with less than this share of the usual number of calls is taken for a gap, from `GAP_FROM` calls a day on."""
GAP_FROM = 5.0
OFFERED: dict[str, str | Promise] = {
    "closest": _("the nearest free unit goes"),
    "home:180": _("the home station first, within 3 minutes"),
    "zones:180/60": _("zones 1+1+N: home station first within 3 minutes, its zone within 1"),
    "plans:180/60": _("whole response plans, home station and zone first"),
    "cover": _("a unit that leaves more cover behind, within the caps"),
}
WAITING = {
    "": _("free units go home"),
    "moveup": _("free units move up into gaps"),
    "post": _("a freed unit waits where it adds most cover"),
    "patrol": _("units begin where the last patrol plan has them"),
}
UNITS = (-10, 10)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the answer: its name, its definition in words, and how it is shown."""

    key: str
    name: str | Promise
    definition: str | Promise
    kind: str
    less_is_better: bool | None = True


FIGURES = (
    Figure(
        "late",
        _("Late"),
        _(
            "Share of calls whose first police unit came after the time the call allows (sending and arriving "
            "together); those nobody came to count as late."
        ),
        "share",
    ),
    Figure("late_p1", _("Late at P1"), _("The same of P1 calls alone."), "share"),
    Figure(
        "mean_s",
        _("Mean time to arrival"),
        _("Mean time from the call to the first police unit on the spot, of calls somebody came to."),
        "time",
    ),
    Figure(
        "p90_s",
        _("Nine in ten reached within"),
        _("Nine tenths of all calls were reached within this time from the call."),
        "time",
    ),
    Figure("p90_p1_s", _("Nine in ten P1 reached within"), _("The same of P1 calls alone."), "time"),
    Figure(
        "cover",
        _("Cover"),
        _("Mean share of expected calls that a free police unit reaches within a P1's target, every half hour."),
        "share",
        False,
    ),
    Figure(
        "km",
        _("Kilometres a day"),
        _("Driven by all units: to calls, between posts and home. Ways are straight lines times 1.3."),
        "km",
    ),
    Figure(
        "spread",
        _("Uneven work"),
        _("Standard deviation over mean of the hours police units were bound; 0 where all worked alike."),
        "share",
    ),
    Figure(
        "town_late",
        _("Community late"),
        _("Share of calls for the community track whose team came after its target."),
        "share",
    ),
    Figure(
        "town_p90_s",
        _("Community: nine in ten within"),
        _("Nine tenths of calls for the community track were reached within this time."),
        "time",
    ),
    Figure(
        "never",
        _("Nobody came"),
        _("Share of calls no unit could get to, by road or because nobody was on duty."),
        "share",
    ),
)


def days_between(first_day: date, last_day: date) -> int:
    """How many days, both counted."""
    return (last_day - first_day) // timedelta(days=1) + 1


def gaps_of(counts: list[int]) -> tuple[list[int], float]:
    """The days (numbers) that hold hardly any calls, and the usual number a day: its median."""
    ordered = sorted(counts)
    usual = float(ordered[len(ordered) // 2]) if ordered else 0.0
    if usual < GAP_FROM:
        return [], usual
    return [day for day, count in enumerate(counts) if count < GAP_SHARE * usual], usual
