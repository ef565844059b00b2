"""What a patrol plan, a route and a stop may become, and what a plan keeps to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from math import inf
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
    "not_taken": _("nobody took the route"),
    "shift_over": _("the shift was over"),
    "other": _("another reason"),
}
UNEXPLAINED = ("shift_over", "left_early")
"""Reasons the program found by itself that say what happened and not why: a person is asked."""
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
    "standby": _("standby point"),
    "hand": _("added by hand"),
}
BY_NEED = ("cell", "hand")
"""Kinds that count to the visits an area may get; musts, booths and lots are apart."""
MUSTS = ("must", "random", "hand")
"""Kinds that are visited before all others."""
ADDED: dict[str, str | Promise] = {
    "event": _("something takes place there"),
    "asked": _("people there asked for it"),
    "order": pgettext_lazy("patrol stop", "by order of the command room"),
    "other": _("another reason"),
}
"""Why a person added a stop."""
SIGNED_ANYWAY: dict[str, str | Promise] = {
    "event": _("an event calls for it"),
    "order": _("by order of the command room"),
    "few_units": _("too few units for all rules"),
    "roads": _("road works or weather"),
}
"""Why a leader signs a plan that breaks a rule; one that can't be driven is never signed."""
STAYS = ("meal",)
"""Stops that belong to their unit: never given to another, never taken out."""
DRAWN_OUT = {"must": "must_out", "random": "lot_out"}
"""What is told of a stop of that kind that a person took out of a plan."""
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
REACH_S = 300.0
"""A call is in reach of a unit that gets there within five minutes."""
BUSY = 0.3
"""The chance with which a unit is taken when a call comes: a second one in reach is worth so much of the first."""
CURVE_STEP_S = 900.0
QUARTER_S = 900.0
AWAY_S = 3600.0
"""So long a unit that was sent is taken to be away: what was due meanwhile is offered to its neighbours."""
PROMISE_S = 900.0
"""A neighbour's own stops begin at most so much later for what it takes over."""
HOLE_LEAST = 0.05
"""A standby point is driven to where at least this share of the expected calls comes into reach by it."""
LATE_S = 600.0
"""From here on a unit is told to be late for its next stop."""
LOCK_S = 900.0
"""A locked stop stays with its unit and begins within so much of its time when better routes are looked for."""
FIGURES = 1
"""The edition of the definitions behind the figures of a patrol (docs/rooms/patrol.md)."""
ALLOWED = {
    "stop_s": (300, 3600),
    "meal_s": (0, 5400),
    "random_share": (0.0, 0.5),
    "visits": (1, 6),
    "area_factor": (1.0, 5.0),
    "search_s": (0, 60),
    "cover_weight": (0.0, 5.0),
    "walk_s": (0, 28_800),
}


def quarters_of(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """The quarters of an hour of the clock that begin within a span."""
    first = -(-starts_at.timestamp() // QUARTER_S) * QUARTER_S
    count = max(int(-(-(ends_at.timestamp() - first) // QUARTER_S)), 0)
    return [datetime.fromtimestamp(first + k * QUARTER_S, UTC) for k in range(count)]


@dataclass(frozen=True)
class Settings:
    """What a plan keeps to; stored with it.

    ``stop_s`` how long a visit lasts (10 to 16 minutes did best in Koper 1995), ``visits`` how often a place may be
    visited in a shift, ``area_factor`` how many times its share of need a beat may get of the visits,
    ``random_share`` the part of visits placed by lot, ``search_s`` how long better plans are looked for,
    ``cover_weight`` how many expected calls at a visited place one call in reach of a waiting unit is worth,
    ``walk_s`` how long a unit on foot walks in a shift.
    """

    stop_s: int = 900
    meal_s: int = 2700
    random_share: float = 0.1
    visits: int = 3
    area_factor: float = 1.5
    search_s: int = 10
    cover_weight: float = 1.0
    walk_s: int = 7200

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


def walk_most_s(settings: Settings, vehicle: str) -> float:
    """How long a unit is on the way in a shift at most: people on foot tire, vehicles have the shift's end alone."""
    return float(settings.walk_s) if vehicle == "foot" else inf
