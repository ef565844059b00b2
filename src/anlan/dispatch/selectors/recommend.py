"""Which unit to send: all of them looked at, by time on the road, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.dispatch.recommending import LeftOut, RankedUnit, Recommendation, minutes
from anlan.dispatch.rules import unit_is_commanded
from anlan.dispatch.selectors.arrivals import FREE, arrival_fit_in_use, times_learned
from anlan.dispatch.travel import Mover, TravelTimes, travel_times
from anlan.engines.assignment import Ranking, rank_by_times, rank_units, walk_s
from anlan.intake.models import Incident
from anlan.units.models import Unit
from anlan.units.selectors import UnitOnBoard, units_to_rank

TRACKS_OF = {"P": ("P",), "J": ("P", "C"), "C": ("C",), "T": ("P",)}
URGENT = ("P1", "P2")
BASE_AGE_S = 300.0
"""A unit that never reported a position is taken to be within five minutes of its base."""


def recommend(
    incident: Incident,
    *,
    at: datetime,
    limit: int | None = None,
    needs: Sequence[str] = (),
    track: str | None = None,
) -> Recommendation:
    """Rank every unit that may be sent by when it will be there nine times in ten.

    ``needs`` are capabilities every offered unit must have; a ``track`` other than the incident's own may
    be asked for. ``limit`` shortens the ranked list, not the search. Three queries (units, where they
    are, roads closed at this moment), whatever the number of units. The order is the same for the same rows.
    """
    wanted = (track,) if track is not None else TRACKS_OF[incident.track]
    free: list[UnitOnBoard] = []
    left_out: list[LeftOut] = []
    for unit in units_to_rank(at=at):
        why = _unfit(unit, wanted, needs)
        if why is None:
            free.append(unit)
        else:
            left_out.append(why)
    placed, unplaced = _placed(free)
    is_degraded = not placed and bool(unplaced)
    if is_degraded:
        # Better an old position than nobody to send.
        placed = [unit for unit in unplaced if unit.seen is not None or unit.base is not None]
        unplaced = [unit for unit in unplaced if unit.seen is None and unit.base is None]
    left_out += [
        LeftOut(unit, "no_position", last_seen_at=unit.seen.fixed_at if unit.seen else None) for unit in unplaced
    ]
    ranked = (
        _ranked(incident, placed, limit, at=at) if incident.lon is not None else _unplaced_order(incident, placed)
    )
    return Recommendation(
        incident_id=incident.pk,
        at=at,
        tracks=wanted,
        needs=tuple(needs),
        ranked=tuple(ranked[:limit]),
        left_out=tuple(left_out),
        is_degraded=is_degraded,
    )


def _unfit(unit: UnitOnBoard, tracks: Sequence[str], needs: Iterable[str]) -> LeftOut | None:
    """Why the unit isn't offered; None when it may be. The reason that can't be helped comes first."""
    if unit.track not in tracks:
        return LeftOut(unit, "track")
    for need in needs:
        if need not in unit.capabilities:
            return LeftOut(unit, "capability", capability=need)
    return None if unit.state == "available" else LeftOut(unit, "state")


def free_and_placed(*, at: datetime) -> list[UnitOnBoard]:
    """Every free unit with a place to reckon from. Two queries."""
    return _placed([unit for unit in units_to_rank(at=at) if unit.state == "available"])[0]


def _placed(units: list[UnitOnBoard]) -> tuple[list[UnitOnBoard], list[UnitOnBoard]]:
    """Units with a place to reckon from, and those without. One that was heard and lost has none."""
    placed: list[UnitOnBoard] = []
    unplaced: list[UnitOnBoard] = []
    for unit in units:
        known = not unit.seen.is_lost if unit.seen is not None else unit.base is not None
        (placed if known else unplaced).append(unit)
    return placed, unplaced


def ranking_of(
    units: Sequence[UnitOnBoard],
    times: TravelTimes,
    ages: NDArray[np.float64],
    *,
    is_urgent: bool,
    at: datetime,
    status: str = FREE,
) -> Ranking:
    """The order by what was learned from closed assignments; by stated times until there are enough of them.

    ``status`` is what all of them are in now: whoever is on the way already needs no time to turn out.
    """
    fit = arrival_fit_in_use()
    if fit is None:
        return rank_units(times.travel_s, ages, times.off_road_m, target_off_road_m=times.target_off_road_m)
    on_foot_s = walk_s(times.off_road_m, times.target_off_road_m)
    vehicles = [unit.vehicle for unit in units]
    learned = times_learned(fit, times.travel_s, on_foot_s, ages, vehicles, is_urgent=is_urgent, at=at, status=status)
    return rank_by_times(*learned)


def _ranked(incident: Incident, units: list[UnitOnBoard], limit: int | None, *, at: datetime) -> list[RankedUnit]:
    if incident.lon is None or incident.lat is None:
        return []
    movers = [Mover(unit.id, *place_of_unit(unit), unit.vehicle) for unit in units]
    times = travel_times(movers, incident.lon, incident.lat, is_urgent=incident.priority in URGENT)
    ages = np.array([unit.seen.age_s if unit.seen else BASE_AGE_S for unit in units], dtype=np.float64)
    ranking = ranking_of(units, times, ages, is_urgent=incident.priority in URGENT, at=at)
    eta_s, eta_p90_s, travel_s = ranking.eta_s.tolist(), ranking.eta_p90_s.tolist(), times.travel_s.tolist()
    return [
        RankedUnit(
            rank=place,
            unit=units[row],
            eta_s=eta_s[row],
            eta_p90_s=eta_p90_s[row],
            eta_source=times.source[row],
            fix_age_s=seen.age_s if (seen := units[row].seen) else None,
            travel_s=travel_s[row],
        )
        for place, row in enumerate(ranking.order[:limit].tolist(), start=1)
    ]


def place_of_unit(unit: UnitOnBoard) -> tuple[float, float]:
    """Where a unit with a known place is reckoned from: where it was last seen, else its base."""
    if unit.seen is not None:
        return unit.seen.lon, unit.seen.lat
    assert unit.base is not None
    return unit.base


def _unplaced_order(incident: Incident, units: list[UnitOnBoard]) -> list[RankedUnit]:
    """An incident without a place: the station's or town room's own units first, no times."""
    homes = {incident.station_id, incident.town_room_id, incident.holder_id}
    ordered = sorted(units, key=lambda unit: (unit.organisation_id not in homes, unit.call_sign))
    return [
        RankedUnit(place, unit, None, None, "", unit.seen.age_s if unit.seen else None)
        for place, unit in enumerate(ordered, start=1)
    ]


def alternative_to(unit: Unit, *, incident: Incident, by: Actor, at: datetime) -> tuple[str, str] | None:
    """Call sign and time of the best unit of the same track besides ``unit`` that ``by`` may send, or None."""
    for other in recommend(incident, at=at, track=unit.track).ranked:
        if other.unit.id != unit.pk and unit_is_commanded(by, other.unit.organisation_id):
            return other.unit.call_sign, minutes(other.eta_s)
    return None
