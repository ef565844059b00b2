"""What an officer does with things for himself alone: takes, gives back, keeps longer, says what is wrong."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, Overtaken, WrongState
from anlan.core.permissions import require
from anlan.equipment import events
from anlan.equipment.errors import AnotherPersonNeeded, CounterOnly, LongerTooLong, NotYourLoan
from anlan.equipment.life_rules import LONGEST_BOOKING
from anlan.equipment.models import Item, Loan
from anlan.equipment.rules import LOAN
from anlan.equipment.services.loans import lend, not_booked, take_back
from anlan.equipment.services.register import in_reach, of_item, signer


@transaction.atomic
def item_take_own(
    *, item: Item, by: Actor, at: datetime, due_at: datetime | None = None, purpose: str = "", agreed: bool = False
) -> Loan:
    """Take an ordinary thing of a store in reach, for oneself. Raises ``CounterOnly`` and what lending raises."""
    require(by, "equipment.take_own")
    in_reach(by, item.place)
    if item.model.is_controlled:
        raise CounterOnly(item=str(item))
    holder = Person.objects.get(pk=signer(by))
    return lend(item=item, holder=holder, by=by, at=at, due_at=due_at, purpose=purpose, agreed=agreed)


@transaction.atomic
def loan_give_back(*, loan: Loan, is_damaged: bool = False, by: Actor, at: datetime) -> Loan:
    """Bring back an ordinary thing one has oneself. Raises ``CounterOnly``, ``NotYourLoan``."""
    require(by, "equipment.take_own")
    _own(loan, by)
    if loan.item.model.is_controlled:
        raise CounterOnly(item=str(loan.item))
    return take_back(loan=loan, is_damaged=is_damaged, by=by, at=at)


@transaction.atomic
def loan_longer_ask(*, loan: Loan, until: datetime, by: Actor, at: datetime) -> Loan:
    """Ask to keep a thing longer. Raises ``NotYourLoan``, ``LongerTooLong``, ``ItemBooked``."""
    require(by, "equipment.own")
    _own(loan, by)
    if not max(loan.due_at, at) < until <= at + LONGEST_BOOKING:
        raise LongerTooLong(item=str(loan.item), due=loan.due_at, days=LONGEST_BOOKING.days)
    not_booked(loan.item, loan.holder, max(loan.due_at, at), until)
    _change(loan, at, asked_until=until)
    of_item(events.LONGER_ASKED, loan.item, by=by, at=at, subject=loan, until=until.isoformat())
    return loan


@transaction.atomic
def loan_longer_decide(*, loan: Loan, is_granted: bool, by: Actor, at: datetime) -> Loan:
    """A keeper grants or refuses it; never the holder's own hand. Raises ``AnotherPersonNeeded``, ``ItemBooked``."""
    require(by, "equipment.lend")
    if by.id == loan.holder_id:
        raise AnotherPersonNeeded(item=str(loan.item), name=by.name)
    if loan.asked_until is None:
        raise Overtaken(subject=str(loan.item), state=LOAN.labels[loan.state])
    due = loan.due_at
    if is_granted:
        not_booked(loan.item, loan.holder, max(loan.due_at, at), loan.asked_until)
        due = max(loan.due_at, loan.asked_until)
    _change(loan, at, asked_until=None, due_at=due)
    answer = "yes" if is_granted else "no"
    of_item(events.LONGER_DECIDED, loan.item, by=by, at=at, subject=loan, answer=answer, due_at=due.isoformat())
    return loan


@transaction.atomic
def fault_report(*, loan: Loan, words: str, by: Actor, at: datetime) -> Loan:
    """Who has a thing says what is wrong with it while it is out; when it comes back it is inspected first."""
    require(by, "equipment.own")
    _own(loan, by)
    if not words.strip():
        raise BadInput(field="fault", problem="–")
    _change(loan, at, fault=words.strip()[:200])
    of_item(events.FAULT_REPORTED, loan.item, by=by, at=at, subject=loan)
    return loan


def _own(loan: Loan, by: Actor) -> None:
    if loan.holder_id != signer(by):
        raise NotYourLoan(item=str(loan.item), holder=loan.holder.name)


def _change(loan: Loan, at: datetime, **columns: object) -> None:
    """Change a loan only while it is out. Raises ``WrongState``."""
    if not Loan.objects.filter(pk=loan.pk, state="out", asked_until=loan.asked_until).update(**columns):
        loan.refresh_from_db()
        raise WrongState(
            subject=str(loan.item), state=LOAN.labels[loan.state], since=loan.state_since,
            wanted=LOAN.labels["out"], next="–",
        )  # fmt: skip
    for name, value in columns.items():
        setattr(loan, name, value)
