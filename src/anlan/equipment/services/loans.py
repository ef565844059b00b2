"""Things are lent and come back: at the counter, or because a door saw it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.errors import Overtaken, WrongState
from anlan.core.permissions import require
from anlan.equipment import events
from anlan.equipment.errors import DueBeforeLoan, ItemLent, ItemNotReady, SecondPersonNeeded
from anlan.equipment.models import Item, Loan, Passage
from anlan.equipment.rules import ITEM, LOAN, OPEN_LOANS, due_usual
from anlan.equipment.services.register import of_item


@transaction.atomic
def loan_issue(
    *,
    item: Item,
    holder: Person,
    by: Actor,
    at: datetime,
    due_at: datetime | None = None,
    purpose: str = "",
    passage: Passage | None = None,
    confidence: float | None = None,
) -> Loan:
    """Lend a thing that is in the store, ready for use; of a controlled one a second person must say so too.

    Raises ``ItemLent``, ``ItemNotReady``, ``DueBeforeLoan``.
    """
    require(by, "equipment.lend")
    due = due_at or due_usual(at)
    if due <= at:
        raise DueBeforeLoan(item=str(item), due=due)
    standing = Loan.objects.filter(item=item, state__in=OPEN_LOANS).select_related("holder").first()
    if standing is not None:
        raise ItemLent(item=str(item), holder=standing.holder.name, since=standing.made_at)
    try:
        ITEM.move(item, "out", at=at, subject=str(item), only_from=("in_store",))
    except (WrongState, Overtaken):
        item.refresh_from_db()
        raise ItemNotReady(item=str(item), state=ITEM.labels[item.state], since=item.state_since) from None
    is_controlled = item.model.is_controlled
    loan = Loan.objects.create(
        item=item, holder=holder, purpose=purpose[:120], state="proposed" if is_controlled else "out",
        state_since=at, made_at=at, made_by_id=_person(by), due_at=due, passage_out=passage, confidence=confidence,
    )  # fmt: skip
    kind = events.LOAN_PROPOSED if is_controlled else events.LOAN_MADE
    of_item(kind, item, by=by, at=at, subject=loan, due_at=due.isoformat(), is_by_gate=passage is not None)
    return loan


@transaction.atomic
def loan_confirm(*, loan: Loan, by: Actor, at: datetime) -> Loan:
    """The second person of a controlled thing. Raises ``SecondPersonNeeded`` for the first or the taker."""
    require(by, "equipment.confirm")
    if by.kind != "person" or by.id in (loan.made_by_id, loan.holder_id):
        raise SecondPersonNeeded(item=str(loan.item), name=by.name)
    LOAN.move(loan, "out", at=at, subject=str(loan.item), confirmed_by_id=by.id)
    of_item(events.LOAN_CONFIRMED, loan.item, by=by, at=at, subject=loan)
    return loan


@transaction.atomic
def loan_return(
    *, loan: Loan, by: Actor, at: datetime, is_damaged: bool = False, passage: Passage | None = None
) -> Loan:
    """A thing came back: into the store, or damaged and to be inspected before anybody has it again."""
    require(by, "equipment.lend")
    to = "damaged" if is_damaged else "returned"
    LOAN.move(loan, to, at=at, subject=str(loan.item), ended_at=at, passage_in_id=passage.pk if passage else None)
    ITEM.move(loan.item, "inspection" if is_damaged else "in_store", at=at, subject=str(loan.item))
    of_item(events.LOAN_RETURNED, loan.item, by=by, at=at, subject=loan, is_damaged=is_damaged)
    return loan


@transaction.atomic
def loan_reverse(*, loan: Loan, by: Actor, at: datetime) -> Loan:
    """It was no loan: the thing never left. What was written stays on record with this beside it."""
    require(by, "equipment.keep")
    LOAN.move(loan, "reversed", at=at, subject=str(loan.item), ended_at=at)
    ITEM.move(loan.item, "in_store", at=at, subject=str(loan.item))
    of_item(events.LOAN_REVERSED, loan.item, by=by, at=at, subject=loan)
    return loan


def _person(by: Actor) -> int | None:
    return by.id if by.kind == "person" else None
