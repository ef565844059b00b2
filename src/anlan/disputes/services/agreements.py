"""An agreement is drafted with what it promises, signed, and then binds; the court may confirm it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.services import number_next
from anlan.disputes import events
from anlan.disputes.mediation_errors import (
    AgreementBeforeSession,
    AgreementIncomplete,
    AgreementNotDraft,
    AmountUnreadable,
    ConfirmationTooLate,
    NoSessionHeld,
    NotConfirmable,
    ObligationTooEarly,
    ObligationWithoutDay,
)
from anlan.disputes.mediation_models import (
    Agreement,
    JudicialConfirmation,
    Mediation,
    Obligation,
    Session,
)
from anlan.disputes.mediation_rules import (
    AGREEMENT,
    CONFIRMABLE,
    CONFIRMATION,
    FEN_AT_MOST,
    FORMS,
    LEGAL_PATHS,
    MEDIATION,
    TEXT_CHARS,
    WAYS,
    band_of,
    fen_of,
    legal_path,
    obligation_due,
)
from anlan.disputes.mediation_terms import confirmation_by
from anlan.disputes.models import DisputeFile, Party
from anlan.disputes.services.mediation import open_needed
from anlan.disputes.services.mediation_base import day_of, parties_named, tell
from anlan.disputes.services.obligations import agreement_settle, obligation_done, performance_due
from anlan.disputes.services.parts import file_hold, person_id
from anlan.disputes.services.sessions import sessions_release
from anlan.disputes.services.steps import state_move

OBLIGATIONS_AT_MOST = 200


@transaction.atomic
def agreement_draft(
    *, mediation: Mediation, form: str = "written", facts: str = "", terms: str = "", by: Actor, at: datetime
) -> Agreement:
    """Begin to write an agreement; the one being written is given back if there is one."""
    require(by, "disputes.mediate")
    file_hold(mediation.file)
    open_needed(mediation)
    standing: Agreement | None = Agreement.objects.filter(mediation=mediation).exclude(state="dropped").first()
    if standing is not None:
        return standing
    columns = _words(form, facts, terms)
    day = f"{timezone.localtime(at):%y%m%d}"
    try:
        with transaction.atomic():
            row: Agreement = Agreement.objects.create(
                number=f"T-{day}-{number_next(f'dispute-agreement-{day}'):05d}",
                file=mediation.file,
                mediation=mediation,
                state_since=at,
                drafted_at=at,
                drafted_by=person_id(by),
                **columns,
            )
    except IntegrityError:
        raced: Agreement = Agreement.objects.exclude(state="dropped").get(mediation=mediation)
        return raced
    tell(events.AGREEMENT_DRAFTED, row, mediation, by=by, at=at, agreement=row.number, form=form)
    return row


@transaction.atomic
def agreement_change(
    *, agreement: Agreement, form: str, facts: str, terms: str, by: Actor, at: datetime
) -> Agreement:
    """Write the draft anew. Raises ``AgreementNotDraft`` once it was signed."""
    require(by, "disputes.mediate")
    file_hold(agreement.file)
    _draft_needed(agreement)
    columns = _words(form, facts, terms)
    Agreement.objects.filter(pk=agreement.pk).update(**columns)
    for name, value in columns.items():
        setattr(agreement, name, value)
    tell(
        events.AGREEMENT_CHANGED,
        agreement,
        agreement.mediation,
        by=by,
        at=at,
        agreement=agreement.number,
        form=form,
        chars=len(facts) + len(terms),
    )
    return agreement


@transaction.atomic
def agreement_drop(*, agreement: Agreement, by: Actor, at: datetime) -> Agreement:
    """Throw the draft away; the mediation goes on."""
    require(by, "disputes.mediate")
    file_hold(agreement.file)
    _move(agreement, "dropped", at)
    tell(events.AGREEMENT_DROPPED, agreement, agreement.mediation, by=by, at=at, agreement=agreement.number)
    return agreement


@transaction.atomic
def obligation_add(
    *,
    agreement: Agreement,
    debtor: Party,
    what: str,
    way: str,
    creditor: Party | None = None,
    amount_fen: int | None = None,
    due_on: date | None = None,
    condition: str = "",
    check_by: date | None = None,
    by: Actor,
    at: datetime,
) -> Obligation:
    """Write down one promise of a draft: who does what, for whom, how much, and by when.

    Without ``due_on`` it takes a ``condition`` ("after harvest") and the day ``check_by`` on which somebody looks.
    Raises ``ObligationWithoutDay``, ``PartyOfAnotherFile``, ``AgreementNotDraft``, ``BadInput``.
    """
    require(by, "disputes.mediate")
    file_hold(agreement.file)
    _draft_needed(agreement)
    said = condition.strip()[:120]
    if due_on is None and not (said and check_by):
        raise ObligationWithoutDay(field="due_on", problem="", given=said or "–")
    if not what.strip() or way not in WAYS:
        raise BadInput(field="what" if way in WAYS else "way", problem=way)
    if amount_fen is not None and not 0 < amount_fen <= FEN_AT_MOST:
        raise BadInput(field="amount_fen", problem=str(amount_fen))
    if creditor is not None and creditor.pk == debtor.pk:
        raise BadInput(field="creditor", problem=str(creditor.pk))
    parties_named(agreement.file, [party.pk for party in (debtor, creditor) if party is not None])
    rows = Obligation.objects.filter(agreement=agreement)
    last = rows.aggregate(last=Max("seq"))["last"] or 0
    if last >= OBLIGATIONS_AT_MOST:
        raise BadInput(field="obligations", problem=f"> {OBLIGATIONS_AT_MOST}")
    row: Obligation = Obligation.objects.create(
        agreement=agreement,
        file=agreement.file,
        seq=last + 1,
        debtor=debtor,
        creditor=creditor,
        what=what.strip()[:300],
        way=way,
        amount_fen=amount_fen,
        due_on=due_on,
        condition=said,
        check_by=check_by,
        state_since=at,
    )
    _obligations_told(agreement, by, at, added=row.seq)
    return row


@transaction.atomic
def obligation_drop(*, obligation: Obligation, by: Actor, at: datetime) -> None:
    """Take a promise out of a draft."""
    require(by, "disputes.mediate")
    agreement = obligation.agreement
    file_hold(agreement.file)
    _draft_needed(agreement)
    seq = obligation.seq
    Obligation.objects.filter(pk=obligation.pk).delete()
    _obligations_told(agreement, by, at, dropped=seq)


def _obligations_told(agreement: Agreement, by: Actor, at: datetime, **data: Any) -> None:
    count = Obligation.objects.filter(agreement=agreement).count()
    tell(
        events.AGREEMENT_CHANGED,
        agreement,
        agreement.mediation,
        by=by,
        at=at,
        agreement=agreement.number,
        obligations=count,
        **data,
    )


@transaction.atomic
def agreement_conclude(
    *,
    agreement: Agreement,
    agreed_at: datetime,
    signed_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Agreement:
    """The parties agree: an oral agreement binds from then, a written one from ``signed_at``.

    What was done on the spot counts as performed; an agreement all of which is performed ends the matter. Raises
    ``NoSessionHeld``, ``AgreementBeforeSession``, ``AgreementIncomplete``, ``ObligationTooEarly``, ``BadInput``.
    """
    require(by, "disputes.mediate")
    file, mediation = agreement.file, agreement.mediation
    mediation.file = file
    file_hold(file)
    open_needed(mediation)
    _draft_needed(agreement)
    effective_at = signed_at or agreed_at
    session = _session_needed(agreement, agreed_at)
    if not agreed_at <= effective_at <= at:
        raise BadInput(field="signed_at", problem=effective_at.isoformat())
    promised = _complete_needed(agreement, agreed_at)
    sessions_release(Session.objects.filter(mediation=mediation), "agreed", by=by, at=at)
    _move(agreement, "in_force", at, agreed_at=agreed_at, effective_at=effective_at, session=session)
    MEDIATION.move(mediation, "agreed", at=at, subject=file.number, ended_at=at)
    mediation.file, agreement.mediation = file, mediation
    total = _amount(agreement)
    # The band first, without the state: the term of the agreement is set with the step below.
    DisputeFile.objects.filter(pk=file.pk).update(amount_band=band_of(total))
    state_move(file, "agreement", by=by, at=at, due=performance_due(agreement, effective_at))
    if mediation.method in CONFIRMABLE:
        _window_open(agreement, effective_at, at)
    tell(
        events.AGREEMENT_MADE,
        agreement,
        mediation,
        by=by,
        at=at,
        agreement=agreement.number,
        form=agreement.form,
        agreed_at=agreed_at.isoformat(),
        effective_at=effective_at.isoformat(),
        obligations=len(promised),
        total_fen=total,
    )
    for row in promised:
        if row.way == "at_once":
            obligation_done(row, day_of(agreed_at), "both_say", "", by=by, at=at)
    agreement_settle(agreement, by=by, at=at)
    return agreement


def _session_needed(agreement: Agreement, agreed_at: datetime) -> Session:
    held = Session.objects.filter(mediation=agreement.mediation, state="held").order_by("held_at")
    session: Session | None = held.last()
    if session is None or session.held_at is None:
        raise NoSessionHeld(file=agreement.file.number)
    if agreed_at < session.held_at:
        raise AgreementBeforeSession(agreed_at=agreed_at, held_at=session.held_at)
    return session


def _complete_needed(agreement: Agreement, agreed_at: datetime) -> list[Obligation]:
    missing = [
        word
        for word, value in ((_("the facts"), agreement.facts), (_("the terms"), agreement.terms))
        if not value.strip()
    ]
    if missing:
        raise AgreementIncomplete(field="agreement", problem="", missing=", ".join(missing))
    promised = list(Obligation.objects.filter(agreement=agreement).select_related("debtor", "creditor"))
    for row in promised:
        if obligation_due(row.due_on, row.check_by) < day_of(agreed_at):
            raise ObligationTooEarly(
                field="due_on",
                problem="",
                due_on=obligation_due(row.due_on, row.check_by).isoformat(),
                agreed_on=day_of(agreed_at).isoformat(),
            )
    return promised


def _amount(agreement: Agreement) -> int:
    return int(Obligation.objects.filter(agreement=agreement).aggregate(fen=Sum("amount_fen"))["fen"] or 0)


def _window_open(agreement: Agreement, effective_at: datetime, at: datetime) -> None:
    term = confirmation_by(effective_at)
    assert term.due_at is not None, "a term without pauses has an end"
    JudicialConfirmation.objects.create(agreement=agreement, state_since=at, due_at=term.due_at, due_sum=term.total)


@transaction.atomic
def confirmation_apply(
    *, agreement: Agreement, applied_at: datetime, court_case_number: str = "", by: Actor, at: datetime
) -> JudicialConfirmation:
    """Both parties applied to the court together. Raises ``NotConfirmable`` or ``ConfirmationTooLate``."""
    require(by, "disputes.mediate")
    file_hold(agreement.file)
    row = _confirmation(agreement)
    if agreement.effective_at is None or not agreement.effective_at <= applied_at <= at:
        raise BadInput(field="applied_at", problem=applied_at.isoformat())
    if applied_at > row.due_at:
        raise ConfirmationTooLate(agreement=agreement.number, due_at=row.due_at)
    changes: dict[str, Any] = {"applied_at": applied_at, "court_case_number": court_case_number.strip()[:40]}
    CONFIRMATION.move(row, "applied", at=at, subject=agreement.number, **changes)
    tell(events.CONFIRMATION_APPLIED, agreement, agreement.mediation, by=by, at=at, agreement=agreement.number)
    return row


@transaction.atomic
def confirmation_decide(*, agreement: Agreement, confirmed: bool, by: Actor, at: datetime) -> JudicialConfirmation:
    """What the court said: confirmed, it can be enforced; refused, the parties may mediate again or sue."""
    require(by, "disputes.mediate")
    file_hold(agreement.file)
    row = _confirmation(agreement)
    CONFIRMATION.move(row, "confirmed" if confirmed else "refused", at=at, subject=agreement.number, decided_at=at)
    tell(
        events.CONFIRMATION_DECIDED,
        agreement,
        agreement.mediation,
        by=by,
        at=at,
        agreement=agreement.number,
        confirmed=confirmed,
    )
    return row


def _confirmation(agreement: Agreement) -> JudicialConfirmation:
    """What the court is to confirm, or ``NotConfirmable``."""
    row: JudicialConfirmation | None = JudicialConfirmation.objects.filter(agreement=agreement).first()
    if row is None:
        path = LEGAL_PATHS[legal_path(agreement.mediation.method, "")]
        raise NotConfirmable(agreement=agreement.number, path=path)
    return row


def amount_read(text: str) -> int | None:
    """An amount as somebody wrote it, in fen; None where nothing was written. Raises ``AmountUnreadable``."""
    if not text.strip():
        return None
    try:
        return fen_of(text)
    except ValueError:
        raise AmountUnreadable(field="amount", problem="", given=text[:40]) from None


def day_read(text: str) -> date | None:
    """A day as somebody wrote it; None where nothing was written. Raises ``ObligationWithoutDay``."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise ObligationWithoutDay(field="due_on", problem="", given=text[:40]) from None


def _words(form: str, facts: str, terms: str) -> dict[str, str]:
    if form not in FORMS:
        raise BadInput(field="form", problem=form or "–")
    for name, words in (("facts", facts), ("terms", terms)):
        if len(words) > TEXT_CHARS:
            raise BadInput(field=name, problem=f"{len(words)} > {TEXT_CHARS}")
    return {"form": form, "facts": facts.strip(), "terms": terms.strip()}


def _draft_needed(agreement: Agreement) -> None:
    agreement.refresh_from_db(fields=["state", "state_since", "facts", "terms", "form"])
    if agreement.state != "draft":
        raise AgreementNotDraft(
            agreement=agreement.number, state=AGREEMENT.labels[agreement.state], since=agreement.state_since
        )


def _move(agreement: Agreement, to: str, at: datetime, **changes: Any) -> None:
    """Move it and keep the rows it hangs on, of which the file is held."""
    file, mediation = agreement.file, agreement.mediation
    columns = {
        f"{name}_id" if name == "session" else name: getattr(value, "pk", value) for name, value in changes.items()
    }
    AGREEMENT.move(agreement, to, at=at, subject=agreement.number, **columns)
    agreement.file, agreement.mediation = file, mediation
