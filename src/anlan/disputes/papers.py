"""The papers of mediation, composed: agreement, minutes, court guide.

Who is who comes in from outside, or stays a role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.core.papers import Block, Fields, Heading, Paper, Signatures, Table, Text
from anlan.disputes.mediation_models import Agreement, Mediation, Obligation, Session
from anlan.disputes.mediation_rules import CONFIRMABLE, FORMS, OUTCOMES, WAYS, yuan
from anlan.disputes.models import DisputeFile, Party

Names = Mapping[int, str]
"""What a party is called on this paper, by party; whoever is missing is called by their role."""


def agreement_paper(
    agreement: Agreement, parties: Sequence[Party], names: Names, *, language: str, at: datetime
) -> Paper:
    """The agreement: parties, facts, terms, performance, effect, and lines to sign on."""
    with translation.override(language):
        mediation, session = agreement.mediation, agreement.session
        promised = list(agreement.obligations.select_related("debtor", "creditor"))
        blocks: list[Block] = [
            Fields(
                (
                    *((_role(party), names.get(party.pk, "")) for party in parties),
                    (pgettext("paper", "Mediator"), mediation.mediator.name),
                    (pgettext("paper", "Place"), _place(session)),
                    (pgettext("paper", "Form"), str(FORMS[agreement.form])),
                    (
                        pgettext("paper", "Agreed on"),
                        _day(agreement.agreed_at)
                        if agreement.agreed_at
                        else pgettext("paper", "draft, not yet signed"),
                    ),
                )
            ),
            Heading(pgettext("paper", "Facts of the dispute")),
            Text(agreement.facts),
            Heading(pgettext("paper", "What was agreed")),
            Text(agreement.terms),
            Heading(pgettext("paper", "Performance")),
            *_promises(promised, names, is_draft=agreement.agreed_at is None),
            Heading(pgettext("paper", "Effect")),
            Text(_effect(agreement)),
            _signatures((names.get(p.pk) or _role(p) for p in parties), mediation.mediator.name, _body(mediation)),
        ]
        return _paper(_agreement_title(mediation.method), agreement.number, mediation, blocks, language, at)


def minutes_paper(session: Session, text: str, names: Names, *, language: str, at: datetime) -> Paper:
    """The minutes of one session: when, where, who came, what was said, what came of it."""
    with translation.override(language):
        mediation = session.mediation
        came = list(session.attendance.select_related("party"))
        parties = [row.party for row in came if row.how != "absent"]
        rows = [
            (pgettext("paper", "Session"), str(session.ordinal)),
            (pgettext("paper", "Time"), f"{_day(session.starts_at)} {timezone.localtime(session.starts_at):%H:%M}"),
            (pgettext("paper", "Place"), _place(session)),
            (pgettext("paper", "Mediator"), session.mediator.name),
            *(
                (_role(row.party), " ".join(filter(None, (names.get(row.party_id), row.get_how_display()))))
                for row in came
            ),
        ]
        blocks: list[Block] = [
            Fields(tuple(rows)),
            Heading(pgettext("paper", "What was said")),
            Text(text),
            Heading(pgettext("paper", "Outcome")),
            Text(str(OUTCOMES[session.outcome]) if session.outcome else "–"),
            _signatures((names.get(p.pk) or _role(p) for p in parties), session.mediator.name),
        ]
        title = pgettext("paper", "Minutes of the mediation")
        return _paper(title, f"{session.file.number}/{session.ordinal}", mediation, blocks, language, at)


def court_guide_paper(
    file: DisputeFile, mediation: Mediation, agreement: Agreement | None, *, language: str, at: datetime
) -> Paper:
    """What stands open when mediation does not end it; holds nobody's name."""
    with translation.override(language):
        blocks: list[Block] = [
            Fields(
                (
                    (pgettext("paper", "File"), file.number),
                    (pgettext("paper", "Mediated by"), _body(mediation)),
                    (pgettext("paper", "Given on"), _day(at)),
                )
            ),
            Heading(pgettext("paper", "Where you stand")),
            Text(_standing(mediation, agreement)),
            Heading(pgettext("paper", "What you can do")),
            Text("\n".join(_ways(mediation, agreement))),
            Heading(pgettext("paper", "What to bring")),
            Text(
                _(
                    "Your identity card; for an organisation its licence and who speaks for it; the agreement or "
                    "this paper; receipts, transfer slips, photos, messages and whatever else shows what happened; "
                    "as many copies as there are other parties, and one for the court."
                )
            ),
            Heading(pgettext("paper", "Who helps")),
            Text(
                _(
                    "The filing hall of the court explains the forms free of charge. Legal advice: call 12348. "
                    "Whoever can't pay a lawyer asks the legal aid centre. In danger call 110."
                )
            ),
        ]
        return _paper(pgettext("paper", "Guide to the court"), file.number, mediation, blocks, language, at)


def _paper(title: str, number: str, mediation: Mediation, blocks: list[Block], language: str, at: datetime) -> Paper:
    return Paper(
        title=title,
        number=_("No. {number}").format(number=number),
        language=language,
        made_at=at,
        blocks=tuple(blocks),
        issuer=_body(mediation),
        foot=_("Made on {when} by the dispute platform").format(when=f"{timezone.localtime(at):%Y-%m-%d %H:%M}"),
        page_of=_("page {page} of {pages}"),
    )


