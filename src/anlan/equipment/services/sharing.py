"""What stations share: a thing is booked, goes to another store, and the store is counted."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import Overtaken, WrongState
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.equipment import events
from anlan.equipment.errors import AnotherPersonNeeded, BookingTooLong, ItemBooked, ItemNotReady
from anlan.equipment.life_rules import BOOKING, LONGEST_BOOKING, TRANSFER, hours_of
from anlan.equipment.models import BookedHour, Booking, Item, ItemTransfer, StockCount
from anlan.equipment.rules import ITEM
from anlan.equipment.services.register import in_reach, of_item, signer


@transaction.atomic
def booking_ask(
    *, item: Item, person: Person, starts_at: datetime, ends_at: datetime, purpose: str, by: Actor, at: datetime
) -> Booking:
    """Speak for a thing; its hours are taken at once, and free again if it is refused. Raises ``ItemBooked``."""
    require(by, "equipment.book")
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
def transfer_begin(*, item: Item, goal: Organisation, by: Actor, at: datetime) -> ItemTransfer:
    """The first signature: a thing leaves for another store; its owner stays who it is. Raises ``ItemNotReady``."""
    require(by, "equipment.keep")
    in_reach(by, item.place)
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
def stock_count(*, place: Organisation, read: list[str], by: Actor, at: datetime) -> StockCount:
    """A sweep of the store (numbers or tags) against the book: what is there, what isn't, and what is another's."""
    require(by, "equipment.keep")
    in_reach(by, place)
    marks = {mark.strip().upper() for mark in read if mark.strip()}
    book = Item.objects.filter(place=place).exclude(state__in=("out", "moving", "scrapped", "missing"))
    names = {item.number: {item.number.upper(), *item.tags.filter(off_at=None).values_list("epc", flat=True)}
             for item in book.prefetch_related("tags")}  # fmt: skip
    seen = sorted(number for number, own in names.items() if own & marks)
    known = {mark for own in names.values() for mark in own}
    row = StockCount.objects.create(
        place=place, counted_at=at, counted_by_id=signer(by), expected=len(names), seen=seen,
        missing=sorted(set(names) - set(seen)), strangers=sorted(marks - known)[:500],
    )  # fmt: skip
    event_record(
        events.STOCK_COUNTED, subject=row, by=by, at=at, org_ids=(place.pk,),
        expected=row.expected, seen=len(seen), strangers=len(row.strangers),
    )  # fmt: skip
    return row
