"""What a shift's patrol came to: planned against done, misses by reason, time by area; two plans side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from anlan.engines.intervals import wilson_interval
from anlan.patrol.ground import base_of
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.rules import BY_NEED, FIGURES, MISSED, STAYS, UNEXPLAINED
from anlan.patrol.selectors import routes_of
from anlan.patrol.ways import ways_m, ways_of

FAIR = (0.67, 1.5)
"""Between these the minutes of an area stand in keeping with its share of the calls."""


@dataclass(frozen=True)
class Told:
    """A figure as the page prints it: text, numerator and denominator, interval, edition of the definitions."""

    text: str
    fraction: str = ""
    spread: str = ""
    unit: str = ""
    version: int = FIGURES


def share_told(part: int, whole: int) -> Told:
    """A share with its 95 % interval (Wilson); a dash where there is nothing to be a share of."""
    if not whole:
        return Told("–", f"0/{whole}")
    low, high = wilson_interval(part, whole)
    return Told(f"{100 * part / whole:.1f}", f"{part}/{whole}", f"{100 * low:.0f}–{100 * high:.0f} %", "%")


def number_told(value: float | None, digits: int = 1, unit: str = "", fraction: str = "") -> Told:
    return Told("–" if value is None else f"{value:.{digits}f}", fraction, "", unit)


@dataclass(frozen=True)
class Missed:
    """Stops missed for one reason; ``is_open`` where a person has not yet said why."""

    reason: str
    word: Any
    count: int
    is_open: bool


def misses_of(stops: Sequence[PatrolStop]) -> list[Missed]:
    """Missed stops by reason, the most frequent first."""
    counted = Counter(stop.reason for stop in stops if stop.state == "missed")
    return [
        Missed(reason, MISSED.get(reason, reason), count, reason in UNEXPLAINED)
        for reason, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]


@dataclass(frozen=True)
class AreaTime:
    """An area's minutes planned and done beside its part of the calls expected: ``ratio`` 1 is in keeping.

    ``reports`` is how many reports of a year stand behind the need (None under a forecast), ``low`` and ``high`` the
    95 % interval of the ratio that follows from them.
    """

    beat_code: str
    stops: int
    planned_min: float
    done_min: float
    need_share: float
    done_share: float
    ratio: float | None
    low: float | None
    high: float | None
    reports: int | None

    @property
    def is_out(self) -> bool:
        """Whether the whole interval lies outside ``FAIR``."""
        return self.low is not None and self.high is not None and (self.high < FAIR[0] or self.low > FAIR[1])


def area_times(plan: PatrolPlan, stops: Sequence[PatrolStop], *, done: bool) -> list[AreaTime]:
    """Each area's visits by need (no lots, no breaks) beside its need, also areas that got none.

    With ``done`` the share of time is that of visits paid, otherwise of visits planned.
    """
    planned: dict[str, float] = {}
    spent: dict[str, float] = {}
    count: Counter[str] = Counter()
    for stop in stops:
        if stop.kind in BY_NEED:
            minutes = (stop.leaves_at - stop.arrives_at) / timedelta(minutes=1)
            planned[stop.beat_code] = planned.get(stop.beat_code, 0.0) + minutes
            count[stop.beat_code] += 1
            spent[stop.beat_code] = spent.get(stop.beat_code, 0.0) + _stood_min(stop, minutes)
    need: dict[str, float] = {}
    reports: dict[str, int | None] = {}
    for place in plan.wanted:
        beat, year = place["beat"], place.get("year")
        need[beat] = need.get(beat, 0.0) + place["expected"]
        held = reports.get(beat, 0)
        reports[beat] = None if year is None or held is None else held + year
    shown = spent if done else planned
    whole, wanted = sum(shown.values()), sum(need.values())
    known = [n for n in reports.values() if n is not None]
    total = sum(known) if len(known) == len(reports) else None
    return [
        _area(beat, count[beat], planned, spent, shown.get(beat, 0.0) / whole if whole else 0.0,
              need.get(beat, 0.0) / wanted if wanted else 0.0, reports.get(beat), total)
        for beat in sorted({*planned, *need})
    ]  # fmt: skip


def _stood_min(stop: PatrolStop, planned_min: float) -> float:
    """How long a unit stood there: by its position from coming to being confirmed, by hand as long as was planned."""
    if stop.state != "dwelt":
        return 0.0
    if stop.confirmed == "position" and stop.reached_at is not None:
        return (stop.state_since - stop.reached_at) / timedelta(minutes=1)
    return planned_min


def _area(
    beat: str,
    stops: int,
    planned: dict[str, float],
    spent: dict[str, float],
    share: float,
    need: float,
    reports: int | None,
    total: int | None,
) -> AreaTime:
    low = high = None
    if reports and total:
        least, most = wilson_interval(reports, total)
        low, high = share / most, share / least if least > 0 else None
    ratio = share / need if need > 0 else None
    held = (planned.get(beat, 0.0), spent.get(beat, 0.0))
    return AreaTime(beat, stops, *held, need, share, ratio, low, high, reports)


def unevenness(areas: Sequence[AreaTime]) -> float | None:
    """Half the sum of differences between shares of time and shares of need: 0 in keeping, towards 1 all elsewhere.

    The part of all minutes that would have to be spent elsewhere (Hoover's index, 1936).
    """
    return sum(abs(area.done_share - area.need_share) for area in areas) / 2 if areas else None


@dataclass(frozen=True)
class Summary:
    """One plan in the figures by which two are compared. ``metres`` None where no road network is in use."""

    plan: PatrolPlan
    stops: int
    covered: float
    expected: float
    prize: float
    metres: float | None
    travel_s: float
    cover_mean: float | None
    cover_least: float | None
    uneven: float | None
    faults: int


def summary_of(plan: PatrolPlan, *, with_metres: bool = True) -> Summary:
    """The figures of a plan as it stands. ``prize`` is the calls its visits collect, repeats at their lower worth."""
    routes = routes_of(plan)
    stops = [stop for route in routes for stop in route.stops.all()]
    curve = [share for share in plan.cover.get("planned", ()) if share is not None]
    return Summary(
        plan,
        sum(stop.kind not in STAYS for stop in stops),
        plan.covered,
        plan.expected,
        sum(stop.prize for stop in stops),
        _metres(routes, at=plan.made_at) if with_metres else None,
        sum(route.travel_s for route in routes),
        sum(curve) / len(curve) if curve else None,
        min(curve, default=None),
        unevenness(area_times(plan, stops, done=False)),
        len(plan.faults),
    )


def _metres(routes: Sequence[PatrolRoute], *, at: datetime) -> float | None:
    """Metres of road all units go, each as it moves; None without a network."""
    told = [
        ways_m(_legs([route for route in routes if ways_of([route.unit.vehicle]) == [way]]), vehicle=way, at=at)
        for way in ways_of([route.unit.vehicle for route in routes])
    ]
    known = [metres for metres in told if metres is not None]
    return sum(known) if len(known) == len(told) else None


def _legs(routes: Sequence[PatrolRoute]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    legs = []
    for route in routes:
        base = base_of(route.unit)
        ends = [base] if base else []
        places = [*ends, *((stop.lon, stop.lat) for stop in route.stops.all()), *ends]
        legs += [(a, b) for a, b in pairwise(places) if a != b]
    return legs
