"""Some callers are asked afterwards how it went; who, is drawn by a rule anybody can check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.row_changes import row_reread, rows_read
from anlan.core.services import event_record, keyed_hash
from anlan.dispatch import events
from anlan.dispatch.errors import RevisitDone
from anlan.dispatch.models import Feedback, Revisit
from anlan.dispatch.rules import REVISIT_SHARE, REVISIT_WORKDAYS
from anlan.dispatch.services.following import incident_bring, incident_hold, owners
from anlan.dispatch.workdays import due_in_workdays
from anlan.intake.models import Incident


@transaction.atomic
def revisit_draw(*, incident: Incident, by: Actor, at: datetime) -> Revisit | None:
    """Draw whether the caller of a closed incident is revisited, within three working days.

    Always after feedback was returned or an earlier revisit found the caller unsatisfied; else for one
    in ten, by a keyed hash of the incident's number: nobody can pick or dodge it, and the draw can be
    repeated. None when not drawn. The rule and its probability are kept with the revisit.
    """
    rule, probability = _rule(incident)
    if probability < 1 and share_of(incident.number) >= probability:
        return None
    open_one: Revisit | None = Revisit.objects.filter(incident=incident, done_at=None).first()
    if open_one is not None:
        return open_one
    due = due_in_workdays(at, REVISIT_WORKDAYS)
    revisit = Revisit.objects.create(
        incident=incident, rule=rule, probability=probability, created_at=at, due_at=due.due_at, due_sum=due.total
    )
    event_record(
        events.REVISIT_DRAWN,
        subject=revisit,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=owners(incident),
        incident=incident.number,
        rule=rule,
        due_at=due.due_at.isoformat(),
    )
    return revisit


def _rule(incident: Incident) -> tuple[str, float]:
    if rows_read(Revisit, incident_id=incident.pk, outcome=Revisit.Outcome.NOT_SATISFIED.value, limit=1):
        return "unsatisfied", 1.0
    if rows_read(Feedback, incident_id=incident.pk, review=Feedback.Review.RETURNED.value, limit=1):
        return "returned", 1.0
    return "sample", REVISIT_SHARE


def share_of(number: str) -> float:
    """A number in [0, 1) that belongs to this incident number and can't be guessed without the key."""
    return int(keyed_hash(f"revisit:{number}")[:13], 16) / 16**13


@transaction.atomic
def revisit_record(
    *, revisit: Revisit, outcome: str, by: Actor, at: datetime, rating: int | None = None, note: str = ""
) -> Revisit:
    """What the caller said. Not satisfied opens the incident again; not reached leaves the revisit done."""
    require(by, "dispatch.revisit")
    if outcome not in Revisit.Outcome.values:
        raise BadInput(field="outcome", problem=outcome)
    if rating is not None and not 1 <= rating <= 5:
        raise BadInput(field="rating", problem=str(rating))
    incident = revisit.incident
    incident_hold(incident)
    won = Revisit.objects.filter(pk=revisit.pk, done_at=None).update(
        done_at=at,
        done_by=by.id if by.kind == "person" else None,
        outcome=outcome,
        rating=rating,
        note=note.strip()[:500],
    )
    row_reread(revisit)
    if not won:
        raise RevisitDone(since=revisit.done_at, outcome=Revisit.Outcome(revisit.outcome).label)
    _tell(events.REVISIT_DONE, revisit, incident, by=by, at=at, outcome=outcome, rating=rating)
    if outcome == Revisit.Outcome.NOT_SATISFIED and incident.state == "closed":
        incident_bring(incident=incident, to="open", by=by, at=at)
        _tell(events.INCIDENT_REOPENED, revisit, incident, by=by, at=at)
    revisit.incident = incident
    return revisit


def _tell(kind: str, revisit: Revisit, incident: Incident, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(
        kind,
        subject=revisit,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=owners(incident),
        incident=incident.number,
        **data,
    )
