"""JSON doors: who has a file in charge within its owner, and files that a rule suggests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.disputes import shapes
from anlan.disputes.models import FileCharge, OpeningSuggestion
from anlan.disputes.selectors.charges import charges_of, choices_of
from anlan.disputes.selectors.files import file_for
from anlan.disputes.selectors.openings import OPENING_RULES, opening_for, openings_waiting
from anlan.disputes.services.charges import file_charge_give, file_charge_take
from anlan.disputes.services.openings import opening_accept, opening_reject
from anlan.units.models import Unit

router = Router(tags=["disputes"])


class ChargeIn(Schema):
    """One of the two."""

    unit_id: int | None = None
    person_id: int | None = None


def charge_out(row: FileCharge | None) -> dict[str, Any] | None:
    """To whom and since when; null where it is in nobody's charge."""
    if row is None:
        return None
    return {"unit_id": row.unit_id, "person_id": row.person_id, "to": row.to, "given_at": row.given_at.isoformat()}


def opening_out(row: OpeningSuggestion) -> dict[str, Any]:
    """The two reports, the rule with its words, and what it saw."""
    return {
        "id": row.pk,
        "incident": row.incident.number,
        "earlier": row.earlier.number,
        "rule": row.rule,
        "words": str(OPENING_RULES.get(row.rule, row.rule)),
        "facts": row.facts,
        "state": row.state,
        "made_at": row.made_at.isoformat(),
    }


@router.get("/disputes/{int:file_id}/charge", response=dict)
def charge(request: HttpRequest, file_id: int) -> Any:
    """Who has the file in charge within its owner, and whom the owner could choose."""
    file = file_for(actor_of(request, "disputes.view"), file_id)
    chosen = choices_of(file.holder, at=now()) if file.holder is not None else None
    return {
        "charge": charge_out(charges_of([file.pk]).get(file.pk)),
        "teams": [{"id": team.pk, "call_sign": team.call_sign} for team in chosen.teams] if chosen else [],
        "people": [{"id": one.pk, "name": one.name} for one in chosen.people] if chosen else [],
    }


@router.post("/disputes/{int:file_id}/charge", response=dict[str, Any])
@command("disputes.give")
def charge_give(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: ChargeIn) -> Any:
    """Give the file to a team or an officer of its owner."""
    row = file_charge_give(
        file=file_for(actor, file_id),
        unit=_row(Unit, body.unit_id, actor),
        person=_row(Person, body.person_id, actor),
        by=actor,
        at=at,
    )
    return charge_out(row)


@router.post("/disputes/{int:file_id}/charge/take", response=dict)
@command("disputes.give")
def charge_take(request: HttpRequest, actor: Actor, at: datetime, file_id: int) -> Any:
    """Take it back from who has it in charge."""
    file = file_charge_take(file=file_for(actor, file_id), by=actor, at=at)
    return shapes.without_words(shapes.file_out(file, at=at))


@router.get("/disputes/openings", response=list[dict[str, Any]])
def openings(request: HttpRequest) -> Any:
    """Files that a rule suggests and nobody has decided on."""
    return [opening_out(row) for row in openings_waiting(actor_of(request, "disputes.view"))]


@router.post("/disputes/openings/{int:suggestion_id}/accept", response=dict)
@command("disputes.link")
def accept(request: HttpRequest, actor: Actor, at: datetime, suggestion_id: int) -> Any:
    """It is the same matter: one file over both reports."""
    file = opening_accept(suggestion=opening_for(actor, suggestion_id), by=actor, at=at)
    return shapes.without_words(shapes.file_out(file, at=at))


@router.post("/disputes/openings/{int:suggestion_id}/reject", response=dict)
@command("disputes.link")
def reject(request: HttpRequest, actor: Actor, at: datetime, suggestion_id: int) -> Any:
    """It is another matter."""
    return opening_out(opening_reject(suggestion=opening_for(actor, suggestion_id), by=actor, at=at))


def _row(model: Any, pk: int | None, actor: Actor) -> Any:
    """The team or officer named, if in the actor's reach: of others not even that they exist is told."""
    if pk is None:
        return None
    rows = model.objects.filter(pk=pk)
    found = (rows if actor.sees_all else rows.filter(organisation_id__in=actor.org_ids)).first()
    if found is None:
        raise NotFound
    return found
