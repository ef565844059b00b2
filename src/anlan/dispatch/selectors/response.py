"""Who goes by the response plan: a unit for each place, what can't be filled, who lends, what is left there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from anlan.accounts.models import Organisation
from anlan.dispatch.models import Assignment, ResponseLevel
from anlan.dispatch.plan_rules import Level, Need, Plan, Thing, level_with
from anlan.dispatch.recommending import LeftOut, RankedUnit, Recommendation, minutes
from anlan.dispatch.rules import ACTIVE
from anlan.dispatch.selectors.equipment import Brought, brought_out, equipment_brought
from anlan.dispatch.selectors.plans import plan_of, zone_of
from anlan.engines.assignment import home_ahead_s, slots_fill
from anlan.intake.models import Incident
from anlan.units.models import Unit
from anlan.units.selectors import UnitOnBoard, capability_labels

NAMED = 3
"""So many busy units that could do it are named with a shortfall."""
OFF_DUTY = ("off", "out_of_service")


@dataclass(frozen=True, slots=True)
class Place:
    """One unit the plan asks for: on its way already (``sent``), proposed (``choice``), or nobody.

    ``is_home_first`` says that a quicker unit stands back for the home station's or the zone's.
    """

    need: Need
    sent: str = ""
    choice: RankedUnit | None = None
    is_home_first: bool = False

    @property
    def asks(self) -> str:
        """What is asked for, in words."""
        able = str(capability_labels().get(self.need.capability, self.need.capability))
        vehicle = str(dict(Unit.Vehicle.choices).get(self.need.vehicle, self.need.vehicle))
        return " · ".join(part for part in (able, vehicle) if part) or _("any unit")


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A need that can't be met now: how many of how many are missing, and who could but is not free."""

    need: Need
    missing: int
    could: tuple[LeftOut, ...]

    @property
    def words(self) -> str:
        """Said aloud, in the active language."""
        able = str(capability_labels().get(self.need.capability, "")) or _("any unit")
        text = ngettext(
            "{missing} of {count} missing: {able}.", "{missing} of {count} missing: {able}.", self.missing
        ).format(missing=self.missing, count=self.need.count, able=able)
        if not self.could:
            return " ".join([text, _("Nobody on duty has it: ask the neighbour or the partner desk.")])
        named = "; ".join(f"{row.unit.call_sign}: {row.reason}" for row in self.could[:NAMED])
        return f"{text} {named}"


@dataclass(frozen=True, slots=True)
class Lender:
    """An organisation whose units are proposed: how many, and what it keeps free of those on duty."""

    organisation: str
    organisation_id: int
    is_home: bool
    is_zone: bool
    taken: tuple[str, ...]
    left: int
    on_duty: int


@dataclass(frozen=True, slots=True)
class Response:
    """The plan of a matter at its alarm level, filled as well as can be from a recommendation."""

    plan: Plan
    beside: tuple[Plan, ...]
    level: int
    asks: Level
    places: tuple[Place, ...]
    shortfalls: tuple[Shortfall, ...]
    lenders: tuple[Lender, ...]
    partners: tuple[Organisation, ...]
    partners_unknown: tuple[str, ...]
    equipment: tuple[Brought, ...] = ()

    @property
    def carried(self) -> dict[str, list[tuple[str, int]]]:
        """By call sign, what it has of the things asked for, with counts: for the rows of those who can be sent."""
        found: dict[str, list[tuple[str, int]]] = {}
        for row in self.equipment:
            for sign, count in (*row.have, *((each.call_sign, each.count) for each in row.nearest)):
                found.setdefault(sign, []).append((row.thing.name, count))
        return found

    @property
    def levels(self) -> range:
        return range(1, len(self.plan.levels) + 1)

    @property
    def proposed(self) -> tuple[RankedUnit, ...]:
        return tuple(place.choice for place in self.places if place.choice is not None)

    @property
    def next_unit(self) -> RankedUnit | None:
        """Whom to send next: the quickest of those proposed."""
        return min(self.proposed, key=lambda choice: choice.rank, default=None)

    @property
    def borrowed(self) -> tuple[Lender, ...]:
        return tuple(lender for lender in self.lenders if not lender.is_home)


def level_of(incident: Incident) -> int:
    """The alarm level a matter is answered at: as a desk set it, else 1, and 2 for a major matter."""
    row = ResponseLevel.objects.filter(incident_id=incident.pk).values_list("level", flat=True).first()
    return row or (2 if incident.is_major else 1)


