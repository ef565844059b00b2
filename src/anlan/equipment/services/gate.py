"""A passage becomes loans, returns and questions. Safe to repeat: judged again it is the same passage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.accounts.models import Person
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import DomainError, Overtaken, WrongState
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.engines import gate as judging
from anlan.engines.gate.passages import QUIET_US
from anlan.equipment import events
from anlan.equipment.errors import QuestionAnswered
from anlan.equipment.learnt import PLANES, trees_of
from anlan.equipment.models import Gate, GateQuestion, Item, Loan, Passage
from anlan.equipment.rules import OPEN_LOANS, PASSAGE_KEPT, QUESTION
from anlan.equipment.services.gate_books import Books, booking_for, books_of
from anlan.equipment.services.loans import loan_issue, loan_return


def passages_write(*, gate: Gate, passages: Iterable[judging.Passage], by: Actor, at: datetime) -> list[Passage]:
    """Judge passages that are over, each in a transaction of its own; one that was judged before gives none."""
    made = [_passage_write(gate=gate, passage=passage, by=by, at=at) for passage in passages]
    return [row for row in made if row is not None]


def _overlaps(gate: Gate, passage: judging.Passage) -> bool:
    """Judged already, or what came late belongs to one that was: the first judgement stands, people may change it."""
    begin, end = passage.begin_us - QUIET_US, passage.end_us + QUIET_US
    return bool(Passage.objects.filter(gate=gate, begin_us__lte=end, end_us__gte=begin).exists())


@transaction.atomic
def _passage_write(*, gate: Gate, passage: judging.Passage, by: Actor, at: datetime) -> Passage | None:
    # One judge at a time: two that look at once would both find that nobody has judged it.
    Gate.objects.select_for_update().get(pk=gate.pk)
    if _overlaps(gate, passage):
        return None
    verdicts = judging.judge(passage, PLANES[gate.layout], trees_of(gate.layout))
    moved = [one for one in verdicts if one.movement != "static"]
    if not moved:
        return None
    books = books_of(gate, [one.epc for one in verdicts], passage.badges, at=at)
    claims = judging.reconcile(
        verdicts, books.people, books.known, judging.crossings_of(passage.beams, passage.begin_us)
    )
    ended = min(at, datetime.fromtimestamp(max(0, passage.end_us + passage.right_by_us) / 1e6, tz=UTC))
    try:
        with transaction.atomic():
            row = Passage.objects.create(
                gate=gate, begin_us=passage.begin_us, end_us=passage.end_us, ended_at=ended, judged_at=at,
                verdicts=[_told(one) for one in moved], has_change=any(claim.epc in books.items for claim in claims),
            )  # fmt: skip
    except IntegrityError:
        return None  # Another judged it at the same moment.
    for claim in claims:
        _claim_write(row, claim, books, by=by, at=at)
    if claims:
        _prompt_tell(row, by=by, at=at)
    return row


def _told(verdict: judging.Verdict) -> dict[str, Any]:
    chances = {name: round(share, 4) for name, share in verdict.chances.items()}
    return {"epc": verdict.epc, "movement": verdict.movement, "reads": verdict.reads, "chances": chances}


def _prompt_tell(row: Passage, *, by: Actor, at: datetime) -> None:
    """Tell that there is something to say at the door: how many things, nobody's name."""
    event_record(
        events.GATE_PROMPTED, subject=row, by=by, at=at, org_ids=(row.gate.place_id,), gate=row.gate.reader,
        taken=row.loans_out.count(), back=row.loans_in.count(), asked=row.questions.count(),
    )  # fmt: skip


