"""Many calls at once: whom to send where so that all together wait least, beside what one by one would give."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.dispatch.batch_words import why_words
from anlan.dispatch.clocks import arrival_target
from anlan.dispatch.models import Assignment, ResponseLevel
from anlan.dispatch.plan_rules import Need, Plan, level_with
from anlan.dispatch.recommending import RankedUnit
from anlan.dispatch.rules import (
    ACTIVE,
    BATCH_MOST,
    BATCH_WEIGHT,
    COVER_CAP_S,
    COVER_FULL,
    FURTHER_WEIGHT,
    SEND_ALLOWS,
    unit_is_commanded,
)
from anlan.dispatch.selectors.cover import TRACK, cover_by
from anlan.dispatch.selectors.plans import plan_of
from anlan.dispatch.selectors.recommend import BASE_AGE_S, URGENT, free_and_placed, place_of_unit, ranking_of
from anlan.dispatch.selectors.response import able_to, ahead_s
from anlan.dispatch.travel import Goal, Mover, travel_times_many
from anlan.engines.assignment import NEVER_S, Batch, batch_assign, lateness
from anlan.intake.models import Incident
from anlan.tagging.selectors import incident_type
from anlan.units.selectors import UnitOnBoard

BATCH_VERSION = 1
TRACKS = ("P", "J")
"""Police and joint matters; what a town room or a partner has in hand is theirs to answer."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Going:
    """One unit a matter asks for: who goes if all are served together, who if one by one, and why so.

    ``other`` is the number of the matter that gets the unit which one by one would come here.
    """

    need: Need
    choice: RankedUnit | None
    alone: RankedUnit | None
    other: str = ""

    @property
    def is_same(self) -> bool:
        """Whether one by one would send the same unit."""
        return (self.choice.unit.id if self.choice else None) == (self.alone.unit.id if self.alone else None)

    @property
    def why(self) -> str:
        """The reason against one by one, as one sentence in the active language."""
        return why_words(self.choice, self.alone, self.other)


