"""The wall board: the day of a bureau or a zone, read from five metres, told anew by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.accounts.models import Organisation
from anlan.console.basemap import basemap
from anlan.console.built import built
from anlan.console.pages.forecast import strip_rows
from anlan.console.screen import screen
from anlan.console.selectors import wall as day
from anlan.console.selectors.wall_live import (
    LOAD_STATES,
    actor_within,
    board_choices,
    clocks_running,
    unit_load,
)
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.permissions import permitted
from anlan.core.selectors import cursor_latest
from anlan.forecasting.selectors import FAMILIES, PERMITTED_USE, run_latest
from anlan.reports.selectors import HEAT_LEAST, organisation_asked

ENTRY = "src/wall/main.ts"
LIVE_SHARED_S = 1.0
DAY_SHARED_S = 20.0
PAST_SHARED_S = 600.0
"""Earlier weeks hardly change; a correction to them is seen after this long at the latest."""


class _Held:
    """The last few answers, told to all boards of the same reach while they are young enough."""

    def __init__(self, keep: int = 48) -> None:
        self._keep = keep
        self._lock = Lock()
        self._rows: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, max_age_s: float, make: Callable[[], Any]) -> Any:
        with self._lock:
            row = self._rows.get(key)
        if row is not None and monotonic() - row[0] < max_age_s:
            return row[1]
        value = make()
        with self._lock:
            self._rows.pop(key, None)
            self._rows[key] = (monotonic(), value)
            while len(self._rows) > self._keep:
                del self._rows[next(iter(self._rows))]
        return value

    def forget(self) -> None:
        self._rows.clear()


_held = _Held()


@screen("console.wall")
def wall(request: HttpRequest) -> HttpResponse:
    """The whole board. What the server draws stands without the browser's program; that adds map and charts."""
    actor = page_actor(request)
    organisation = organisation_asked(actor, request.GET.get("organisation", ""))
    program = built(ENTRY)
    context = {
        "default_theme": "dark",
        "built": program,
        "parts": _parts(actor, organisation),
        "organisation": organisation,
        "boards": board_choices(actor),
        "facts": _facts(actor, organisation) if program else None,
        "today": timezone.localtime(now()),
        "heat_least": HEAT_LEAST,
        "permitted_use": PERMITTED_USE,
    }
    return render(request, "console/wall.html", context)


@screen("console.wall")
def data(request: HttpRequest) -> HttpResponse:
    """The parts of the board as they stand now: drawn by the server, with the values of map and charts."""
    actor = page_actor(request)
    organisation = organisation_asked(actor, request.GET.get("organisation", ""))
    told = _parts(actor, organisation)
    told["now_ms"] = int(now().timestamp() * 1000)
    return HttpResponse(json.dumps(told, ensure_ascii=False, separators=(",", ":")), content_type="application/json")


def _parts(actor: Actor, organisation: Organisation | None) -> dict[str, Any]:
    """The board in two halves: what runs is as young as the last event, the day's sums are some seconds old."""
    scope: tuple[Hashable, ...] = (
        None if actor.sees_all else frozenset(actor.org_ids),
        organisation.pk if organisation else None,
    )
    period = day.Period(now(), organisation)
    today, reach = f"{period.day}", (*scope, get_language())

    def past() -> day.Past:
        # Moments only, so they are the same in every language.
        held: day.Past = _held.get(("past", today, *scope), PAST_SHARED_S, lambda: day.past_of(actor, period))
        return held

    # A link to the station's lists stands only where it leads somewhere.
    sees = permitted(actor, "forecasting.view")
    live = ("live", str(cursor_latest()), permitted(actor, "console.station_board"), *reach)
    return {
        "date": today,
        "live": _held.get(live, LIVE_SHARED_S, lambda: _live(actor, organisation)),
        "day": _held.get(("day", today, sees, *reach), DAY_SHARED_S, lambda: _day(actor, past(), period)),
    }


def _live(actor: Actor, organisation: Organisation | None) -> dict[str, Any]:
    at = now()
    within = actor_within(actor, organisation)
    loads = unit_load(within)
    context = {
        "waiting": clocks_running(within, at=at),
        "loads": loads,
        "states": [state for state in LOAD_STATES if any(load.states[state] for load in loads)],
        "sees_station": permitted(actor, "console.station_board"),
        "read_at": at,
    }
    return {
        "read_ms": int(at.timestamp() * 1000),
        "html": {
            "clocks": render_to_string("console/parts/wall_clocks.html", context),
            "units": render_to_string("console/parts/wall_units.html", context),
        },
    }


def _day(actor: Actor, past: day.Past, period: day.Period) -> dict[str, Any]:
    """Everything summed over the day up to ``period.at``."""
    heat = day.heat(actor, past, period)
    context = {
        "compared": day.compared(actor, past, period),
        "rates": day.rates(actor, period),
        "heat": heat,
        "heat_least": HEAT_LEAST,
        "read_at": period.at,
    }
    return {
        "read_ms": int(period.at.timestamp() * 1000),
        "html": {
            "today": render_to_string("console/parts/wall_today.html", context),
            "above": _above(actor, period),
            "rates": render_to_string("console/parts/wall_rates.html", context),
            "heat": render_to_string("console/parts/wall_heat.html", context),
        },
        "heat": heat,
    }


def _above(actor: Actor, period: day.Period) -> str:
    """Station areas above their own normal, as the newest forecast keeps them; nothing for who may not see those."""
    may = permitted(actor, "forecasting.view")
    run, within = (run_latest() if may else None), actor_within(actor, period.organisation)
    context = {
        "run": run,
        "strip": strip_rows(run, within) if run else [],
        "families": FAMILIES,
        "read_at": period.at,
    }
    return render_to_string("console/parts/wall_above.html", context)


def _facts(actor: Actor, organisation: Organisation | None) -> dict[str, Any]:
    """What the browser's program must know before it asks for anything."""
    query = f"?organisation={organisation.code}" if organisation else ""
    return {
        "urls": {
            "data": reverse("console:wall_data") + query,
            "figures": reverse("console:wall_figures") + query if permitted(actor, "reports.export") else "",
            "areas": reverse("console:island_areas"),
            "basemap": basemap(),
        },
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "map": _("Map: where citizens reported from today"),
        "map_off": _("No map on this screen: the browser can't draw it. The same heat is in the table."),
        "map_failed": _("The map could not be loaded. The same heat is in the table."),
        "today": _("today"),
        "same_weekday": _("mean of {n} such days"),
        "usual": _("usual range"),
        "all_day": _("Today until now"),
        "day_short": _("Day"),
        "hour_back": _("One hour back"),
        "hour_on": _("One hour on"),
        "tables": _("Table"),
        "one_hour": _("{from}:00–{to}:00"),
        "total": _("{n} reported, {drawn} on the map"),
        "by_area": _("station area {n}"),
        "picture": _("Picture"),
        "picture_title": _("Citizens' reports by hour"),
        "picture_read": _("{place}, {date}, as of {time}"),
        "figures": _("Figures"),
        "stale": _("Not live: these figures are {age} old. The server can't be reached."),
        "session_over": _("The session has ended: sign in again on this screen."),
    }