def _signatures(parties: Iterable[str], mediator: str, seal_of: str = "") -> Signatures:
    """Where parties and mediator sign; an agreement takes effect with the seal of who mediated beneath it.

    Source: People's Mediation Law, article 29.
    """
    signer = f"{pgettext('paper', 'Mediator')} {mediator}"
    seal = _("{body} (seal)").format(body=seal_of) if seal_of else ""
    return Signatures((*parties, signer), pgettext("paper", "Date"), seal)


def _promises(promised: Sequence[Obligation], names: Names, *, is_draft: bool) -> list[Block]:
    if not promised and is_draft:
        return [Text(_("Still to be entered: who does what by when."))]
    if not promised:
        return [Text(_("Nothing is left to be done: what was agreed was done where it was agreed."))]
    head = (
        pgettext("paper", "No."),
        pgettext("paper", "Who"),
        pgettext("paper", "For whom"),
        pgettext("paper", "What"),
        pgettext("paper", "Amount (yuan)"),
        pgettext("paper", "By when"),
        pgettext("paper", "How"),
    )
    rows = tuple(
        (
            str(row.seq),
            names.get(row.debtor_id) or _role(row.debtor),
            (names.get(row.creditor_id) or _role(row.creditor)) if row.creditor_id and row.creditor else "–",
            row.what,
            yuan(row.amount_fen) if row.amount_fen else "–",
            _when(row),
            str(WAYS[row.way]),
        )
        for row in promised
    )
    total = sum(row.amount_fen or 0 for row in promised)
    blocks: list[Block] = [Table(head, rows)]
    if total:
        blocks.append(Text(_("In all {amount} yuan.").format(amount=yuan(total))))
    return blocks


def _when(row: Obligation) -> str:
    if row.due_on is not None:
        return row.due_on.isoformat()
    return _("{condition}; looked at by {day}").format(condition=row.condition, day=row.check_by)


def _effect(agreement: Agreement) -> str:
    since = _day(agreement.effective_at) if agreement.effective_at else _("the day of the signatures")
    lines = [
        _(
            "This agreement takes effect on {day} and binds the parties. Each keeps a copy, who mediated one more."
        ).format(day=since)
    ]
    if agreement.mediation.method in CONFIRMABLE:
        lines.append(
            _(
                "Within thirty days of taking effect the parties may apply together to the people's court to "
                "confirm it; "
                "confirmed, it can be enforced."
            )
        )
    if agreement.mediation.method == "police":
        lines.append(
            _(
                "Where it is performed, the police impose no penalty. Where it is not, the case is decided by law, "
                "and "
                "damages can be claimed in court."
            )
        )
    return "\n".join(lines)


def _standing(mediation: Mediation, agreement: Agreement | None) -> str:
    if agreement is None or agreement.state in ("draft", "dropped"):
        return _(
            "No agreement has been reached. Nothing said in mediation binds you, and nobody may hold it against you."
        )
    if agreement.state == "defaulted":
        return _("Agreement {number} of {day} has not been performed.").format(
            number=agreement.number, day=_day(agreement.agreed_at or agreement.drafted_at)
        )
    return _("Agreement {number} is in force since {day}.").format(
        number=agreement.number, day=_day(agreement.effective_at or agreement.drafted_at)
    )


def _ways(mediation: Mediation, agreement: Agreement | None) -> list[str]:
    bound = agreement is not None and agreement.state in ("in_force", "defaulted")
    confirmation = getattr(agreement, "confirmation", None)
    ways = []
    if bound and confirmation is not None and confirmation.state == "confirmed":
        ways.append(_("The court has confirmed the agreement: apply to it for enforcement, within two years."))
    elif bound:
        ways.append(_("Sue for performance of the agreement before the people's court."))
    if bound and confirmation is not None and confirmation.state == "open":
        # The term ends with its last day, at midnight.
        until = _day(confirmation.due_at - timedelta(seconds=1))
        ways.append(
            _("Or apply together with the other party for judicial confirmation, until {day}.").format(day=until)
        )
    if not bound:
        ways.append(
            _(
                "Sue before the people's court of the place where the other party lives or where it happened. As a "
                "rule "
                "the time to sue is three years from when you knew of the damage and who did it."
            )
        )
    if mediation.method == "police":
        ways.append(_("The police decide on the penalty apart from this; damages are for the court."))
    ways.append(_("You may still mediate again at any time, if both of you want to."))
    return ways


def _agreement_title(method: str) -> str:
    return {
        "people": _("People's mediation agreement"),
        "administrative": _("Administrative mediation agreement"),
        "police": _("Police mediation agreement"),
        "judicial": _("Judicial mediation agreement"),
    }[method]


def _role(party: Party) -> str:
    role = str(party.get_role_display())
    return role if party.role in ("a", "b") and party.ordinal == 1 else f"{role} {party.ordinal}"


def _place(session: Session | None) -> str:
    if session is None or session.room is None:
        return "–"
    return session.room.name_zh if translation.get_language() == "zh-hans" else session.room.name_en


def _body(mediation: Mediation) -> str:
    return str(mediation.body.organisation.name_shown)


def _day(at: datetime) -> str:
    local = timezone.localtime(at)
    return pgettext("a date on a paper", "{year}-{month}-{day}").format(
        year=local.year, month=f"{local.month:02d}", day=f"{local.day:02d}"
    )
