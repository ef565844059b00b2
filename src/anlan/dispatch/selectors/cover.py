"""Cover by the units that are free: now, after each proposed send, and after a move; and whom that speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.dispatch.cover_ground import CoverGround, cover_ground
from anlan.dispatch.recommending import RankedUnit, Recommendation
from anlan.dispatch.rules import COVER_CAP_S, COVER_LEAST, unit_is_commanded
from anlan.engines.assignment import RankRules, line_travel_s
from anlan.engines.coverage import Cover, advise, cover_of, move_up, post_for
from anlan.engines.geo import distance_m
from anlan.intake.models import Incident
from anlan.intake.selectors import YEAR
from anlan.places.models import Point
from anlan.places.selectors import points_in_force
from anlan.units.selectors import UnitOnBoard, units_to_rank

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

COVER_VERSION = 1
TRACK = "P"
MOVE_WITHIN_S = 900.0
"""A unit is not asked to drive farther than this to stand by, by the straight line at 30 km/h."""
MOVES_AT_MOST = 2
LEAST_GAIN = 0.01
BUSY_SHARE = 0.3
"""Chance that a unit is taken when the next call comes (DMEXCLP); a judgement until a bureau's own is known."""
FREED_WITHIN = timedelta(minutes=10)
POSTS = (Point.Kind.BOOTH, Point.Kind.STANDBY)


@dataclass(frozen=True, slots=True)
class MoveUp:
    """A unit proposed to wait at a post: what that wins, and the share reached after it."""

    unit: UnitOnBoard
    post: Point
    gain: float
    share: float


@dataclass(frozen=True, slots=True)
class CoverNow:
    """Cover by the free police units: numerator and denominator in expected calls a day, and who carries what alone.

    ``share`` is None where no demand or no road is known, which is said instead of a figure.
    """

    share: float | None
    reached_a_day: float
    total_a_day: float
    cells: int
    source: str
    calls: int
    units: tuple[UnitOnBoard, ...]
    unplaced: int
    cover: Cover
    ground: CoverGround
    reach: Bools

    def told_apart(self, least: int) -> NDArray[np.intp]:
        """Cells with so many calls a year that their place may be told."""
        return np.flatnonzero(self.ground.demand.a_day * YEAR.days >= least - 1e-9)

    def losses(self, by: Actor) -> list[tuple[UnitOnBoard, float]]:
        """Units ``by`` commands by what is lost when they go, most first; others' cover too, and are not named."""
        rows = zip(self.units, self.cover.loss.tolist(), strict=True)
        named = [row for row in rows if unit_is_commanded(by, row[0].organisation_id)]
        return sorted(named, key=lambda row: (-row[1], row[0].call_sign))


def cover_now(*, at: datetime) -> CoverNow:
    """Cover as it stands at ``at``. Two queries beside the ground's."""
    free = [unit for unit in units_to_rank(at=at) if unit.track == TRACK and unit.state == "available"]
    return cover_by(free, at=at)


def cover_by(free: Sequence[UnitOnBoard], *, at: datetime) -> CoverNow:
    """Cover at ``at`` by these units from where they are; one without a known place covers nothing and is counted."""
    ground = cover_ground(at)
    placed = [unit for unit in free if place_of(unit) is not None]
    reach = reach_of(ground, placed)
    cover = cover_of(reach, ground.demand.a_day)
    return CoverNow(
        share=None if ground.is_empty else cover.share,
        reached_a_day=cover.reached,
        total_a_day=cover.total,
        cells=len(ground.demand.a_day),
        source=ground.demand.source,
        calls=ground.demand.calls,
        units=tuple(placed),
        unplaced=len(free) - len(placed),
        cover=cover,
        ground=ground,
        reach=reach,
    )


def place_of(unit: UnitOnBoard) -> tuple[float, float] | None:
    """Where a unit is taken to be: where it was last seen unless lost, else its base."""
    if unit.seen is not None and not unit.seen.is_lost:
        return unit.seen.lon, unit.seen.lat
    return unit.base


def reach_of(ground: CoverGround, units: Sequence[UnitOnBoard]) -> Bools:
    """Which demand cells each unit gets to within the target, turn-out included."""
    places = np.array([place_of(unit) or (np.nan, np.nan) for unit in units], dtype=np.float64).reshape(-1, 2)
    return ground.reach(places[:, 0], places[:, 1], turnout_s=RankRules().turnout_s)


@dataclass(frozen=True, slots=True)
class Advised:
    """Whom cover speaks for at one matter: the unit, by which rule, at what price, and cover before and after.

    ``after`` is the share left by each ranked unit's going, by unit id; None where cover isn't known.
    """

    choice: RankedUnit
    rule: str
    added_s: float
    saved: float
    cap_s: float
    share: float | None
    after: dict[int, float]
    quickest: RankedUnit

    @property
    def share_after(self) -> float | None:
        return self.after.get(self.choice.unit.id)


