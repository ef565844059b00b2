"""Things are lent and come back: at the counter, or because a door saw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from anlan.accounts.models import Person
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import DomainError, Overtaken, WrongState
from anlan.core.permissions import require
from anlan.equipment import events
from anlan.equipment.errors import (
    AuthorisationMissing,
    DoorMayNotClose,
    DueBeforeLoan,
    HolderGone,
    ItemBooked,
    ItemLent,
    ItemNotReady,
    RoundsDontAdd,
    SecondPersonNeeded,
    TermsNotAgreed,
)
from anlan.equipment.life_rules import BOOKING, hours_of
from anlan.equipment.marks import mark_of
from anlan.equipment.models import BookedHour, Booking, Item, Loan, Passage
from anlan.equipment.rules import CONTROLLED_KEPT, ITEM, LOAN, LOAN_KEPT, OPEN_LOANS, due_usual
from anlan.equipment.selectors_sharing import item_marked
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
    agreed: bool = False,
    authorisation: str = "",
    rounds: int = 0,
    passage: Passage | None = None,
    confidence: float | None = None,
) -> Loan:
    """Lend a thing that is in the store, ready for use; of a controlled one a second person must say so too.

    A door opens loans without the taker's word on terms: it can't ask for it. Raises ``ItemLent``, ``ItemNotReady``,
    ``DueBeforeLoan``, ``HolderGone``, ``ItemBooked``, ``TermsNotAgreed``, ``AuthorisationMissing``,
    ``DoorMayNotClose``.
    """
    require(by, "equipment.lend")
    return lend(
        item=item, holder=holder, by=by, at=at, due_at=due_at, purpose=purpose, agreed=agreed,
        authorisation=authorisation, rounds=rounds, passage=passage, confidence=confidence,
    )  # fmt: skip


def lend(
    *,
    item: Item,
    holder: Person,
    by: Actor,
    at: datetime,
    due_at: datetime | None = None,
    purpose: str = "",
    agreed: bool = False,
    authorisation: str = "",
    rounds: int = 0,
    passage: Passage | None = None,
    confidence: float | None = None,
) -> Loan:
    """What lending is, whoever may do it; within the caller's transaction."""
    due = due_at or due_usual(at)
    _loan_allowed(item, agreed=agreed, authorisation=authorisation, passage=passage)
    if due <= at:
        raise DueBeforeLoan(item=str(item), due=due)
    if not holder.is_active:
        raise HolderGone(item=str(item), holder=holder.name)
    standing = Loan.objects.filter(item=item, state__in=OPEN_LOANS).select_related("holder").first()
    if standing is not None:
        raise ItemLent(item=str(item), holder=standing.holder.name, since=standing.made_at)
    try:
        ITEM.move(item, "out", at=at, subject=str(item), only_from=("in_store",))
    except (WrongState, Overtaken):
        item.refresh_from_db()
        raise ItemNotReady(item=str(item), state=ITEM.labels[item.state], since=item.state_since) from None
    _fetch(not_booked(item, holder, at, due), at)
    is_controlled = item.model.is_controlled
    loan = Loan.objects.create(
        item=item, holder=holder, purpose=purpose[:120], state="proposed" if is_controlled else "out",
        state_since=at, made_at=at, made_by_id=_person(by), due_at=due, passage_out=passage, confidence=confidence,
        authorisation=authorisation[:60], agreed_at=at if agreed else None,
        rounds_out=rounds if item.model.is_counted else 0,
    )  # fmt: skip
    kind = events.LOAN_PROPOSED if is_controlled else events.LOAN_MADE
    of_item(kind, item, by=by, at=at, subject=loan, due_at=due.isoformat(), is_by_gate=passage is not None)
    return loan


def _loan_allowed(item: Item, *, agreed: bool, authorisation: str, passage: Passage | None) -> None:
    model = item.model
    if model.is_controlled and passage is not None:
        raise DoorMayNotClose(item=str(item))
    if model.is_controlled and not authorisation.strip():
        raise AuthorisationMissing(item=str(item))
    if model.terms and not agreed and passage is None:
        raise TermsNotAgreed(item=str(item), terms=model.terms)


def not_booked(item: Item, holder: Person, at: datetime, due: datetime) -> set[Booking]:
    """Raise ``ItemBooked`` where another has the thing booked within a time; gives the holder's own bookings."""
    hours = hours_of(at, due)
    taken = BookedHour.objects.filter(item=item, hour__gte=hours.start, hour__lt=hours.stop)
    bookings = {hour.booking for hour in taken.select_related("booking__person")}
    for booking in sorted(bookings, key=lambda one: one.starts_at):
        if booking.person_id != holder.pk:
            raise ItemBooked(
                item=str(item), name=booking.person.name, since=booking.starts_at, until=booking.ends_at
            )  # fmt: skip
    return bookings