@dataclass(frozen=True, slots=True)
class Served:
    """A waiting matter with what is left of its time, how many are on it, and who is proposed."""

    incident: Incident
    left_s: float
    sent: int
    going: tuple[Going, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a way of serving comes to: units sent, places nobody goes to, arrivals beyond their time, mean wait."""

    sent: int
    empty: int
    late: int
    mean_s: float | None


@dataclass(frozen=True, slots=True)
class BatchProposal:
    """All waiting matters served together; nothing is done by it.

    ``together`` is never more than ``apart`` in weighted lateness. ``without_place`` matters have no place on the
    map and are chosen by hand, ``beyond`` stand after the first ``BATCH_MOST``.
    """

    at: datetime
    rows: tuple[Served, ...]
    units: int
    together: Outcome
    apart: Outcome
    weighted: float
    weighted_apart: float
    without_place: int
    beyond: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A unit asked for by the matter in this row of the list."""

    row: int
    need: Need
    plan: Plan
    weight: float
    cap_s: float


def batch_propose(*, by: Actor, at: datetime) -> BatchProposal:
    """Serve all of ``by``'s waiting matters at once with the free units ``by`` commands.

    One search of the roads a matter; six queries, whatever the number of matters and units. A P1 stands before
    everything else; among the others seconds weigh by priority, those beyond the time allowed fourfold, the
    home station counts as its plan's seconds sooner, and a unit that carries cover alone counts as later, at
    most by the cap of that priority.
    """
    waiting, without_place, beyond = _waiting(by)
    return batch_of(waiting, by=by, at=at, without_place=without_place, beyond=beyond)


def _waiting(by: Actor) -> tuple[list[Incident], int, int]:
    """Matters nobody has been sent to, in the order of the queue."""
    rows = Incident.objects.visible_to(by).filter(state="open", track__in=TRACKS).select_related("station")
    found = list(rows.order_by("priority", "received_at", "id")[: BATCH_MOST * 4])
    placed = [row for row in found if row.lon is not None and row.lat is not None]
    return placed[:BATCH_MOST], len(found) - len(placed), max(len(placed) - BATCH_MOST, 0)


def batch_of(
    waiting: Sequence[Incident], *, by: Actor, at: datetime, without_place: int = 0, beyond: int = 0
) -> BatchProposal:
    """The same for these matters, in this order; each must have a place on the map."""
    police = [unit for unit in free_and_placed(at=at) if unit.track == TRACK]
    units = [unit for unit in police if unit_is_commanded(by, unit.organisation_id)]
    sent = _sent(waiting)
    places = _places(waiting, sent)
    left_s = np.array([_left_s(row, at) for row in waiting], dtype=np.float64)
    times = _times(waiting, units, at=at)
    eta, may, extra = _tables(waiting, places, units, times, _carried(units, police, at=at))
    weight = np.array([place.weight for place in places], dtype=np.float64)
    rows = np.array([place.row for place in places], dtype=np.int64)
    cost = lateness(eta, left_s=left_s[rows], weight=weight, extra_s=extra)
    found = batch_assign(may, cost, weight * NEVER_S)
    return BatchProposal(
        at=at,
        rows=_told(waiting, places, units, times, found, left_s, sent),
        units=len(units),
        together=_outcome(found.rows, eta, left_s[rows]),
        apart=_outcome(found.one_by_one, eta, left_s[rows]),
        weighted=found.total,
        weighted_apart=found.one_by_one_total,
        without_place=without_place,
        beyond=beyond,
    )


def _sent(waiting: Sequence[Incident]) -> dict[int, list[tuple[tuple[str, ...], str]]]:
    """What can do, and drives, whoever is on each matter already."""
    told: dict[int, list[tuple[tuple[str, ...], str]]] = {}
    on_it = Assignment.objects.filter(incident_id__in=[row.pk for row in waiting], state__in=ACTIVE)
    for pk, can, drives in on_it.order_by("sent_at", "id").values_list(
        "incident_id", "unit__capabilities", "unit__vehicle"
    ):
        told.setdefault(pk, []).append((tuple(can), drives))
    return told


def _places(waiting: Sequence[Incident], sent: dict[int, list[tuple[tuple[str, ...], str]]]) -> list[_Place]:
    """Every unit the plans ask for that isn't on its way, matter by matter."""
    ids = [row.pk for row in waiting]
    levels = dict(ResponseLevel.objects.filter(incident_id__in=ids).values_list("incident_id", "level"))
    chosen: dict[Hashable, tuple[Plan, tuple[Plan, ...]]] = {}
    places = []
    for row, incident in enumerate(waiting):
        # Many alike wait together: each kind's plan is looked for once.
        alike = (incident.code, incident.priority, *incident.danger, "", incident.setting, incident.station_id)
        if alike not in chosen:
            chosen[alike] = plan_of(incident)
        plan, beside = chosen[alike]
        number = levels.get(incident.pk) or (2 if incident.is_major else 1)
        asks = level_with(plan.level(number), [other.level(number) for other in beside])
        on_it = list(sent.get(incident.pk, ()))
        first = not on_it
        for need in [wanted for wanted in asks.needs for _each in range(wanted.count)]:
            filled = next((each for each in on_it if able_to(need, *each)), None)
            if filled is not None:
                on_it.remove(filled)
                continue
            weight = BATCH_WEIGHT.get(incident.priority, 1.0) * (1.0 if first else FURTHER_WEIGHT)
            places.append(_Place(row, need, plan, weight, COVER_CAP_S.get(incident.priority, 0.0)))
            first = False
    return places


def _left_s(incident: Incident, at: datetime) -> float:
    """What is left of the time from call to arrival that the matter's type and priority allow."""
    allows = SEND_ALLOWS.get(incident.priority, SEND_ALLOWS["P3"]) + arrival_target(
        incident, incident_type(incident.code)
    )
    return (allows - (at - incident.received_at)).total_seconds()


@dataclass(frozen=True, eq=False)
class _Times:
    """Every unit's times to one matter, and its place in that matter's own order."""

    rank: NDArray[np.int64]
    eta_s: Floats
    eta_p90_s: Floats
    travel_s: Floats
    source: list[str]

    def choice(self, units: Sequence[UnitOnBoard], row: int) -> RankedUnit | None:
        """The unit of that row as a recommendation gives it; None for -1."""
        if row < 0:
            return None
        unit = units[row]
        return RankedUnit(
            rank=int(self.rank[row]),
            unit=unit,
            eta_s=float(self.eta_s[row]),
            eta_p90_s=float(self.eta_p90_s[row]),
            eta_source=self.source[row],
            fix_age_s=unit.seen.age_s if unit.seen else None,
            travel_s=float(self.travel_s[row]),
        )


def _times(waiting: Sequence[Incident], units: Sequence[UnitOnBoard], *, at: datetime) -> list[_Times]:
    """Every unit's times to every matter."""
    movers = [Mover(unit.id, *place_of_unit(unit), unit.vehicle) for unit in units]
    ages = np.array([unit.seen.age_s if unit.seen else BASE_AGE_S for unit in units], dtype=np.float64)
    goals = [Goal(row.lon or 0.0, row.lat or 0.0, row.priority in URGENT) for row in waiting]
    told = []
    for goal, times in zip(goals, travel_times_many(movers, goals), strict=True):
        ranking = ranking_of(units, times, ages, is_urgent=goal.is_urgent, at=at)
        rank = np.full(len(units), len(units), dtype=np.int64)
        rank[ranking.order] = np.arange(1, len(ranking.order) + 1)
        told.append(_Times(rank, ranking.eta_s, ranking.eta_p90_s, times.travel_s, times.source))
    return told


def _tables(
    waiting: Sequence[Incident],
    places: Sequence[_Place],
    units: Sequence[UnitOnBoard],
    times: Sequence[_Times],
    carried: Floats,
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Times, who may fill what, and what speaks for or against a unit beside its time; (n_places, n_units) each."""
    shape = (len(places), len(units))
    eta, may, extra = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape)
    able: dict[Need, NDArray[np.bool_]] = {}
    ahead: dict[int, Floats] = {}
    for number, place in enumerate(places):
        if place.need not in able:
            able[place.need] = np.array(
                [able_to(place.need, unit.capabilities, unit.vehicle) for unit in units], bool
            )
        if place.row not in ahead:
            ahead[place.row] = _ahead(waiting[place.row], place.plan, units)
        eta[number], may[number] = times[place.row].eta_p90_s, able[place.need]
        extra[number] = place.cap_s * carried - ahead[place.row]
    return eta, may, extra


def _ahead(incident: Incident, plan: Plan, units: Sequence[UnitOnBoard]) -> Floats:
    if not plan.home_first_s and not plan.zone_first_s:
        return np.zeros(len(units))
    by_home = {unit.organisation_id: unit for unit in units}
    seconds = {home: ahead_s(plan, incident, unit) for home, unit in by_home.items()}
    return np.array([seconds[unit.organisation_id] for unit in units], dtype=np.float64)


def _carried(units: Sequence[UnitOnBoard], police: Sequence[UnitOnBoard], *, at: datetime) -> Floats:
    """How much cover hangs on each unit alone among all free police, from none (0) to all reckoned with (1)."""
    now_ = cover_by(police, at=at)
    if now_.share is None:
        return np.zeros(len(units))
    lost = dict(zip((unit.id for unit in now_.units), now_.cover.loss.tolist(), strict=True))
    return np.minimum(np.array([lost.get(unit.id, 0.0) for unit in units]) / COVER_FULL, 1.0)


def _told(
    waiting: Sequence[Incident],
    places: Sequence[_Place],
    units: Sequence[UnitOnBoard],
    times: Sequence[_Times],
    found: Batch,
    left_s: Floats,
    sent: dict[int, list[tuple[tuple[str, ...], str]]],
) -> tuple[Served, ...]:
    goes_to = {row: waiting[place.row].number for place, row in zip(places, found.rows.tolist(), strict=True)}
    going: list[list[Going]] = [[] for _each in waiting]
    for place, row, alone in zip(places, found.rows.tolist(), found.one_by_one.tolist(), strict=True):
        here = times[place.row]
        going[place.row].append(
            Going(
                place.need,
                here.choice(units, row),
                here.choice(units, alone),
                goes_to.get(alone, "") if alone >= 0 and alone != row else "",
            )
        )
    return tuple(
        Served(incident, left_s=float(left_s[row]), sent=len(sent.get(incident.pk, ())), going=tuple(going[row]))
        for row, incident in enumerate(waiting)
    )


def _outcome(rows: NDArray[np.int64], eta: Floats, left_s: Floats) -> Outcome:
    filled = np.flatnonzero(rows >= 0)
    times = eta[filled, rows[filled]]
    late = int((times > np.maximum(left_s[filled], 0.0)).sum())
    mean_s = float(times.mean()) if len(times) else None
    return Outcome(len(filled), len(rows) - len(filled), late, mean_s)
