"""A mediation begins, stands still, gets more time, and ends; and what bars it ends it at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import require
from anlan.disputes import events
from anlan.disputes.mediation_errors import (
    ConsentMissing,
    ExtendedAlready,
    LimitPassed,
    MediationBarred,
    MediationNotOpen,
    MediationRuns,
    MethodNotTheirs,
    NotAMediator,
    TermDoesNotPause,
)
from anlan.disputes.mediation_models import Mediation, MediationBody, MediationPause, Mediator, Session
from anlan.disputes.mediation_rules import (
    BAR_NEXT,
    EXTENSION_DAYS_AT_MOST,
    FAIL_REASONS,
    MEDIATION,
    MEDIATION_OPEN,
    PAUSE_REASONS,
    WITH_LIMIT,
    bar_of,
    must_sit_apart,
)
from anlan.disputes.mediation_terms import Term, first_session_by, mediation_limit
from anlan.disputes.models import DisputeFile
from anlan.disputes.rules import EXCLUSIONS, METHODS
from anlan.disputes.services.mediation_base import due_of, file_due, parties_named, sides_of, tell
from anlan.disputes.services.mediation_ending import mediation_over
from anlan.disputes.services.parts import file_hold
from anlan.disputes.services.parts import tell as file_tell
from anlan.disputes.services.sessions import CONSENT, sessions_release
from anlan.disputes.services.steps import holder_set, state_move


@transaction.atomic
def mediation_start(
    *, file: DisputeFile, body: MediationBody, method: str, mediator: Person, by: Actor, at: datetime
) -> Mediation:
    """A body takes an assigned file up: from now on it holds it, one mediator has it, and the limit runs.

    Raises ``MethodNotTheirs``, ``MediationBarred`` (who may not mediate this, and what is done instead),
    ``NotAMediator``, ``MediationRuns``, or ``WrongState`` while the file is not assigned.
    """
    require(by, "disputes.mediate")
    file_hold(file)
    if not body.is_active or not (by.sees_all or body.organisation_id in by.org_ids):
        raise NotFound
    if method not in body.methods:
        offered = ", ".join(str(METHODS[known]) for known in body.methods)
        raise MethodNotTheirs(body=body.organisation.name_shown, method=METHODS.get(method, method), methods=offered)
    refuse_barred(file, method, body.type)
    mediator_needed(body, mediator)
    refuse_running(file)
    term = first_session_by(at) if method == "police" else mediation_limit(at)
    rounds = Mediation.objects.filter(file=file).count()
    try:
        with transaction.atomic():
            row: Mediation = Mediation.objects.create(
                file=file,
                round=rounds + 1,
                body=body,
                mediator=mediator,
                method=method,
                state_since=at,
                started_at=at,
                due_at=term.due_at,
                due_sum=term.total,
            )
    except IntegrityError:
        refuse_running(file)
        raise
    holder_set(file, body.organisation, by=by, at=at, why="mediation")
    state_move(
        file, "mediating", by=by, at=at, due=due_of(term, at), method=method, mediating_id=body.organisation_id
    )
    row.file = file
    tell(events.MEDIATION_STARTED, row, row, by=by, at=at, body=body.organisation.code, due_at=_iso(term.due_at))
    return row


def refuse_running(file: DisputeFile) -> None:
    """One attempt at a time."""
    running = Mediation.objects.filter(file=file, state__in=MEDIATION_OPEN).first()
    if running is not None:
        raise MediationRuns(file=file.number, body=running.body.organisation.name_shown, since=running.started_at)


def refuse_barred(file: DisputeFile, method: str, body_type: str) -> None:
    """Raise ``MediationBarred``, with what is done instead, where this file may not be mediated this way."""
    if bar := bar_of(method, file.exclusion, body_type):
        raise MediationBarred(file=file.number, method=METHODS[method], bar=EXCLUSIONS[bar], next=BAR_NEXT[bar])


def mediator_needed(body: MediationBody, person: Person) -> None:
    """Raise ``NotAMediator`` unless the person mediates for the body now."""
    if not Mediator.objects.filter(body=body, person=person, left_at=None).exists():
        raise NotAMediator(field="mediator", problem="", person=person.name, body=body.organisation.name_shown)


@transaction.atomic
def mediation_pause(*, mediation: Mediation, reason: str, by: Actor, at: datetime) -> Mediation:
    """The limit stands still, with a reason. Raises ``TermDoesNotPause`` for police mediation."""
    require(by, "disputes.mediate")
    if reason not in PAUSE_REASONS:
        raise BadInput(field="reason", problem=reason or "–")
    file_hold(mediation.file)
    _refuse_fixed(mediation)
    _move(mediation, "paused", at)
    MediationPause.objects.create(mediation=mediation, begun_at=at, reason=reason)
    _limit_set(mediation, by=by, at=at)
    tell(events.MEDIATION_PAUSED, mediation, mediation, by=by, at=at, reason=reason)
    return mediation


@transaction.atomic
def mediation_resume(*, mediation: Mediation, by: Actor, at: datetime) -> Mediation:
    """The limit runs again; the time it stood still is added to it."""
    require(by, "disputes.mediate")
    file_hold(mediation.file)
    _move(mediation, "running", at)
    MediationPause.objects.filter(mediation=mediation, ended_at=None).update(ended_at=at)
    term = _limit_set(mediation, by=by, at=at)
    tell(events.MEDIATION_RESUMED, mediation, mediation, by=by, at=at, due_at=_iso(term.due_at))
    return mediation


@transaction.atomic
def mediation_extend(
    *, mediation: Mediation, days: int, consents: Collection[int], by: Actor, at: datetime
) -> Mediation:
    """More time, once and at most thirty days, with the consent of every party; ``consents`` names them by id.

    Raises ``ConsentMissing``, ``LimitPassed``, ``ExtendedAlready``, ``TermDoesNotPause``.
    """
    require(by, "disputes.mediate")
    file = mediation.file
    file_hold(file)
    open_needed(mediation)
    _refuse_fixed(mediation)
    if not 1 <= days <= EXTENSION_DAYS_AT_MOST:
        raise BadInput(field="days", problem=f"{days} (1–{EXTENSION_DAYS_AT_MOST})")
    if mediation.extended_days:
        raise ExtendedAlready(file=file.number, days=mediation.extended_days, due_at=mediation.due_at or at)
    if mediation.due_at is not None and at > mediation.due_at:
        raise LimitPassed(file=file.number, due_at=mediation.due_at)
    said = parties_named(file, consents)
    missing = [party for party in sides_of(file) if party.pk not in said]
    if missing or not said:
        names = ", ".join(f"{party.get_role_display()} {party.ordinal}" for party in missing) or "–"
        raise ConsentMissing(missing=names, due_at=mediation.due_at or at)
    mediation.extended_days = days
    Mediation.objects.filter(pk=mediation.pk).update(extended_days=days)
    term = _limit_set(mediation, by=by, at=at)
    roles = sorted(f"{party.role}{party.ordinal}" for party in said.values())
    tell(
        events.MEDIATION_EXTENDED,
        mediation,
        mediation,
        by=by,
        at=at,
        days=days,
        roles=roles,
        due_at=_iso(term.due_at),
    )
    return mediation


@transaction.atomic
def mediation_end(
    *, mediation: Mediation, reason: str = "no_agreement", withdrawn: bool = False, by: Actor, at: datetime
) -> Mediation:
    """No agreement, or the parties withdraw: booked sessions are given back, the file needs another way.

    For police the thirty days to decide the case begin now, and only now.
    """
    require(by, "disputes.mediate")
    if reason not in FAIL_REASONS:
        raise BadInput(field="reason", problem=reason or "–")
    file_hold(mediation.file)
    open_needed(mediation)
    _end(mediation, "withdrawn" if withdrawn else "failed", reason, by=by, at=at)
    return mediation


@transaction.atomic
def exclusion_set(*, file: DisputeFile, exclusion: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Something has come out that bars mediating, or sitting together ("" takes it back).

    Sessions together are cancelled at once where the parties must be kept apart, and a mediation that is barred
    by it ends. Returns ``{cancelled, ended}``: how many sessions, and whether the mediation.
    """
    require(by, "disputes.mediate")
    if exclusion not in EXCLUSIONS:
        raise BadInput(field="exclusion", problem=exclusion)
    file_hold(file)
    before = file.exclusion
    DisputeFile.objects.filter(pk=file.pk).update(exclusion=exclusion)
    file.exclusion = exclusion
    running = Mediation.objects.filter(file=file, state__in=MEDIATION_OPEN).select_related("body").first()
    cancelled, ended = 0, False
    if running is not None:
        running.file = file
        if must_sit_apart(exclusion):
            together = Session.objects.filter(mediation=running, sitting="joint")
            cancelled = sessions_release(together, exclusion, by=by, at=at)
        if bar := bar_of(running.method, exclusion, running.body.type):
            _end(running, "failed", bar if bar in FAIL_REASONS else "no_agreement", by=by, at=at)
            ended = True
    file_tell(
        events.MEDIATION_BARRED,
        file,
        by=by,
        at=at,
        before=before,
        exclusion=exclusion,
        cancelled=cancelled,
        ended=ended,
    )
    return {"cancelled": cancelled, "ended": ended}