def _asked(incident: Incident) -> tuple[Plan, tuple[Plan, ...], int, Level]:
    plan, beside = plan_of(incident)
    level = level_of(incident)
    return plan, beside, level, level_with(plan.level(level), [other.level(level) for other in beside])


def equipment_asked(incident: Incident) -> tuple[Thing, ...]:
    """What the matter's plan asks those who go to bring, at its alarm level."""
    return _asked(incident)[3].equipment


def response_propose(incident: Incident, found: Recommendation) -> Response:
    """Fill the places of the matter's plan: with units on it already, then with the best of ``found``.

    Up to four queries beside those of the recommendation, whatever the number of units; ``found`` must
    hold all ranked units. No unit fills two places; as many are filled as can be; among such fillings the
    one that is there soonest (``slots_fill``), where a home station's unit counts as the plan's seconds
    quicker than it is, except for a P1.
    """
    plan, beside, level, asks = _asked(incident)
    sent = list(
        Assignment.objects.filter(incident_id=incident.pk, state__in=ACTIVE, unit__track__in=found.tracks)
        .order_by("sent_at", "id")
        .values_list("unit__call_sign", "unit__capabilities", "unit__vehicle")
    )
    places = _places(incident, plan, asks, sent, found)
    partners = list(Organisation.objects.filter(kind="partner", code__in=asks.partners, is_active=True))
    known = {row.code for row in partners}
    going = dict.fromkeys(
        [*(sign for sign, *_rest in sent), *(each.choice.unit.call_sign for each in places if each.choice)]
    )
    return Response(
        plan=plan,
        beside=beside,
        level=min(level, len(plan.levels)),
        asks=asks,
        places=places,
        shortfalls=_shortfalls(asks, places, found),
        lenders=_lenders(incident, places, found),
        partners=tuple(sorted(partners, key=lambda row: asks.partners.index(row.code))),
        partners_unknown=tuple(code for code in asks.partners if code not in known),
        equipment=equipment_brought(asks.equipment, going, found),
    )


def _places(
    incident: Incident, plan: Plan, asks: Level, sent: Sequence[tuple[str, list[str], str]], found: Recommendation
) -> tuple[Place, ...]:
    # Special abilities first: the first place gets the quicker of two who could fill both.
    needs = [need for need in asks.needs for _each in range(need.count)]
    ahead = [ahead_s(plan, incident, choice.unit) for choice in found.ranked]
    # A matter without a place has no times: the order of the list stands for them.
    eta = [choice.rank if choice.eta_p90_s is None else choice.eta_p90_s for choice in found.ranked]
    may = {need: _may(need, sent, found.ranked) for need in asks.needs}
    eta_s = np.array([*([0.0] * len(sent)), *eta], dtype=np.float64)
    # Whoever is on the way already stands before everybody.
    allowance = np.array([*([float(np.max(eta_s, initial=0.0)) + 7200.0] * len(sent)), *ahead], dtype=np.float64)
    rows = slots_fill(np.array([may[need] for need in needs]).reshape(len(needs), -1), eta_s, allowance_s=allowance)
    places = []
    for need, row in zip(needs, rows.tolist(), strict=True):
        if row < 0:
            places.append(Place(need))
        elif row < len(sent):
            places.append(Place(need, sent=sent[row][0]))
        else:
            choice = found.ranked[row - len(sent)]
            places.append(Place(need, choice=choice, is_home_first=_stands_back(choice, row, need, rows, may, eta_s)))
    return tuple(places)


def able_to(need: Need, can: Sequence[str], drives: str) -> bool:
    """Whether somebody who can do this and drives that fills the need."""
    return (not need.capability or need.capability in can) and need.vehicle in ("", drives)


def _may(need: Need, sent: Sequence[tuple[str, list[str], str]], ranked: Sequence[RankedUnit]) -> list[bool]:
    if not need.capability and not need.vehicle:
        return [True] * (len(sent) + len(ranked))
    return [
        *(able_to(need, can, drives) for _sign, can, drives in sent),
        *(able_to(need, each.unit.capabilities, each.unit.vehicle) for each in ranked),
    ]


