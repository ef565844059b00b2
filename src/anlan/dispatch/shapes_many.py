"""JSON shapes of serving many matters at once, and of taking a unit from a lesser one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from ninja import Field, Schema

from anlan.dispatch.recommending import RankedUnit
from anlan.dispatch.rules import BATCH_MOST
from anlan.dispatch.selectors.batch import BATCH_VERSION, BatchProposal
from anlan.dispatch.selectors.diverting import Diversion
from anlan.dispatch.services import ManySent
from anlan.dispatch.shapes import assignment_out


class PairIn(Schema):
    """A unit for a matter, and what the proposal showed; ``on_it`` units were on the matter then."""

    incident_id: int
    unit_id: int
    on_it: int = Field(0, ge=0)
    eta_s: float | None = None
    eta_source: Literal["", "road", "line"] = ""
    travel_s: float | None = None
    eta_p90_s: float | None = None
    fix_age_s: float | None = None
    rank: int | None = Field(None, ge=1, le=10_000)


class ManyIn(Schema):
    """The pairs a person confirms."""

    pairs: list[PairIn] = Field(max_length=BATCH_MOST * 5)


class DivertIn(Schema):
    """The P1 a unit is taken for, who goes to the lesser matter instead (nobody: it waits), and why."""

    incident_id: int
    instead_unit_id: int | None = None
    reason: str = Field("", max_length=200)


def batch_out(found: BatchProposal) -> dict[str, Any]:
    """The proposal with each matter's units, who would go one by one, and why it differs."""
    return {
        "version": BATCH_VERSION,
        "at": found.at.isoformat(),
        "units": found.units,
        "together": asdict(found.together),
        "one_by_one": asdict(found.apart),
        "weighted_lateness": round(found.weighted, 1),
        "weighted_lateness_one_by_one": round(found.weighted_apart, 1),
        "without_place": found.without_place,
        "beyond": found.beyond,
        "incidents": [
            {
                "incident_id": row.incident.pk,
                "number": row.incident.number,
                "priority": row.incident.priority,
                "left_s": round(row.left_s),
                "on_it": row.sent,
                "units": [
                    {
                        "capability": going.need.capability,
                        "vehicle": going.need.vehicle,
                        "unit": _choice_out(going.choice),
                        "one_by_one": _choice_out(going.alone),
                        "why": going.why,
                    }
                    for going in row.going
                ],
            }
            for row in found.rows
        ],
    }


def many_out(done: ManySent) -> dict[str, Any]:
    """Who was sent, and each refusal with the pair it is about."""
    return {
        "sent": [assignment_out(row) for row in done.sent],
        "refused": [
            {
                "incident_id": pair.incident.pk,
                "unit_id": pair.unit.pk,
                "code": refusal.code,
                "detail": refusal.detail(),
            }
            for pair, refusal in done.refused
        ],
    }


def diversion_out(found: Diversion) -> dict[str, Any]:
    """A unit that could be taken from a lesser matter, what it wins and who takes its place."""
    return {
        "assignment_id": found.assignment.pk,
        "from_incident": found.assignment.incident.number,
        "from_priority": found.assignment.incident.priority,
        "unit": _choice_out(found.choice),
        "quickest_free": _choice_out(found.quickest),
        "saved_s": found.saved_s,
        "instead": _choice_out(found.instead),
        "words": found.words,
    }


def _choice_out(choice: RankedUnit | None) -> dict[str, Any] | None:
    if choice is None:
        return None
    return {
        "unit_id": choice.unit.id,
        "call_sign": choice.unit.call_sign,
        "rank": choice.rank,
        "eta_s": choice.eta_s,
        "eta_p90_s": choice.eta_p90_s,
        "eta_source": choice.eta_source,
        "travel_s": choice.travel_s,
        "fix_age_s": choice.fix_age_s,
    }
