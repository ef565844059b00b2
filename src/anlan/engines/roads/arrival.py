"""Whether a unit on its way is there, stands elsewhere, drives or is silent: judged by its track on the roads."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.engines.geo.distance import distance_m
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.matching import MatchRules, TrackMatch, counting_fixes, match_track
from anlan.engines.roads.search import search_to
from anlan.engines.roads.snap import Snap, Snapper, Snaps
from anlan.engines.roads.weights import TravelWeights

FIXES_A_PLACE = 3
"""Where somebody stands is first taken from so many fixes."""

Floats = NDArray[np.float64]


class Going(StrEnum):
    """What a track says of a unit on its way to a place."""

    MOVING = "moving"
    STANDING = "standing"
    ARRIVED = "arrived"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class ArrivalRules:
    """When standing is an arrival, and when it is worth a word.

    A unit is there that stood for `stays_s` within `near_m` by road of where the way to the place ends, or for
    `waits_s` within `about_m`: at a red light just before the goal nobody waits that long. It must still be there
    at its last fix or have stayed for `settled_s`: whoever crept by in a queue drives on. Noise within `still_m`
    counts as standing. `stands_s` is how long a unit stands elsewhere before that is said, `silent_s` the age of the
    last fix from which nothing is concluded any more. Of a track no more than the last `look_back_s` counts, and
    of that no more than the last `most_fixes` that tell of a movement.

    Judgement, to be replaced by a bureau's own once it has drives whose arrival was keyed in.
    """

    near_m: float = 50.0
    stays_s: float = 30.0
    about_m: float = 120.0
    waits_s: float = 90.0
    settled_s: float = 120.0
    still_m: float = 30.0
    stands_s: float = 60.0
    silent_s: float = 120.0
    look_back_s: float = 900.0
    most_fixes: int = 60
    most_left_m: float = 2_000.0

    def __post_init__(self) -> None:
        if not 0.0 < self.near_m <= self.about_m <= self.most_left_m or not 0.0 < self.stays_s <= self.waits_s:
            raise ValueError(f"near lies within about, and a short stay is no longer than a long one: {self}")


@dataclass(frozen=True, slots=True)
class DriveState:
    """What is known at one moment: the state, since when (seconds on the track's own clock), and how far it still is.

    `left_m` is by road from the last place on a road; None where that is farther than `ArrivalRules.most_left_m`, or
    where the last fix lies off all roads.
    """

    state: Going
    since_s: float
    left_m: float | None
    last_fix_s: float


@dataclass(frozen=True, slots=True)
class _Stay:
    """A stretch of fixes within the noise of one place, and that place: on a road, or off all roads (`snap` None)."""

    first: int
    last: int
    lasted_s: float
    lon: float
    lat: float
    snap: Snap | None


def drive_state(
    snapper: Snapper,
    metres: TravelWeights,
    track: tuple[ArrayLike, ArrayLike, ArrayLike],
    goal: tuple[float, float],
    *,
    now_s: float,
    rules: ArrivalRules | None = None,
) -> DriveState | None:
    """Judge the drive of one unit to ``goal`` (lon, lat) by its ``track``: lon, lat and seconds of each fix.

    ``metres`` are the weights of `metre_weights` for the unit's vehicle. None without any fix up to ``now_s``.
    Passing by, standing on a parallel road or on the bridge above, and silence are no arrival; nor is one wild fix.

    Raises ValueError as `match_track`.
    """
    rules = rules or ArrivalRules()
    found, lon, lat = _matched(snapper, metres, track, now_s, rules)
    if not len(found):
        return None
    last = len(found) - 1
    last_s = float(found.at_s[last])
    target = snapper.snap(*goal, usable=metres.usable)
    stays = _stays(snapper, metres, found, lon, lat, rules)
    here = _stay(snapper, metres, found, lon, lat, last, last)
    far_m = _left_m(snapper.graph, metres, [*stays, here], goal, target, rules)
    left_m = far_m[-1] if np.isfinite(far_m[-1]) else None
    for stay, stay_m in zip(stays, far_m[:-1], strict=True):
        near = stay.lasted_s >= (rules.stays_s if stay_m <= rules.near_m else rules.waits_s)
        if stay_m <= rules.about_m and near and (stay.last == last or stay.lasted_s >= rules.settled_s):
            return DriveState(Going.ARRIVED, float(found.at_s[stay.first]), left_m, last_s)
    if now_s - last_s > rules.silent_s:
        return DriveState(Going.SILENT, last_s, left_m, last_s)
    if stays and stays[-1].last == last and stays[-1].lasted_s >= rules.stands_s:
        return DriveState(Going.STANDING, float(found.at_s[stays[-1].first]), left_m, last_s)
    return DriveState(Going.MOVING, last_s, left_m, last_s)


def _matched(
    snapper: Snapper,
    metres: TravelWeights,
    track: tuple[ArrayLike, ArrayLike, ArrayLike],
    now_s: float,
    rules: ArrivalRules,
) -> tuple[TrackMatch, Floats, Floats]:
    """The fixes that count, laid on roads."""
    lon, lat, at_s = (np.asarray(axis, dtype=np.float64).ravel() for axis in track)
    if not len(lon) == len(lat) == len(at_s):
        raise ValueError("a track needs one time per position, never falling")
    counts = (at_s <= now_s) & np.isfinite(lon) & np.isfinite(lat)
    counts &= at_s >= np.max(at_s[counts], initial=-np.inf) - rules.look_back_s
    lon, lat, at_s = lon[counts], lat[counts], at_s[counts]
    told = counting_fixes(lon, lat, at_s, MatchRules())
    since = told[-rules.most_fixes] if len(told) > rules.most_fixes else 0
    lon, lat = lon[since:], lat[since:]
    return match_track(snapper, metres, lon, lat, at_s[since:]), lon, lat


def _stays(
    snapper: Snapper, metres: TravelWeights, found: TrackMatch, lon: Floats, lat: Floats, rules: ArrivalRules
) -> list[_Stay]:
    """Where the unit stood for at least `stays_s`, in the order of time."""
    stays: list[_Stay] = []
    first = 0
    while first < len(found):
        last = first + FIXES_A_PLACE - 1
        # First around its beginning, then around its middle.
        for _ in range(2):
            begin = slice(first, last + 1)
            away_m = distance_m(lon[begin].mean(), lat[begin].mean(), lon[first:], lat[first:])
            last = first + _as_long_as_near(away_m, found.at_s[first:], rules) - 1
            if last <= first:
                break
        if last > first and found.at_s[last] - found.at_s[first] >= rules.stays_s:
            stays.append(_stay(snapper, metres, found, lon, lat, first, last))
            first = last
        first += 1
    return stays


def _as_long_as_near(away_m: Floats, at_s: Floats, rules: ArrivalRules) -> int:
    """How many fixes from the first on lie within noise of a place, without a silence between."""
    is_near = away_m <= rules.still_m
    # One fix that jumps away and is back at the next is noise; the last one has no next.
    is_near[1:-1] |= is_near[2:]
    is_near[-1] |= bool(away_m[-1] <= 2.0 * rules.still_m and is_near[-2:-1].all())
    is_near[1:] &= np.diff(at_s) <= rules.silent_s
    return len(is_near) if is_near.all() else int(np.argmin(is_near))


def _stay(
    snapper: Snapper, metres: TravelWeights, found: TrackMatch, lon: Floats, lat: Floats, first: int, last: int
) -> _Stay:
    """The place of some fixes: their middle, on the road most of them lie on."""
    span = slice(first, last + 1)
    x, y = float(np.median(lon[span])), float(np.median(lat[span]))
    links, count = np.unique(found.link[span], return_counts=True)
    link = int(links[np.argmax(count)])
    near = snapper.near(x, y, MatchRules().reach_m + ArrivalRules().still_m, usable=metres.usable)
    at = np.flatnonzero(near.link == link)
    lasted_s = float(found.at_s[last] - found.at_s[first])
    return _Stay(first, last, lasted_s, x, y, near[int(at[0])] if at.size else None)


def _left_m(
    graph: RoadGraph,
    metres: TravelWeights,
    stays: list[_Stay],
    goal: tuple[float, float],
    target: Snap,
    rules: ArrivalRules,
) -> list[float]:
    """Metres to the goal from each place: by road where it is on one, else straight; infinite if too far to tell."""
    on_road = [stay.snap for stay in stays if stay.snap is not None]
    search = search_to(graph, metres, target, cutoff_s=rules.most_left_m)
    to_goal = iter(search.travel_s(Snaps.of(on_road)).tolist())
    left = []
    for stay in stays:
        if stay.snap is None:
            straight_m = float(distance_m(stay.lon, stay.lat, *goal))
            left.append(straight_m if straight_m <= rules.most_left_m else float("inf"))
            continue
        by_road_m = next(to_goal)
        if by_road_m > rules.near_m:
            # A little beyond the goal is there too, also where one may not drive back.
            back = search_to(graph, metres, stay.snap, cutoff_s=rules.about_m)
            by_road_m = min(by_road_m, float(back.travel_s(Snaps.of([target]))[0]))
        left.append(by_road_m)
    return left