def ahead_s(plan: Plan, incident: Incident, unit: UnitOnBoard) -> float:
    """By how many seconds the unit may be later than another and still go first."""
    if incident.station_id is None:
        return 0.0
    zone = zone_of(incident.station_id)
    return home_ahead_s(
        is_home=unit.organisation_id == incident.station_id,
        is_zone=zone is not None and zone_of(unit.organisation_id) == zone,
        home_s=float(plan.home_first_s),
        zone_s=float(plan.zone_first_s),
        is_urgent=incident.priority == "P1",
    )


def _stands_back(
    choice: RankedUnit, row: int, need: Need, rows: np.ndarray, may: dict[Need, list[bool]], eta_s: np.ndarray
) -> bool:
    """Whether a quicker unit that could have filled the place isn't sent at all."""
    taken = set(rows.tolist())
    return any(
        can and other not in taken and eta_s[other] < eta_s[row] for other, can in enumerate(may[need][: row + 1])
    )


def _shortfalls(asks: Level, places: Sequence[Place], found: Recommendation) -> tuple[Shortfall, ...]:
    missing: dict[Need, int] = {}
    for place in places:
        if not place.sent and place.choice is None:
            missing[place.need] = missing.get(place.need, 0) + 1
    return tuple(
        Shortfall(need, missing[need], tuple(_could(need, found)))
        for need in dict.fromkeys(asks.needs)
        if need in missing
    )


def _could(need: Need, found: Recommendation) -> list[LeftOut]:
    return [
        row
        for row in found.left_out
        if row.why in ("state", "no_position")
        and row.unit.state not in OFF_DUTY
        and able_to(need, row.unit.capabilities, row.unit.vehicle)
    ]


def _lenders(incident: Incident, places: Sequence[Place], found: Recommendation) -> tuple[Lender, ...]:
    """The organisations whose units are proposed, the home station first, with what each keeps."""
    zone = zone_of(incident.station_id)
    taken: dict[int, list[RankedUnit]] = {}
    for place in places:
        if place.choice is not None:
            taken.setdefault(place.choice.unit.organisation_id, []).append(place.choice)
    units = [choice.unit for choice in found.ranked]
    units += [row.unit for row in found.left_out if row.unit.track in found.tracks]
    rows = []
    for organisation_id, choices in taken.items():
        own = [unit for unit in units if unit.organisation_id == organisation_id and unit.state not in OFF_DUTY]
        free = sum(unit.state == "available" for unit in own)
        rows.append(
            Lender(
                organisation=choices[0].unit.organisation_shown,
                organisation_id=organisation_id,
                is_home=organisation_id == incident.station_id,
                is_zone=zone is not None and zone_of(organisation_id) == zone,
                taken=tuple(choice.unit.call_sign for choice in choices),
                left=free - len(choices),
                on_duty=len(own),
            )
        )
    return tuple(sorted(rows, key=lambda row: (not row.is_home, not row.is_zone, row.organisation)))


def response_out(found: Response) -> dict[str, object]:
    """The response as JSON, in the asked language."""
    return {
        "plan": {"key": found.plan.key, "version": found.plan.version, "name": found.plan.name},
        "beside": [other.key for other in found.beside],
        "level": found.level,
        "levels": len(found.plan.levels),
        "home_first_s": found.plan.home_first_s,
        "zone_first_s": found.plan.zone_first_s,
        "places": [_place_out(place) for place in found.places],
        "shortfalls": [
            {
                "capability": row.need.capability,
                "vehicle": row.need.vehicle,
                "missing": row.missing,
                "words": row.words,
            }
            for row in found.shortfalls
        ],
        "lenders": [
            {
                "organisation": row.organisation,
                "is_home": row.is_home,
                "is_zone": row.is_zone,
                "taken": list(row.taken),
                "left": row.left,
                "on_duty": row.on_duty,
            }
            for row in found.lenders
        ],
        "partners": [{"code": row.code, "name": row.name_shown} for row in found.partners],
        "partners_unknown": list(found.partners_unknown),
        "equipment": [brought_out(row) for row in found.equipment],
    }


def _place_out(place: Place) -> dict[str, object]:
    choice = place.choice
    return {
        "capability": place.need.capability,
        "vehicle": place.need.vehicle,
        "asks": place.asks,
        "sent": place.sent,
        "unit_id": choice.unit.id if choice else None,
        "call_sign": choice.unit.call_sign if choice else "",
        "rank": choice.rank if choice else None,
        "eta": minutes(choice.eta_s) if choice else "",
        "eta_p90_s": choice.eta_p90_s if choice else None,
        "is_home_first": place.is_home_first,
    }