def advice_for(incident: Incident, found: Recommendation, *, first: RankedUnit | None = None) -> Advised | None:
    """Whom to send to a matter: the quickest at a P1; else within the cap the one that leaves most cover.

    ``first`` is whom the response plan puts first for the home station's sake; it stands before cover's
    advice. None where no police unit can be sent or the matter has no place.
    """
    police = [choice for choice in found.ranked if choice.eta_p90_s is not None and choice.unit.track == TRACK]
    if not police:
        return None
    now_ = cover_by([choice.unit for choice in police], at=found.at)
    lost = dict(zip((unit.id for unit in now_.units), now_.cover.loss.tolist(), strict=True))
    share = now_.share
    after = {pk: max((share or 0.0) - loss, 0.0) for pk, loss in lost.items()} if share is not None else {}
    cap_s = COVER_CAP_S.get(incident.priority, 0.0)
    eta = np.array([choice.eta_p90_s for choice in police], dtype=np.float64)
    loss = np.array([lost.get(choice.unit.id, 0.0) for choice in police], dtype=np.float64)
    advice = advise(eta, loss, cap_s=cap_s if share is not None else 0.0, least_saved=COVER_LEAST)
    chosen, quickest = police[advice.unit], police[advice.quickest]
    rule, added_s, saved = ("quickest" if advice.is_quickest else "cover"), advice.added_s, advice.saved
    if first is not None and first.unit.id != quickest.unit.id and first.eta_p90_s is not None:
        chosen, rule = first, "home"
        added_s = first.eta_p90_s - (quickest.eta_p90_s or 0.0)
        saved = lost.get(quickest.unit.id, 0.0) - lost.get(first.unit.id, 0.0)
    return Advised(chosen, rule, added_s, saved, cap_s, share, after, quickest)


def moves_proposed(now_: CoverNow, *, by: Actor, at: datetime) -> list[MoveUp]:
    """Up to two free units to wait at booths or standby points, each move worth a hundredth of demand or more.

    Units that ``by`` commands: nobody else's can be moved from there.
    """
    posts = [point for point in points_in_force(at=at) if point.kind in POSTS]
    if not posts or not now_.units or now_.share is None:
        return []
    post_reach = now_.ground.reach(*_axes(posts), turnout_s=RankRules().turnout_s)
    moves = move_up(
        now_.reach,
        post_reach,
        now_.ground.demand.a_day,
        may_move=_near(now_.units, posts) & _commanded(now_.units, by)[:, None],
        most=MOVES_AT_MOST,
        least_gain=LEAST_GAIN,
    )
    return [MoveUp(now_.units[move.unit], posts[move.post], move.gain, move.share) for move in moves]


def waiting_posts(now_: CoverNow, *, by: Actor, at: datetime) -> list[MoveUp]:
    """Where each unit of ``by``'s freed in the last minutes should wait, by expected cover (DMEXCLP).

    Only where waiting there wins a hundredth of demand over staying; a post taken by one counts for the next.
    """
    posts = [point for point in points_in_force(at=at) if point.kind in POSTS]
    own = _commanded(now_.units, by)
    freed = [row for row, unit in enumerate(now_.units) if own[row] and at - unit.state_since <= FREED_WITHIN]
    if not posts or now_.share is None:
        return []
    post_reach = now_.ground.reach(*_axes(posts), turnout_s=RankRules().turnout_s)
    reach, demand = now_.reach.copy(), now_.ground.demand.a_day
    told = []
    for row in freed:
        others = np.delete(reach, row, axis=0)
        best, gain = post_for(others, post_reach, demand, busy=BUSY_SHARE)
        _here, stays = post_for(others, reach[row : row + 1], demand, busy=BUSY_SHARE)
        if gain - stays < LEAST_GAIN:
            continue
        reach[row] = post_reach[best]
        told.append(MoveUp(now_.units[row], posts[best], gain - stays, cover_of(reach, demand).share))
    return told


def _commanded(units: Sequence[UnitOnBoard], by: Actor) -> Bools:
    return np.array([unit_is_commanded(by, unit.organisation_id) for unit in units], dtype=bool)


def _axes(posts: Sequence[Point]) -> tuple[Floats, Floats]:
    return np.array([post.lon for post in posts]), np.array([post.lat for post in posts])


def _near(units: Sequence[UnitOnBoard], posts: Sequence[Point]) -> Bools:
    places = np.array([place_of(unit) for unit in units], dtype=np.float64).reshape(-1, 2)
    lon, lat = _axes(posts)
    away_m = distance_m(places[:, :1], places[:, 1:], lon[None, :], lat[None, :])
    return np.asarray(line_travel_s(away_m, 30.0) <= MOVE_WITHIN_S)
