"""Who has a matter: the first receiver keeps it until another accepts; then it is theirs, on the record."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.row_changes import row_change, row_reread
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.errors import HolderChanged
from anlan.intake.models import Incident
from anlan.intake.parts import orgs_of


@transaction.atomic
def incident_holder_set(
    *, incident: Incident, holder: Organisation, held_by: int | None, by: Actor, at: datetime
) -> bool:
    """Put the incident into the hands of ``holder``, who has accepted it. False when it was theirs already.

    ``held_by`` is the id of the organisation it is taken over from; raises ``HolderChanged`` when somebody
    else has it by now.
    """
    row_reread(incident)
    if incident.holder_id == holder.pk:
        return False
    before = incident.holder
    won = row_change(incident, {"holder": holder, "held_since": at}, where={"holder_id": held_by})
    row_reread(incident)
    if not won:
        now_with = incident.holder.name_shown if incident.holder else "–"
        since = incident.held_since or incident.received_at
        raise HolderChanged(incident=incident.number, holder=now_with, since=since)
    event_record(
        events.HOLDER_SET,
        subject=incident,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=(*orgs_of(incident), held_by),
        number=incident.number,
        holder=holder.code,
        holder_from=before.code if before else "",
    )
    return True


@transaction.atomic
def incident_hand_over_ask(*, incident: Incident, to: Organisation, by: Actor, at: datetime) -> Incident:
    """Ask a town room to act: from now on it sees the incident. Whoever has the matter keeps it meanwhile."""
    row_change(incident, {"routed_to": to})
    row_reread(incident)
    event_record(
        events.HAND_OVER_ASKED,
        subject=incident,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=orgs_of(incident),
        number=incident.number,
        asked=to.code,
        holder=incident.holder.code if incident.holder else "",
    )
    return incident
