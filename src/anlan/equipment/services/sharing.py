"""What stations share: a thing is booked, or goes to another store."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import Overtaken, WrongState
from anlan.core.permissions import require
from anlan.equipment import events
from anlan.equipment.errors import (
    AnotherPersonNeeded,
    BookingTooLong,
    ItemBooked,
    ItemNotReady,
    LentThen,
    SameStore,
    TooFewFree,
)
from anlan.equipment.life_rules import BOOKING, FETCHED_WITHIN, LONGEST_BOOKING, TRANSFER, hours_of
from anlan.equipment.models import BookedHour, Booking, Item, ItemTransfer
from anlan.equipment.rules import ITEM, OPEN_LOANS
from anlan.equipment.services.register import in_reach, of_item, signer


@transaction.atomic
def booking_ask(
    *, item: Item, person: Person, starts_at: datetime, ends_at: datetime, purpose: str, by: Actor, at: datetime
) -> Booking:
    """Speak for a thing; its hours are taken at once, and free again if it is refused. Raises ``ItemBooked``."""
    require(by, "equipment.book")
    _bookable(item, person, starts_at)
    if not at <= starts_at < ends_at <= starts_at + LONGEST_BOOKING:
        raise BookingTooLong(days=LONGEST_BOOKING.days)
    booking = Booking.objects.create(
        item=item, person=person, purpose=purpose[:120], starts_at=starts_at, ends_at=ends_at, state_since=at
    )
    hours = hours_of(starts_at, ends_at)
    try:
        with transaction.atomic():
            BookedHour.objects.bulk_create(BookedHour(booking=booking, item=item, hour=hour) for hour in hours)
    except IntegrityError:
        other = (
            BookedHour.objects.select_related("booking__person").filter(item=item, hour__in=list(hours))[0].booking
        )
        raise ItemBooked(
            item=str(item), name=other.person.name, since=other.starts_at, until=other.ends_at
        ) from None  # fmt: skip
    of_item(
        events.BOOKING_ASKED, item, by=by, at=at, subject=booking,
        starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat(),
    )  # fmt: skip
    return booking


@transaction.atomic
def bookings_ask(
    *, items: list[Item], count: int, person: Person, starts_at: datetime, ends_at: datetime, purpose: str,
    by: Actor, at: datetime,
) -> list[Booking]:  # fmt: skip
    """Speak for so many of these things, the first that are free then; all or none. Raises ``TooFewFree``."""
    made: list[Booking] = []
    for item in items:
        if len(made) == count:
            break
        with suppress(ItemBooked, LentThen, ItemNotReady):
            made.append(
                booking_ask(
                    item=item, person=person, starts_at=starts_at, ends_at=ends_at, purpose=purpose, by=by, at=at
                )
            )
    if len(made) < count:
        raise TooFewFree(kind=str(items[0].model) if items else "–", found=len(made), wanted=count)
    return made


def _bookable(item: Item, person: Person, starts_at: datetime) -> None:
    """Raise ``ItemNotReady`` for what serves no more, ``LentThen`` where another has it until later than that."""
    if item.state in ("missing", "scrap_proposed", "scrapped"):
        raise ItemNotReady(item=str(item), state=ITEM.labels[item.state], since=item.state_since)
    then = item.loans.filter(state__in=OPEN_LOANS, due_at__gt=starts_at).exclude(holder=person).first()
    if then is not None:
        raise LentThen(item=str(item), holder=then.holder.name, due=then.due_at)


@transaction.atomic
def booking_decide(*, booking: Booking, to: str, by: Actor, at: datetime) -> Booking:
    """Approved or refused by another than who asked (``AnotherPersonNeeded``); cancelled by them or a keeper."""
    is_own = by.kind == "person" and by.id == booking.person_id
    require(by, "equipment.book" if to == "cancelled" and is_own else "equipment.keep")
    if to != "cancelled" and by.id == booking.person_id:
        raise AnotherPersonNeeded(item=str(booking.item), name=by.name)
    BOOKING.move(booking, to, at=at, subject=str(booking.item), decided_by_id=None if to == "cancelled" else by.id)
    if to != "approved":
        BookedHour.objects.filter(booking=booking).delete()
    of_item(events.BOOKING_DECIDED, booking.item, by=by, at=at, subject=booking, state=to)
    return booking


@transaction.atomic
def booking_lapse(*, booking: Booking, by: Actor, at: datetime) -> Booking:
    """Nobody fetched it, or nobody decided: its hours are free again. Raises ``WrongState`` for one that is over."""
    BOOKING.move(booking, "lapsed", at=at, subject=str(booking.item))
    BookedHour.objects.filter(booking=booking).delete()
    of_item(events.BOOKING_DECIDED, booking.item, by=by, at=at, subject=booking, state="lapsed")
    return booking


def bookings_lapse(*, at: datetime, by: Actor = SYSTEM) -> int:
    """End the bookings whose things were not fetched in time, each in a transaction of its own; how many."""
    late = Booking.objects.filter(state__in=("asked", "approved"), starts_at__lte=at - FETCHED_WITHIN)
    count = 0
    for booking in late.select_related("item__model"):
        with suppress(WrongState, Overtaken):  # fetched or cancelled in this very moment
            booking_lapse(booking=booking, by=by, at=at)
            count += 1
    return count


@transaction.atomic
def transfer_begin(*, item: Item, goal: Organisation, by: Actor, at: datetime) -> ItemTransfer:
    """The first signature: a thing leaves for another store; its owner stays who it is. Raises ``ItemNotReady``."""
    require(by, "equipment.keep")
    in_reach(by, item.place)
    if goal.pk == item.place_id:
        raise SameStore(item=str(item), place=goal.name_zh)
    try:
        ITEM.move(item, "moving", at=at, subject=str(item), only_from=("in_store",))
    except (WrongState, Overtaken):
        item.refresh_from_db()
        raise ItemNotReady(item=str(item), state=ITEM.labels[item.state], since=item.state_since) from None
    row = ItemTransfer.objects.create(
        item=item, origin=item.place, goal=goal, state_since=at, given_by_id=signer(by), given_at=at
    )
    of_item(events.TRANSFER_BEGUN, item, by=by, at=at, subject=row, goal=goal.pk)
    return row


@transaction.atomic
def transfer_take(*, transfer: ItemTransfer, by: Actor, at: datetime) -> ItemTransfer:
    """The second signature, by another person, at the receiving store. Raises ``AnotherPersonNeeded``."""
    require(by, "equipment.keep")
    in_reach(by, transfer.goal)
    if by.id == transfer.given_by_id:
        raise AnotherPersonNeeded(item=str(transfer.item), name=by.name)
    TRANSFER.move(transfer, "taken", at=at, subject=str(transfer.item), taken_by_id=by.id)
    ITEM.move(transfer.item, "in_store", at=at, subject=str(transfer.item), place_id=transfer.goal_id)
    of_item(events.TRANSFER_ENDED, transfer.item, by=by, at=at, subject=transfer, state="taken")
    return transfer


@transaction.atomic
def transfer_call_back(*, transfer: ItemTransfer, by: Actor, at: datetime) -> ItemTransfer:
    """What is still on its way stays where it came from; said at the store it left."""
    require(by, "equipment.keep")
    in_reach(by, transfer.origin)
    TRANSFER.move(transfer, "called_back", at=at, subject=str(transfer.item))
    ITEM.move(transfer.item, "in_store", at=at, subject=str(transfer.item))
    of_item(events.TRANSFER_ENDED, transfer.item, by=by, at=at, subject=transfer, state="called_back")
    return transfer
