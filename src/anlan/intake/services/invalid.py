"""Calls that tell of nothing, and those who can't speak: danger is looked for first, and somebody calls back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.core.actor import Actor
from anlan.core.row_changes import row_reread
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.deciding import suggestion_of
from anlan.intake.errors import CallBackFirst, CallBackOver, DangerInText, InvalidHasMore
from anlan.intake.models import Call, CallBack, Incident
from anlan.intake.opening import incident_open_for_call, opening_facts
from anlan.intake.parts import chosen, orgs_of, reason_keep, reasoned, taker_id
from anlan.intake.rules import (
    CALL,
    CALL_BACK_OUTCOMES,
    CALL_BACK_TRIES,
    CALL_BACK_WITHIN,
    DANGER_LABELS,
    INCIDENT,
    INVALID_REASONS,
    UNNAMED_DANGER,
)
from anlan.intake.services.incidents import incident_danger_set
from anlan.intake.suggested import suggested_from

FOUND_ON_CALL_BACK = "found_on_call_back"
"""The flag of a danger learnt by telephone that nobody has named more closely yet."""
_OPENED = ("code", "priority", "priority_rule", "track", "danger")


@transaction.atomic
def call_mark_invalid(*, call: Call, kind: str, by: Actor, at: datetime, reason: str = "") -> Call:
    """Mark a call as telling of nothing (``kind`` from the closed list), with the incident it had opened.

    Danger is looked for first: raises ``DangerInText`` unless a ``reason`` says why there is none.
    Raises ``CallBackFirst`` while a call back is due, and ``InvalidHasMore`` when the incident is
    already in hand or other calls hang on it.
    """
    chosen("kind", kind, INVALID_REASONS)
    row_reread(call)
    due = CallBack.objects.filter(call=call, done_at=None).first()
    if due is not None:
        raise CallBackFirst(call=call.number, due_at=due.due_at)
    danger = _danger_of(call)
    if danger and not reason.strip():
        raise DangerInText(call=call.number, danger=", ".join(danger))
    incident = call.filed_under if call.is_opening else None
    if incident is not None:
        _incident_invalid(call, incident, at=at)
    CALL.move(call, "invalid", at=at, subject=call.number, invalid_reason=kind)
    event = event_record(
        events.CALL_INVALID,
        subject=call,
        by=by,
        at=at,
        incident_id=call.incident_id,
        org_ids=(call.station_id, by.org_id, *(orgs_of(incident) if incident else ())),
        call=call.number,
        invalid_reason=kind,
        danger=list(danger),
        number=incident.number if incident else None,
    )
    if incident is not None:
        reason_keep(event, incident, reason.strip()[:200])
    return call


def _danger_of(call: Call) -> tuple[str, ...]:
    """Flags on its incident and in its text."""
    flags = list(call.incident.danger) if call.incident else []
    return tuple(dict.fromkeys((*flags, *suggested_from(suggestion_of(call.narrative)).danger)))


def _incident_invalid(call: Call, incident: Incident, *, at: datetime) -> None:
    others = Call.objects.filter(incident=incident.merged_into_id or incident.pk).exclude(pk=call.pk)
    if incident.state != "open" or others.exists():
        raise InvalidHasMore(
            call=call.number,
            incident=incident.number,
            state=INCIDENT.labels[incident.state],
            since=incident.state_since,
        )
    INCIDENT.move(incident, "invalid", at=at, subject=incident.number, is_valid=False)


@transaction.atomic
def call_reopen(*, call: Call, reason: str, by: Actor, at: datetime) -> Incident:
    """Take an invalid mark back: its incident is open again, or opened now if there was none."""
    said = reasoned(reason, step=_("Reopening an invalid call"))
    row_reread(call)
    incident = call.filed_under
    if incident is None:
        incident = incident_open_for_call(call, by=by, at=at)
    else:
        CALL.move(call, "incident_open", at=at, subject=call.number, only_from=("invalid",), invalid_reason="")
        INCIDENT.move(incident, "open", at=at, subject=incident.number, only_from=("invalid",), is_valid=True)
    event = event_record(
        events.CALL_REOPENED,
        subject=call,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=orgs_of(incident),
        **opening_facts(incident, call, suggestion=None),
    )
    reason_keep(event, incident, said)
    return incident


@transaction.atomic
def call_back_done(
    *, call_back: CallBack, outcome: str, by: Actor, at: datetime, danger: tuple[str, ...] = ()
) -> Incident | None:
    """Note how calling back went; returns the incident if there is danger.

    ``danger`` makes it P1 for the police at once, also where nobody knows its word. ``no_answer`` is tried
    again within a minute, three times in all. ``reached`` ends it; whether the call was invalid is a step of
    its own. Raises ``CallBackOver`` when it was done already.
    """
    chosen("outcome", outcome, CALL_BACK_OUTCOMES)
    call = call_back.call
    tries = call_back.tries + 1
    is_over = outcome != "no_answer" or tries >= CALL_BACK_TRIES
    changes = (
        {"done_at": at, "outcome": outcome, "done_by": taker_id(by), "tries": tries}
        if is_over
        else {"tries": tries, "due_at": at + CALL_BACK_WITHIN}
    )
    won = CallBack.objects.filter(pk=call_back.pk, done_at=None, tries=call_back.tries).update(**changes)
    row_reread(call_back)
    if not won:
        raise CallBackOver(call=call.number, done_at=call_back.done_at or call_back.due_at)
    incident = None
    opened: dict[str, Any] = {}
    danger = tuple(dict.fromkeys(flag if flag in DANGER_LABELS else UNNAMED_DANGER for flag in danger))
    if outcome == "danger":
        is_new = call.incident_id is None
        incident = _incident_in_danger(call, danger or (FOUND_ON_CALL_BACK,), by=by, at=at)
        opened = opening_facts(incident, call, suggestion=None) if is_new else {}
    event_record(
        events.CALL_BACK_DONE if is_over else events.CALL_BACK_TRIED,
        subject=call,
        by=by,
        at=at,
        incident_id=incident.pk if incident else call.incident_id,
        org_ids=(call.station_id, by.org_id, *(orgs_of(incident) if incident else ())),
        schema=2,
        call=call.number,
        outcome=outcome,
        tries=tries,
        due_at=None if is_over else call_back.due_at.isoformat(),
        number=incident.number if incident else None,
        danger=list(danger),
        opened={name: opened[name] for name in _OPENED if name in opened},
    )
    return incident


def _incident_in_danger(call: Call, danger: tuple[str, ...], *, by: Actor, at: datetime) -> Incident:
    row_reread(call)
    if call.incident is None:
        return incident_open_for_call(call, by=by, at=at, danger=danger)
    standing = call.incident
    return incident_danger_set(incident=standing, danger=[*standing.danger, *danger], reason="", by=by, at=at)
