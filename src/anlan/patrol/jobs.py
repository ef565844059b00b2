"""Timed work of this room: better routes while there is time, visits by position, shifts that are over."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.engines.geo import distance_m
from anlan.engines.patrol_route import Progress
from anlan.patrol.adherence import cover_done
from anlan.patrol.ground import ground_read
from anlan.patrol.keeping import draft_kept, spots_by_hand
from anlan.patrol.models import PatrolPlan, PatrolStop
from anlan.patrol.planning import Draft, draft_better, draft_make
from anlan.patrol.rules import DRIVEN, DWELT_SHARE, REACHED_M, Settings
from anlan.patrol.selectors import routes_of
from anlan.patrol.services import (
    patrol_plan_better,
    patrol_plan_end,
    patrol_plan_told,
    patrol_stop_confirm,
    patrol_stop_miss,
    patrol_stop_reach,
)
from anlan.units.selectors import SeenAt, positions_latest

LANES = 2
LEAST_SEARCH_S = 2
"""So long at least where a person asks for a search that the plan's own settings don't want."""
Clock = Callable[[], float]


def plans_better(*, at: datetime, clock: Clock = time.monotonic) -> int:
    """Look for better routes of plans that were just drawn, each as long as it asks; how many got some.

    No transaction is open meanwhile. Signing, dropping or stopping the search ends it within a round.
    """
    done = 0
    for plan in PatrolPlan.objects.filter(is_searching=True, state="drawn").select_related("organisation")[:4]:
        draft = _draft_of(plan)
        search = Search(plan, clock, clock(), max(Settings.read(plan.settings).search_s, LEAST_SEARCH_S))
        with ThreadPoolExecutor(LANES) as threads:
            better = draft_better(draft, go_on=search.go_on, lanes=LANES, run_all=threads.map)
        done += patrol_plan_better(plan=plan, draft=better, progress=search.told, by=SYSTEM, at=at)
    return done


def _draft_of(plan: PatrolPlan) -> Draft:
    """What the plan was made from, once more; with what a person has changed since."""
    settings = Settings.read(plan.settings)
    span = {"starts_at": plan.starts_at, "ends_at": plan.ends_at, "at": plan.made_at}
    ground, routes = ground_read(SYSTEM, plan.organisation, **span), routes_of(plan)
    ground = replace(ground, spots=(*ground.spots, *spots_by_hand(routes)))
    draft = draft_make(ground, settings=settings, seed=plan.seed, **span)
    return draft_kept(draft, routes, plan.held.get("out", [])) if plan.edition else draft


@dataclass
class Search:
    """A search that runs: until when, and what is told of it on the page."""

    plan: PatrolPlan
    clock: Clock
    begin: float
    long_s: float
    told: dict[str, float] = field(default_factory=dict)

    def go_on(self, known: Progress) -> bool:
        """Asked after every round. Keeps the figures, and hears whether somebody stopped the search or signed."""
        spent = self.clock() - self.begin
        first = self.told.get("first", round(known.prize, 4))
        self.told = {
            "rounds": known.round,
            "prize": round(known.prize, 4),
            "first": first,
            "spent_s": round(spent, 1),
            "of_s": self.long_s,
        }
        return patrol_plan_told(plan=self.plan, progress=self.told) and spent < self.long_s


def stops_watch(*, at: datetime) -> int:
    """Confirm visits by where units stand: reached near the point, visited after two thirds of its time."""
    rows = PatrolStop.objects.filter(state__in=("due", "reached"), route__state__in=DRIVEN)
    rows = rows.filter(route__starts_at__lte=at, route__ends_at__gt=at).select_related("route__unit", "route__plan")
    nexts: dict[int, PatrolStop] = {}
    for stop in rows.order_by("route_id", "position"):
        nexts.setdefault(stop.route_id, stop)
    seen = positions_latest([stop.route.unit_id for stop in nexts.values()], at=at)
    return sum(_watch(stop, seen.get(stop.route.unit_id), at) for stop in nexts.values())


def _watch(stop: PatrolStop, seen: SeenAt | None, at: datetime) -> bool:
    if seen is None or seen.is_lost:
        return False
    away_m = float(distance_m(seen.lon, seen.lat, stop.lon, stop.lat))
    long_enough = (
        stop.reached_at is not None and at - stop.reached_at >= (stop.leaves_at - stop.arrives_at) * DWELT_SHARE
    )
    try:
        if stop.state == "due" and away_m <= REACHED_M:
            patrol_stop_reach(stop=stop, by=SYSTEM, at=at)
        elif stop.state == "reached" and away_m <= REACHED_M and long_enough:
            patrol_stop_confirm(stop=stop, by=SYSTEM, at=at)
        elif stop.state == "reached" and away_m > 2 * REACHED_M and not long_enough:
            patrol_stop_miss(stop=stop, reason="left_early", by=SYSTEM, at=at)
        else:
            return False
    except DomainError:
        return False  # somebody pressed meanwhile: what they said stands
    return True


def plans_end(*, at: datetime) -> int:
    """End the plans whose shift is over."""
    over = list(PatrolPlan.objects.filter(state="published", ends_at__lte=at)[:50])
    for plan in over:
        patrol_plan_end(plan=plan, done=cover_done(plan), by=SYSTEM, at=at)
    return len(over)
