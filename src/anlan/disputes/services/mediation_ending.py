"""A mediation ends: what was booked for it is given back, what was being written is thrown away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.core.actor import Actor
from anlan.disputes import events
from anlan.disputes.mediation_models import Agreement, Mediation, MediationPause, Session
from anlan.disputes.mediation_rules import AGREEMENT, MEDIATION, MEDIATION_OPEN
from anlan.disputes.mediation_terms import Term, penalty_by
from anlan.disputes.models import DisputeFile
from anlan.disputes.services.mediation_base import tell
from anlan.disputes.services.sessions import sessions_release


def mediation_over(mediation: Mediation, to: str, reason: str, *, by: Actor, at: datetime) -> Term | None:
    """End a mediation that runs or is paused; inside the step's transaction, with its file held.

    Returns the clock of the case where police mediated: their thirty days begin now, and only now.
    """
    file, body = mediation.file, mediation.body
    sessions_release(Session.objects.filter(mediation=mediation), reason, by=by, at=at)
    MediationPause.objects.filter(mediation=mediation, ended_at=None).update(ended_at=at)
    _drafts_drop(mediation, by=by, at=at)
    changes: dict[str, Any] = {"ended_at": at, "end_reason": reason}
    penalty = penalty_by(at) if mediation.method == "police" else None
    if penalty is not None:
        changes |= {"penalty_due_at": penalty.due_at, "penalty_sum": penalty.total}
    MEDIATION.move(mediation, to, at=at, subject=file.number, **changes)
    mediation.file, mediation.body = file, body
    until = penalty.due_at.isoformat() if penalty is not None and penalty.due_at else None
    tell(
        events.MEDIATION_ENDED, mediation, mediation, by=by, at=at, state=to, reason=reason, penalty_due_at=until
    )  # fmt: skip
    return penalty


def _drafts_drop(mediation: Mediation, *, by: Actor, at: datetime) -> None:
    for draft in Agreement.objects.filter(mediation=mediation, state="draft"):
        AGREEMENT.move(draft, "dropped", at=at, subject=draft.number)
        tell(events.AGREEMENT_DROPPED, draft, mediation, by=by, at=at, agreement=draft.number)


def mediation_overtaken(file: DisputeFile, was: str, *, by: Actor, at: datetime) -> bool:
    """The file, ``mediating`` until now, went another way (closed, back to police or to the town room).

    Nobody is asked to a sitting of it any more, and no limit of it runs. Returns whether one ran.
    """
    if was != "mediating":
        return False
    rows = Mediation.objects.filter(file=file, state__in=MEDIATION_OPEN).select_related("body__organisation")
    running = rows.first()
    if running is None:
        return False
    running.file = file
    mediation_over(running, "withdrawn" if file.result == "withdrawn" else "failed", "elsewhere", by=by, at=at)
    return True