def open_needed(mediation: Mediation) -> None:
    """Raise ``MediationNotOpen`` unless it runs or is paused; reads it anew."""
    mediation.refresh_from_db(fields=["state", "state_since", "due_at", "due_sum", "extended_days"])
    if mediation.state not in MEDIATION_OPEN:
        raise MediationNotOpen(
            file=mediation.file.number, state=MEDIATION.labels[mediation.state], since=mediation.state_since
        )


def _end(mediation: Mediation, to: str, reason: str, *, by: Actor, at: datetime) -> None:
    file = mediation.file
    penalty = mediation_over(mediation, to, reason, by=by, at=at)
    if file.state == "mediating":
        due = due_of(penalty, at) if penalty is not None else None
        state_move(file, "no_agreement", by=by, at=at, due=due)


def _move(mediation: Mediation, to: str, at: datetime, **changes: Any) -> None:
    """Move it and keep the rows it hangs on, of which the file is held."""
    file, body = mediation.file, mediation.body
    MEDIATION.move(mediation, to, at=at, subject=file.number, **changes)
    mediation.file, mediation.body = file, body


def _refuse_fixed(mediation: Mediation) -> None:
    if mediation.method not in WITH_LIMIT:
        raise TermDoesNotPause(file=mediation.file.number, due_at=mediation.due_at or mediation.started_at)


def _limit_set(mediation: Mediation, *, by: Actor, at: datetime) -> Term:
    """Count the limit anew from its start, its pauses and its extension, and let the file be due with it."""
    pauses = list(mediation.pauses.values_list("begun_at", "ended_at", "reason"))
    extensions = [(mediation.extended_days, CONSENT)] if mediation.extended_days else []
    term = mediation_limit(mediation.started_at, pauses=pauses, extensions=extensions)
    Mediation.objects.filter(pk=mediation.pk).update(due_at=term.due_at, due_sum=term.total)
    mediation.due_at, mediation.due_sum = term.due_at, term.total
    file_due(mediation.file, term, by=by, at=at)
    return term


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
