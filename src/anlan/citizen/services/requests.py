"""A citizen takes a report back or says it is not settled; whoever has the matter answers with words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from anlan.citizen import events
from anlan.citizen.due import answer_due
from anlan.citizen.errors import NothingToTakeBack, NotOverYet, RequestAnswered, WordsMissing
from anlan.citizen.models import CitizenRequest
from anlan.citizen.rules import REQUEST, REQUEST_KINDS, WORDS_MAX
from anlan.citizen.selectors import file_of, request_for, tracking_link
from anlan.citizen.writing import ANSWERED, REQUESTED, holder_tell, not_writable, reporter_write
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput, NotFound, Overtaken, WrongState
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.dispatch.services.following import incident_bring, incident_hold, owners
from anlan.disputes.services import file_reopen
from anlan.intake.models import Call, Incident
from anlan.intake.selectors import INCIDENT, OPEN_STATES, incident_root
from anlan.notices.services import notices_withdraw_for


@transaction.atomic
def request_make(*, call: Call, kind: str, text: str, by: Actor, at: datetime) -> CitizenRequest:
    """Who reported asks something of whoever has the matter, who is told at once and answers by a date.

    Taking a report back ends nothing by itself: what was reported may be no less true. Asked again while
    it waits, the same request is given back. Raises ``NothingToTakeBack``, ``NotOverYet`` or ``WordsMissing``.
    """
    if kind not in REQUEST_KINDS:
        raise BadInput(field="kind", problem=kind)
    if call.incident is None:
        raise NotFound
    incident = incident_root(call.incident)
    said = " ".join(text.split())
    if len(said) > WORDS_MAX or (kind == "appeal" and not said):
        raise WordsMissing(most=WORDS_MAX)
    incident_hold(incident)
    standing = CitizenRequest.objects.filter(call=call, kind=kind, state="waiting")
    waiting: CitizenRequest | None = standing.first()
    if waiting is not None:
        return waiting
    _possible(kind, incident)
    try:
        with transaction.atomic():
            row = _made(call, incident, kind, said, at)
    except IntegrityError:
        quicker: CitizenRequest = standing.get()
        return quicker
    _tell(events.REQUEST_MADE, row, by=by, at=at, due_at=row.due_at.isoformat())
    if row.asked_of is not None:
        due = f"{timezone.localtime(row.due_at):%Y-%m-%d %H:%M}"
        holder_tell(
            incident=incident,
            holder=row.asked_of,
            message=REQUESTED,
            blanks={"kind": kind, "due": due},
            key=_key(row),
            by=by,
            at=at,
        )
    return row


def _possible(kind: str, incident: Incident) -> None:
    if kind == "withdrawal" and incident.state not in OPEN_STATES:
        raise NothingToTakeBack(state=INCIDENT.labels[incident.state], since=incident.state_since)
    if kind == "appeal" and incident.state not in ("closed", "invalid"):
        raise NotOverYet


def _made(call: Call, incident: Incident, kind: str, said: str, at: datetime) -> CitizenRequest:
    due = answer_due(kind, at)
    return CitizenRequest.objects.create(
        incident=incident,
        call=call,
        kind=kind,
        state_since=at,
        text=said,
        asked_at=at,
        asked_of=incident.holder or incident.station,
        due_at=due.due_at,
        due_sum=due.total,
    )


@transaction.atomic
def request_answer(*, request: CitizenRequest, grant: bool, answer: str, by: Actor, at: datetime) -> CitizenRequest:
    """Grant or refuse, with words the citizen reads on the page of their report.

    An objection granted opens the quarrel's file again, or the closed matter, in the hands of whoever had it. A
    report taken back is ended by the usual steps.

    Raises ``WordsMissing``, or ``RequestAnswered`` when another was quicker.
    """
    require(by, "citizen.answer")
    row = request_for(by, request.pk)
    said = " ".join(answer.split())
    if not said or len(said) > WORDS_MAX:
        raise WordsMissing(most=WORDS_MAX)
    incident = row.incident
    incident_hold(incident)
    to = "granted" if grant else "refused"
    who = by.id if by.kind == "person" else None
    try:
        REQUEST.move(row, to, at=at, subject=incident.number, answer=said, answered_at=at, answered_by=who)
    except (WrongState, Overtaken):
        row.refresh_from_db()
        raise RequestAnswered(state=REQUEST.labels[row.state], since=row.state_since) from None
    _tell(events.REQUEST_GRANTED if grant else events.REQUEST_REFUSED, row, by=by, at=at)
    notices_withdraw_for(key=_key(row), by=by, at=at)
    if grant and row.kind == "appeal" and _opened_again(incident, by=by, at=at):
        _tell(events.MATTER_REOPENED, row, by=by, at=at)
    _written(row, by=by, at=at)
    return row


def _opened_again(incident: Incident, *, by: Actor, at: datetime) -> bool:
    """The quarrel's file where there is one, else the matter itself; one that is being worked on stays as it is."""
    file = file_of(incident)
    if file is not None:
        if file.closed_at is None:
            return False
        # It follows from the answer, whatever else whoever answered may do.
        file_reopen(file=file, reason="appeal", by=SYSTEM, at=at, incident=incident)
        return True
    return incident.state == "closed" and incident_bring(incident=incident, to="open", by=by, at=at)


def _written(row: CitizenRequest, *, by: Actor, at: datetime) -> None:
    """A message that there is an answer, where it is safe and possible to send one."""
    link = tracking_link(row.call)
    if link and not not_writable(row.call):
        reporter_write(
            call=row.call,
            message=ANSWERED,
            incident=row.incident,
            link=link,
            subject=row,
            key=f"answer-{row.pk}",
            by=by,
            at=at,
        )


def _key(row: CitizenRequest) -> str:
    return f"citizen-request-{row.pk}"


def _tell(kind: str, row: CitizenRequest, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(
        kind,
        subject=row,
        by=by,
        at=at,
        incident_id=row.incident_id,
        org_ids=owners(row.incident, row.asked_of_id),
        incident=row.incident.number,
        request=row.pk,
        asks=row.kind,
        **data,
    )
