"""A piece of one's own past as a world the engine can run: read once, outside a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

import numpy as np
from django.utils import timezone

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisation_ids_beneath
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors.plans import plan_of, zone_of
from anlan.dispatch.selectors.ruling import reached_within_s, ruling_in_force
from anlan.engines.geo import cell_centre
from anlan.engines.simulation import (
    COMMUNITY,
    POLICE,
    CallProcess,
    Calls,
    Fleet,
    Need,
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
from anlan.units.models import Shift, Unit
from anlan.whatif.errors import HistoryHasGaps, NoCalls, NoUnits
from anlan.whatif.rules import gaps_of

DAY_S = 86_400.0
MOST_ZONES = 1500
NAMED_DAYS = 5
LEAST_SEEN = 20
"""From so many times on a median is taken from the past; below it the usual stands."""
USUAL_SCENE_S, USUAL_TURNOUT_S, USUAL_DELAY_S = 1200.0, 30.0, 60.0
SPREAD = 0.234
TRACKS = {"P": (Need(POLICE),), "J": (Need(POLICE), Need(COMMUNITY)), "C": (Need(COMMUNITY),)}
READ = (
    "code", "priority", "track", "danger", "setting", "station__code", "lon", "lat", "cell", "received_at",
    "first_sent_at",
)  # fmt: skip
TRACK_OF = {"P": POLICE, "C": COMMUNITY}


@dataclass(frozen=True, eq=False)
class Past:
    """The world, the days it stands on in order (its blocks), where units begin by the last patrol plans, and what
    it was read from."""

    world: World
    days: tuple[date, ...]
    starts: tuple[int, ...]
    facts: dict[str, Any]


@dataclass(frozen=True)
class _Times:
    """What the past says of times, by code where there is enough of it."""

    scene_s: dict[str, float]
    usual_scene_s: float
    turnout_s: float
    delay_s: float
    pace: float
    seen: int


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
    times = _times(rows)
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


def _times(rows: Sequence[Incident]) -> _Times:
    """Medians of what units did at these matters: what no policy changes."""
    ids = [row.pk for row in rows]
    code_of = {row.pk: row.code for row in rows}
    scene: dict[str, list[float]] = {}
    turnout: list[float] = []
    paces: list[float] = []
    for begin in range(0, len(ids), 500):
        told = Assignment.objects.filter(incident_id__in=ids[begin : begin + 500], part="lead").values_list(
            "incident_id", "sent_at", "departed_at", "arrived_at", "finished_at", "travel_s"
        )
        for incident, sent, left, there, done, travel_s in told:
            if there and done and done > there:
                scene.setdefault(code_of[incident], []).append((done - there).total_seconds())
            if left and left >= sent:
                turnout.append((left - sent).total_seconds())
            if left and there and there > left and travel_s and travel_s > 30.0:
                paces.append((there - left).total_seconds() / travel_s)
    every = [value for values in scene.values() for value in values]
    delays = [(row.first_sent_at - row.received_at).total_seconds() for row in rows if row.first_sent_at]
    return _Times(
        {code: median(values) for code, values in scene.items() if len(values) >= LEAST_SEEN},
        _middle(every, USUAL_SCENE_S),
        _middle(turnout, USUAL_TURNOUT_S),
        max(_middle(delays, USUAL_DELAY_S), 0.0),
        _middle(paces, 1.0),
        len(every),
    )


def _middle(values: Sequence[float], usual: float) -> float:
    return median(values) if len(values) >= LEAST_SEEN else usual


def _past(
    rows: Sequence[Incident],
    units: Sequence[Unit],
    days: tuple[date, ...],
    times: _Times,
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
    calls, answers = _calls(rows, zone[:n], days, times, start)
    fleet, is_on_record = _fleet(units, zone[n : n + u], answers, start, end)
    ruling = ruling_in_force()
    rules = Rules(
        delay_s=times.delay_s, turnout_s=times.turnout_s, turnout_road_s=times.turnout_s / 3.0, turnout_spread=SPREAD,
        drive_spread=SPREAD, divert_least_s=ruling.divert_least_s, community_target_s=ruling.town_within_s,
    )  # fmt: skip
    posts = np.unique(zone[n : n + u + b])
    world = World(paced(bare, urgent=times.pace, calm=times.pace), fleet, calls, _needs(answers), rules, posts)
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


def _calls(
    rows: Sequence[Incident], zone: Any, days: tuple[date, ...], times: _Times, start: datetime
) -> tuple[Calls, list[tuple[tuple[int, frozenset[str]], ...]]]:
    """The calls, and what each kind of them is answered with: (track, abilities) for each unit of the plan."""
    number = {day: place for place, day in enumerate(days)}
    known: dict[Any, int] = {}
    answers: list[tuple[tuple[int, frozenset[str]], ...]] = []
    answer = []
    for row in rows:
        key = (row.track, row.code, row.priority, tuple(sorted(row.danger)), row.setting, row.station_id)
        if key not in known:
            known[key] = len(answers)
            answers.append(_answer(row))
        answer.append(known[key])
    n = len(rows)
    calls = Calls(
        at_s=np.array([(row.received_at - start).total_seconds() for row in rows]),
        zone=np.asarray(zone, dtype=np.int64),
        priority=np.array([int(row.priority[1]) for row in rows]),
        scene_s=np.array([times.scene_s.get(row.code, times.usual_scene_s) for row in rows]),
        target_s=np.array([reached_within_s(row.code, row.priority, row.setting) for row in rows]),
        answer=np.array(answer),
        station=np.array([row.station_id or -1 for row in rows]),
        group=np.array([zone_of(row.station_id) or -1 for row in rows]),
        then_zone=np.full(n, -1),
        then_s=np.zeros(n),
        block=np.array([number[timezone.localdate(row.received_at)] for row in rows]),
    )
    return calls, answers


def _answer(row: Incident) -> tuple[tuple[int, frozenset[str]], ...]:
    """The first level of the matter's plan: police units with their abilities, a community team where the track
    asks."""
    first = TRACKS[row.track]
    if row.track == "C":
        return ((COMMUNITY, frozenset()),)
    needs = plan_of(row)[0].level(1).needs
    police = [
        (POLICE, frozenset([need.capability] if need.capability else [])) for need in needs for _ in range(need.count)
    ]
    town = [(COMMUNITY, frozenset[str]())] if any(need.track == COMMUNITY for need in first) else []
    return (*(police or [(POLICE, frozenset[str]())]), *town)


def _abilities(answers: Sequence[Sequence[tuple[int, frozenset[str]]]]) -> dict[str, int]:
    names = sorted({name for answer in answers for _track, able in answer for name in able})
    return {name: 1 << place for place, name in enumerate(names)}


def _needs(answers: Sequence[Sequence[tuple[int, frozenset[str]]]]) -> tuple[tuple[Need, ...], ...]:
    bits = _abilities(answers)
    return tuple(tuple(Need(track, sum(bits[name] for name in able)) for track, able in answer) for answer in answers)


def _fleet(
    units: Sequence[Unit], home: Any, answers: Sequence[Any], start: datetime, end: datetime
) -> tuple[Fleet, bool]:
    """The units with their shifts of those days; always on duty where no shift of these days is on record."""
    bits = _abilities(answers)
    spans: dict[int, list[tuple[float, float]]] = {}
    for unit_id, begins, ends in (
        Shift.objects.filter(unit__in=units, starts_at__lt=end, ends_at__gt=start)
        .order_by("starts_at")
        .values_list("unit_id", "starts_at", "ends_at")
    ):
        spans.setdefault(unit_id, []).append(((begins - start).total_seconds(), (ends - start).total_seconds()))
    shifts = tuple(tuple(spans.get(unit.pk, ())) for unit in units) if spans else None
    fleet = Fleet(
        np.asarray(home, dtype=np.int64),
        np.array([TRACK_OF[unit.track] for unit in units]),
        np.array([unit.organisation_id for unit in units]),
        np.array([zone_of(unit.organisation_id) or -1 for unit in units]),
        np.array([sum(bits.get(name, 0) for name in unit.capabilities) for unit in units]),
        tuple(unit.call_sign for unit in units),
        shifts,
    )
    return fleet, bool(spans)


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
