"""What a patrol plan, a route and a stop may become, and what a plan keeps to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.state_machine import StateMachine

PLAN = StateMachine(
    "patrol.plan",
    labels={
        "drawn": pgettext_lazy("patrol plan", "drawn up"),
        "approved": pgettext_lazy("patrol plan", "approved"),
        "published": pgettext_lazy("patrol plan", "published"),
        "ended": pgettext_lazy("patrol plan", "over"),
        "dropped": pgettext_lazy("patrol plan", "dropped"),
    },
    moves={"drawn": ("approved", "dropped"), "approved": ("published", "dropped"), "published": ("ended",)},
)
ROUTE = StateMachine(
    "patrol.route",
    labels={
        "planned": pgettext_lazy("patrol route", "planned"),
        "published": pgettext_lazy("patrol route", "waits for the crew"),
        "accepted": pgettext_lazy("patrol route", "accepted"),
        "in_progress": pgettext_lazy("patrol route", "under way"),
        "interrupted": pgettext_lazy("patrol route", "interrupted by a call"),
        "resumed": pgettext_lazy("patrol route", "under way again"),
        "done": pgettext_lazy("patrol route", "done"),
        "missed": pgettext_lazy("patrol route", "not driven"),
    },
    moves={
        "planned": ("published",),
        "published": ("accepted", "interrupted", "missed"),
        "accepted": ("in_progress", "interrupted", "done", "missed"),
        "in_progress": ("interrupted", "done"),
        "interrupted": ("resumed", "done", "missed"),
        "resumed": ("interrupted", "done"),
    },
)
STOP = StateMachine(
    "patrol.stop",
    labels={
        "due": pgettext_lazy("patrol stop", "due"),
        "reached": pgettext_lazy("patrol stop", "reached"),
        "dwelt": pgettext_lazy("patrol stop", "visited"),
        "missed": pgettext_lazy("patrol stop", "missed"),
    },
    moves={"due": ("reached", "dwelt", "missed"), "reached": ("dwelt", "missed")},
)
OPEN_ROUTES = ("published", "accepted", "in_progress", "interrupted", "resumed")
DRIVEN = ("accepted", "in_progress", "resumed")

MISSED: dict[str, str | Promise] = {
    "dispatched": _("sent to a call"),
    "left_early": _("left before its time"),
    "no_access": _("no way in"),
    "no_time": _("no time left"),
    "weather": pgettext_lazy("reason", "bad weather"),
    "shift_over": _("the shift was over"),
    "other": _("another reason"),
}
BY_HAND: dict[str, str | Promise] = {
    "no_fix": _("no position from the device"),
    "on_foot": _("on foot away from the vehicle"),
    "nearby": _("the place is larger than the point"),
}
"""Why a visit is told by hand and not by position."""
KINDS: dict[str, str | Promise] = {
    "cell": _("calls expected"),
    "must": _("must-cover point"),
    "booth": _("police booth"),
    "random": pgettext_lazy("patrol stop", "drawn by lot"),
    "meal": _("meal break"),
}
REACHED_M = 150.0
DWELT_SHARE = 2.0 / 3.0
"""A visit of two thirds of its length counts: the last minutes go into getting back into the car."""
MOST_SHIFT = timedelta(hours=14)
MEAL_FROM = timedelta(hours=6)
LEAST_REPORTS = 5
"""A place with fewer reports in a year is no stop: it would point at a home."""
MOST_CELLS = 40
FALLING = 0.8
"""A further visit to the same place is worth so much of the one before."""
NEAR_TIE = 0.05
"""Prizes are tilted by up to so much, from the stored seed, so that equals don't come in the same order daily."""
ALLOWED = {
    "stop_s": (300, 3600),
    "meal_s": (0, 5400),
    "random_share": (0.0, 0.5),
    "visits": (1, 6),
    "area_factor": (1.0, 5.0),
    "search_s": (0, 60),
}


@dataclass(frozen=True)
class Settings:
    """What a plan keeps to; stored with it.

    ``stop_s`` how long a visit lasts (10 to 16 minutes did best in Koper 1995), ``visits`` how often a place may be
    visited in a shift, ``area_factor`` how many times its share of need a beat may get of the visits,
    ``random_share`` the part of visits placed by lot, ``search_s`` how long better plans are looked for.
    """

    stop_s: int = 900
    meal_s: int = 2700
    random_share: float = 0.1
    visits: int = 3
    area_factor: float = 1.5
    search_s: int = 10

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Settings:
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in stored.items() if key in known})

    def out_of_range(self) -> tuple[str, float, float, float] | None:
        """The first setting that can't be what it says: its name, value, least and most."""
        for name, (low, high) in ALLOWED.items():
            value = getattr(self, name)
            if not low <= value <= high:
                return name, value, low, high
        return None
