"""A piece of one's own past as a world the engine can run: read once, outside a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisation_ids_beneath
from anlan.dispatch.selectors.ruling import reached_within_s, ruling_in_force
from anlan.engines.geo import cell_centre
from anlan.engines.simulation import (
    CallProcess,
    Rules,
    World,
    call_process,
    ground_of,
    paced,
    zones_of,
)
from anlan.engines.simulation.ground import ZONE_RESOLUTION
from anlan.intake.models import Incident
from anlan.intake.selectors import calls_of_year
from anlan.patrol.models import PatrolRoute
from anlan.places.selectors import points_in_force, road_graph_bare
from anlan.units.models import Unit
from anlan.whatif.errors import HistoryHasGaps, NoCalls, NoUnits
from anlan.whatif.history_rows import TRACKS, calls_told, fleet_told, needs_of
from anlan.whatif.history_times import Times, times_of
from anlan.whatif.rules import gaps_of

DAY_S = 86_400.0
MOST_ZONES = 1500
NAMED_DAYS = 5
SPREAD = 0.234
READ = (
    "code", "priority", "track", "danger", "setting", "station__code", "lon", "lat", "cell", "received_at",
    "first_sent_at",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Past:
    """The world, the days it stands on in order (its blocks), where units begin by the last patrol plans, and what
    it was read from."""

    world: World
    days: tuple[date, ...]
    starts: tuple[int, ...]
    facts: dict[str, Any]


def past_read(
    organisation: Organisation, *, first_day: date, last_day: date, spread: Callable[..., Any] = map
) -> Past:
    """The calls, units and times of these days in an organisation's reach.

    Raises ``NoCalls``, ``NoUnits`` and ``HistoryHasGaps``. Reads only; roads as they usually are, without closures.
    """
    reach = organisation_ids_beneath(organisation)
    start, end = _moment(first_day), _moment(last_day + timedelta(days=1))
    named = {"organisation": organisation.name_zh, "first_day": first_day, "last_day": last_day}
    rows = _incidents(reach, start, end)
    if not rows:
        raise NoCalls(**named)
    days = _days_whole(rows, first_day, last_day, named)
    units = list(
        Unit.objects.filter(organisation_id__in=reach, is_active=True, base_lon__isnull=False).order_by("pk")
    )
    if not any(unit.track == "P" for unit in units):
        raise NoUnits(organisation=organisation.name_zh)
    times = times_of(rows)
    return _past(rows, units, days, times, start=start, end=end, spread=spread)


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _incidents(reach: frozenset[int], start: datetime, end: datetime) -> list[Incident]:
    """Valid calls of the three tracks that stand for themselves, with a place; erased ones by their small cell."""
    found = Incident.objects.filter(
        station_id__in=reach, received_at__gte=start, received_at__lt=end, is_valid=True, cell__isnull=False,
        track__in=tuple(TRACKS),
    ).exclude(state="merged")  # fmt: skip
    return list(
        found.select_related("station")
        .only(*READ)
        .order_by("received_at", "pk")
    )  # fmt: skip


def _days_whole(rows: Sequence[Incident], first_day: date, last_day: date, named: dict[str, Any]) -> tuple[date, ...]:
    counts = Counter(timezone.localdate(row.received_at) for row in rows)
    days = tuple(first_day + timedelta(days=k) for k in range((last_day - first_day).days + 1))
    missing, usual = gaps_of([counts[day] for day in days])
    if missing:
        shown = ", ".join(str(days[day]) for day in missing[:NAMED_DAYS]) + ("…" if len(missing) > NAMED_DAYS else "")
        raise HistoryHasGaps(count=len(missing), usual=round(usual), days=shown, **named)
    return days


def _past(
    rows: Sequence[Incident],
    units: Sequence[Unit],
    days: tuple[date, ...],
    times: Times,
    *,
    start: datetime,
    end: datetime,
    spread: Callable[..., Any],
) -> Past:
    spots = [(row.lon, row.lat) if row.lon is not None else cell_centre(row.cell or 0) for row in rows]
    year = [(cell_centre(cell), n) for cell, n in calls_of_year(start)]
    booths = [(point.lon, point.lat) for point in points_in_force(at=start, kind="booth")]
    bases = [(unit.base_lon, unit.base_lat) for unit in units]
    places = np.array([*spots, *bases, *booths, *(spot for spot, _n in year)], dtype=np.float64)
    zones, zone = _zones(places)
    n, u, b = len(rows), len(units), len(booths)
    weights = np.array([count for _spot, count in year], dtype=np.float64)
    demand = np.bincount(zone[n + u + b :], weights=weights, minlength=len(zones)).astype(np.float64)
    if not demand.sum():
        demand = np.bincount(zone[:n], minlength=len(zones)).astype(np.float64)
    roads = road_graph_bare()
    targets = np.full(len(zones), reached_within_s("0101", "P1", "town"))
    bare = ground_of(zones, demand, targets, roads.graph if roads else None, spread=spread)
    calls, answers = calls_told(rows, zone[:n], days, times, start)
    fleet, is_on_record = fleet_told(units, zone[n : n + u], answers, start, end)
    ruling = ruling_in_force()
    rules = Rules(
        delay_s=times.delay_s, turnout_s=times.turnout_s, turnout_road_s=times.turnout_s / 3.0, turnout_spread=SPREAD,
        drive_spread=SPREAD, divert_least_s=ruling.divert_least_s, community_target_s=ruling.town_within_s,
    )  # fmt: skip
    posts = np.unique(zone[n : n + u + b])
    world = World(paced(bare, urgent=times.pace, calm=times.pace), fleet, calls, needs_of(answers), rules, posts)
    facts = {
        "calls": n,
        "days": len(days),
        "units": u,
        "zones": len(zones),
        "within_zone_m": round(zones.spread_m),
        "roads": roads is not None,
        "shifts": is_on_record,
        "scenes_seen": times.seen,
        "delay_s": round(times.delay_s),
        "turnout_s": round(times.turnout_s),
        "scene_s": round(times.usual_scene_s),
        "pace": round(times.pace, 2),
    }
    return Past(world, days, _starts(units, zone[n : n + u], zones, end), facts)


def _zones(places: np.ndarray) -> tuple[Any, Any]:
    """Zones as fine as they can be without too many of them."""
    for resolution in (ZONE_RESOLUTION, ZONE_RESOLUTION - 1, ZONE_RESOLUTION - 2):
        zones, zone = zones_of(places[:, 0], places[:, 1], resolution=resolution)
        if len(zones) <= MOST_ZONES:
            break
    return zones, zone


def _starts(units: Sequence[Unit], home: Any, zones: Any, until: datetime) -> tuple[int, ...]:
    """The zone of each unit's first stop on its last route up to then; its home where it had none."""
    starts = [int(zone) for zone in home]
    for place, unit in enumerate(units):
        route = PatrolRoute.objects.filter(unit=unit, starts_at__lt=until).order_by("-starts_at").first()
        stop = route.stops.order_by("position").first() if route else None
        if stop is not None:
            starts[place] = int(np.argmin((zones.lon - stop.lon) ** 2 + (zones.lat - stop.lat) ** 2))
    return tuple(starts)


def process_of(past: Past) -> CallProcess:
    """A process that draws days like those of the past; weeks begin on the Monday before its first day."""
    before = past.days[0].weekday()
    calls = past.world.calls
    shifted = replace(calls, at_s=calls.at_s + before * DAY_S)
    return call_process(shifted, days=before + len(past.days), missing=tuple(range(before)))


def with_starts(past: Past, policies: Sequence[Any]) -> list[Any]:
    """Policies that begin where patrols do are given those places."""
    return [replace(policy, starts=past.starts) if policy.is_patrol else policy for policy in policies]