def _fetch(bookings: set[Booking], at: datetime) -> None:
    """One's own approved bookings within the loan are fetched by it, and their hours are free again."""
    for booking in bookings:
        if booking.state == "approved":
            BOOKING.move(booking, "fetched", at=at, subject=str(booking.item))
            BookedHour.objects.filter(booking=booking).delete()


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
    *,
    loan: Loan,
    by: Actor,
    at: datetime,
    is_damaged: bool = False,
    rounds_back: int = 0,
    rounds_fired: int = 0,
    rounds_lost: int = 0,
    passage: Passage | None = None,
) -> Loan:
    """A thing came back: into the store, or damaged and to be inspected before anybody has it again.

    Each time it was out is a use. Rounds are counted to the last one: ``RoundsDontAdd``. No door takes back what is
    controlled, however well it was heard: ``DoorMayNotClose``.
    """
    require(by, "equipment.lend")
    return take_back(
        loan=loan, by=by, at=at, is_damaged=is_damaged, rounds_back=rounds_back, rounds_fired=rounds_fired,
        rounds_lost=rounds_lost, passage=passage,
    )  # fmt: skip


def take_back(
    *,
    loan: Loan,
    by: Actor,
    at: datetime,
    is_damaged: bool = False,
    rounds_back: int = 0,
    rounds_fired: int = 0,
    rounds_lost: int = 0,
    passage: Passage | None = None,
) -> Loan:
    """What taking back is, whoever may do it; within the caller's transaction. A reported fault is a damage."""
    if loan.item.model.is_controlled and passage is not None:
        raise DoorMayNotClose(item=str(loan.item))
    told = rounds_back + rounds_fired + rounds_lost
    if told != loan.rounds_out or min(rounds_back, rounds_fired, rounds_lost) < 0:
        raise RoundsDontAdd(
            item=str(loan.item), out=loan.rounds_out, back=rounds_back, fired=rounds_fired, lost=rounds_lost, sum=told
        )  # fmt: skip
    is_damaged = is_damaged or bool(loan.fault)
    to = "damaged" if is_damaged else "returned"
    LOAN.move(
        loan, to, at=at, subject=str(loan.item), ended_at=at, passage_in_id=passage.pk if passage else None,
        rounds_back=rounds_back, rounds_fired=rounds_fired, rounds_lost=rounds_lost,
    )  # fmt: skip
    Item.objects.filter(pk=loan.item_id).update(uses=F("uses") + 1, rounds=F("rounds") + rounds_fired)
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


def items_issue(*, numbers: list[str], holder: Person, by: Actor, at: datetime, **terms: Any) -> list[Told]:
    """Lend many at one go, as they were scanned; what can't be lent is told with its reason and stops no other."""
    return [_each(number, by, lambda item: loan_issue(item=item, holder=holder, by=by, at=at, **terms))
            for number in dict.fromkeys(numbers)]  # fmt: skip


def items_return(
    *, numbers: list[str], damaged: set[str], by: Actor, at: datetime, **rounds: Any
) -> list[Told]:  # fmt: skip
    """Take back many at one go; what isn't among them stays lent. ``rounds`` are told of what went out with some."""
    marked = {mark_of(number) for number in damaged}

    def back(item: Item) -> Loan:
        loan = Loan.objects.select_related("item__model").filter(item=item, state="out").first()
        if loan is None:
            raise ItemNotReady(item=str(item), state=ITEM.labels[item.state], since=item.state_since)
        names = {mark_of(item.number), *item.tags.filter(off_at=None).values_list("epc", flat=True)}
        is_damaged = bool(marked & names)
        return loan_return(loan=loan, is_damaged=is_damaged, by=by, at=at, **(rounds if loan.rounds_out else {}))

    return [_each(number, by, back) for number in dict.fromkeys(numbers)]


def _each(number: str, by: Actor, act: Callable[[Item], Loan]) -> Told:
    """One of many in a step of its own, by its number, its tag, or the address on its label."""
    try:
        with transaction.atomic():
            found: Item = Item.objects.select_related("model").one_for(by, pk=item_marked(number))
            return Told(number, act(found), "")
    except (DomainError, WrongState, Overtaken) as refused:
        return Told(number, None, refused.detail())


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one number: its loan, or in words why not."""

    number: str
    loan: Loan | None
    refusal: str


@transaction.atomic
def loans_forget(*, by: Actor = SYSTEM, at: datetime) -> int:
    """Delete loans that are over: ordinary ones after a year, those of controlled things after five; says how many.

    What is still out or proposed stays, however old.
    """
    over = Loan.objects.exclude(state__in=OPEN_LOANS)
    ordinary = over.filter(item__model__is_controlled=False, ended_at__lt=at - LOAN_KEPT)
    controlled = over.filter(item__model__is_controlled=True, ended_at__lt=at - CONTROLLED_KEPT)
    gone = list((ordinary | controlled).values_list("pk", "item_id"))
    items = {item.pk: item for item in Item.objects.filter(pk__in={item for _, item in gone})}
    Loan.objects.filter(pk__in=[pk for pk, _ in gone]).delete()
    for pk, item in items.items():
        of_item(events.LOANS_FORGOTTEN, item, by=by, at=at, count=sum(own == pk for _, own in gone))
    return len(gone)