def _claim_write(row: Passage, claim: judging.Claim, books: Books, *, by: Actor, at: datetime) -> None:
    """Do what the door may, ask what it may not."""
    person, item = books.people.get(claim.badge), books.items.get(claim.epc)
    reason = claim.reason
    if not reason and item is not None:
        try:
            with transaction.atomic():
                _carry_out(row, claim.kind, item, person, claim.confidence, by=by, at=at)
            return
        except (DomainError, WrongState, Overtaken):
            reason = "not_ready"
    question = GateQuestion.objects.create(
        passage=row, epc=claim.epc, item=item, person=person, claim=claim.kind, reason=reason,
        confidence=round(claim.confidence, 4), state_since=at,
    )  # fmt: skip
    event_record(
        events.QUESTION_ASKED, subject=question, by=by, at=at, org_ids=(row.gate.place_id,),
        epc=claim.epc, claim=claim.kind, reason=reason,
    )  # fmt: skip


def _carry_out(
    row: Passage, kind: str, item: Item, person: Person | None, confidence: float | None, *, by: Actor, at: datetime
) -> None:
    if kind == "return":
        loan = Loan.objects.select_related("item__model").get(item=item, state="out")
        loan_return(loan=loan, by=by, at=at, passage=row)
    else:
        door_lend(row, item, person, confidence, by=by, at=at)  # type: ignore[arg-type]


def door_lend(
    row: Passage, item: Item, holder: Person, confidence: float | None = None, *, by: Actor, at: datetime
) -> Loan:
    """What was booked is lent for as long and for what it was booked for."""
    booking = booking_for(item, holder, at=at)
    terms: dict[str, Any] = {} if booking is None else {"due_at": booking.ends_at, "purpose": booking.purpose}
    return loan_issue(item=item, holder=holder, by=by, at=at, passage=row, confidence=confidence, **terms)


def _is_written(question: GateQuestion, item: Item, taker: Person | None) -> bool:
    """Whether the books say so already, or can't without knowing who took it."""
    if question.claim == "return":
        return not Loan.objects.filter(item=item, state="out").exists()
    return taker is None or Loan.objects.filter(item=item, holder=taker, state__in=OPEN_LOANS).exists()


@transaction.atomic
def question_answer(
    *, question: GateQuestion, is_so: bool, by: Actor, at: datetime, person: Person | None = None
) -> GateQuestion:
    """A keeper says whether it was as the door supposes; then it is written, unless it stands in the books already.

    What was counted out at the counter meanwhile is only agreed to: the one way for controlled things, which a door
    neither lends nor takes back (``DoorMayNotClose``). Raises ``QuestionAnswered``.
    """
    require(by, "equipment.keep")
    taker = person or question.person
    try:
        QUESTION.move(question, "agreed" if is_so else "denied", at=at, subject=question.epc, answered_by_id=by.id)
    except (WrongState, Overtaken):
        question.refresh_from_db()
        raise QuestionAnswered(since=question.state_since, state=QUESTION.labels[question.state]) from None
    if is_so:
        Passage.objects.filter(pk=question.passage_id).update(has_change=True)
    if is_so and question.item is not None and not _is_written(question, question.item, taker):
        _carry_out(question.passage, question.claim, question.item, taker, None, by=by, at=at)
    event_record(
        events.QUESTION_ANSWERED, subject=question, by=by, at=at, org_ids=(question.passage.gate.place_id,),
        epc=question.epc, is_so=is_so,
    )  # fmt: skip
    return question


@transaction.atomic
def passages_forget(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Delete passages in which nothing of ours changed hands a day after they were judged, with what was asked about
    tags that nobody knows; returns how many."""
    before = at - PASSAGE_KEPT
    gone = Passage.objects.filter(judged_at__lt=before, has_change=False)
    GateQuestion.objects.filter(passage__in=gone).delete()
    gates = {gate.pk: gate for gate in Gate.objects.filter(passages__in=gone).distinct()}
    whole = 0
    for gate in gates.values():
        count, _ = gone.filter(gate=gate).delete()
        whole += count
        event_record(
            events.PASSAGES_FORGOTTEN, subject=gate, by=by, at=at, org_ids=(gate.place_id,), count=count
        )  # fmt: skip
    return whole
