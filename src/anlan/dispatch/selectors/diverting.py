"""Taking a unit from a lesser matter for a P1: who could, what it wins, and who goes to the lesser one then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment
from anlan.dispatch.recommending import RankedUnit, Recommendation, minutes
from anlan.dispatch.rules import DIVERT_LEAST_S, TRAVELLING, unit_is_commanded
from anlan.dispatch.selectors.arrivals import ON_WAY
from anlan.dispatch.selectors.cover import TRACK, place_of
from anlan.dispatch.selectors.recommend import BASE_AGE_S, place_of_unit, ranking_of, recommend
from anlan.dispatch.travel import Mover, travel_times
from anlan.intake.models import Incident
from anlan.units.selectors import UnitOnBoard

PROPOSED = 2
"""So many units on the way elsewhere are proposed at most; each with who takes its place."""


@dataclass(frozen=True, slots=True)
class Diversion:
    """A unit on its way to a lesser matter that would be at the P1 sooner than the quickest free one.

    ``saved_s`` is by how much (nine times in ten), None where nobody free can go at all. ``instead`` is the best
    free unit for the lesser matter, None where it has to wait for one.
    """

    assignment: Assignment
    choice: RankedUnit
    quickest: RankedUnit | None
    saved_s: float | None
    instead: RankedUnit | None

    @property
    def words(self) -> str:
        """What is proposed and what it costs whom, in the active language."""
        lesser = self.assignment.incident
        facts = {
            "unit": self.choice.unit.call_sign,
            "worst": minutes(self.choice.eta_p90_s),
            "lesser": lesser.number,
            "priority": lesser.priority,
            "saved": minutes(self.saved_s),
            "quickest": self.quickest.unit.call_sign if self.quickest else "",
            "instead": self.instead.unit.call_sign if self.instead else "",
            "instead_worst": minutes(self.instead.eta_p90_s) if self.instead else "",
        }
        if self.quickest is None:
            first = _(
                "{unit} is on its way to {lesser} ({priority}) and would be here within {worst}; nobody is free."
            )
        else:
            first = _(
                "{unit} is on its way to {lesser} ({priority}) and would be here within {worst}, "
                "{saved} before {quickest}, the quickest free unit."
            )
        then = (
            _("{lesser} then gets {instead}, there within {instead_worst}.")
            if self.instead
            else _("{lesser} then waits: nobody else is free.")
        )
        return " ".join([first.format(**facts), then.format(**facts)])


def diversions_for(incident: Incident, found: Recommendation, *, by: Actor) -> list[Diversion]:
    """Units of ``by``'s on their way to lesser matters that a P1 without anybody on the way would win by.

    ``found`` is the matter's own recommendation. Only a P1 that nobody is travelling to or at is helped so, only
    from matters in ``DIVERT_LEAST_S``, only where the gain is at least as stated there. Nobody is moved by it.
    Up to three queries beside a recommendation for each proposed unit's lesser matter.
    """
    if incident.priority != "P1" or incident.lon is None or incident.lat is None:
        return []
    if Assignment.objects.filter(incident_id=incident.pk, state__in=(*TRAVELLING, "arrived")).exists():
        return []
    busy = [
        row.unit
        for row in found.left_out
        if row.why == "state"
        and row.unit.track == TRACK
        and row.unit.state in ("assigned", "en_route")
        and place_of(row.unit) is not None
        and unit_is_commanded(by, row.unit.organisation_id)
    ]
    on_way = _on_way(busy, by)
    busy = [unit for unit in busy if unit.id in on_way]
    quickest = next((each for each in found.ranked if each.eta_p90_s is not None and each.unit.track == TRACK), None)
    told: list[Diversion] = []
    for choice in _ranked(incident, busy, found):
        assignment = on_way[choice.unit.id]
        saved_s = None if quickest is None else (quickest.eta_p90_s or 0.0) - (choice.eta_p90_s or 0.0)
        if saved_s is not None and saved_s < DIVERT_LEAST_S[assignment.incident.priority]:
            continue
        others = recommend(assignment.incident, at=found.at, track=TRACK).ranked
        free = [each for each in others if unit_is_commanded(by, each.unit.organisation_id)]
        # Once the P1 is served by the diverted unit its quickest free one may go to the lesser matter.
        told.append(Diversion(assignment, choice, quickest, saved_s, free[0] if free else None))
        if len(told) == PROPOSED:
            break
    return told


def _on_way(busy: Sequence[UnitOnBoard], by: Actor) -> dict[int, Assignment]:
    """The lesser matter each of them travels to, where ``by`` sees it."""
    rows = (
        Assignment.objects.visible_to(by)
        .filter(unit_id__in=[unit.id for unit in busy], state__in=TRAVELLING)
        .filter(incident__priority__in=DIVERT_LEAST_S)
        .select_related("unit", "incident", "incident__station")
    )
    return {row.unit_id: row for row in rows}


def _ranked(incident: Incident, units: Sequence[UnitOnBoard], found: Recommendation) -> list[RankedUnit]:
    """They among themselves, by when they would be at the matter."""
    if not units or incident.lon is None or incident.lat is None:
        return []
    movers = [Mover(unit.id, *place_of_unit(unit), unit.vehicle) for unit in units]
    times = travel_times(movers, incident.lon, incident.lat, is_urgent=True)
    ages = np.array([unit.seen.age_s if unit.seen else BASE_AGE_S for unit in units], dtype=np.float64)
    ranking = ranking_of(units, times, ages, is_urgent=True, at=found.at, status=ON_WAY)
    return [
        RankedUnit(
            place,
            units[row],
            float(ranking.eta_s[row]),
            float(ranking.eta_p90_s[row]),
            times.source[row],
            seen.age_s if (seen := units[row].seen) else None,
            float(times.travel_s[row]),
        )
        for place, row in enumerate(ranking.order.tolist(), start=1)
    ]
