"""Many at one go, each told; bookings that can't cross; two signatures; the store counted against the book."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotPermitted, WrongState
from anlan.equipment.errors import (
    AnotherPersonNeeded,
    AuthorisationMissing,
    BookingTooLong,
    DoorMayNotClose,
    ItemBooked,
    RoundsDontAdd,
    TermsNotAgreed,
)
from anlan.equipment.models import BookedHour, Item, ItemModel, Loan, Passage
from anlan.equipment.selectors import item_for
from anlan.equipment.services import (
    booking_ask,
    booking_decide,
    gate_set,
    items_issue,
    items_return,
    loan_confirm,
    loan_issue,
    loan_return,
    loans_forget,
    stock_count,
    transfer_begin,
    transfer_take,
)
from world import T0

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_many_are_lent_at_one_go_and_each_refusal_stops_no_other(world, thing):
    for number in ("B-1", "B-2", "B-3"):
        thing(number)
    ida, eve = world.actor("ida"), world.people["eve"]
    with override("en"):
        told = items_issue(numbers=["B-1", "B-9", "B-2", "B-1"], holder=eve, by=ida, at=T0, purpose="安保")
    assert [(one.number, one.loan is not None) for one in told] == [("B-1", True), ("B-9", False), ("B-2", True)]
    with override("zh-hans"):
        said = items_issue(numbers=["B-9"], holder=eve, by=ida, at=T0)[0].refusal
    # Each reads why in their own language.
    assert told[1].refusal
    assert said != told[1].refusal
    back = items_return(numbers=["B-2", "B-3"], damaged={"B-2"}, by=ida, at=T0 + HOUR)
    assert [one.loan.state if one.loan else None for one in back] == ["damaged", None]
    # What wasn't brought stays lent; what came back damaged is inspected first; each time out was a use.
    assert Loan.objects.get(state="out").item.number == "B-1"
    assert (item_for(SYSTEM, "B-2").state, item_for(SYSTEM, "B-2").uses) == ("inspection", 1)


def test_terms_are_agreed_to_before_a_thing_goes(world, thing, baton):
    ItemModel.objects.filter(pk=baton.pk).update(terms="仅限执勤使用")
    thing("B-1")
    item, eve = item_for(SYSTEM, "B-1"), world.people["eve"]
    with pytest.raises(TermsNotAgreed):
        loan_issue(item=item, holder=eve, by=SYSTEM, at=T0)
    assert loan_issue(item=item, holder=eve, agreed=True, by=SYSTEM, at=T0).agreed_at == T0


def test_what_is_controlled_needs_an_approval_and_is_counted_to_the_round(world, thing, pistol):
    ItemModel.objects.filter(pk=pistol.pk).update(is_counted=True)
    thing("P-1", pistol)
    item, ida = item_for(SYSTEM, "P-1"), world.actor("ida")
    with pytest.raises(AuthorisationMissing):
        loan_issue(item=item, holder=world.people["eve"], by=ida, at=T0, rounds=10)
    loan = loan_issue(item=item, holder=world.people["eve"], by=ida, at=T0, rounds=10, authorisation="2026-7")
    loan = loan_confirm(loan=loan, by=world.actor("jia"), at=T0)
    with pytest.raises(RoundsDontAdd):
        loan_return(loan=loan, rounds_back=7, rounds_fired=2, by=ida, at=T0 + HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Loan.objects.filter(pk=loan.pk).update(rounds_back=7, rounds_fired=2, rounds_lost=0)
    loan_return(loan=loan, rounds_back=7, rounds_fired=3, by=ida, at=T0 + HOUR)
    assert Item.objects.get(number="P-1").rounds == 3


def test_no_door_lends_or_takes_back_what_is_controlled(world, thing, pistol):
    thing("P-1", pistol)
    item, eve = item_for(SYSTEM, "P-1"), world.people["eve"]
    door = gate_set(
        reader="d", name="门", place=world.orgs["west"], layout="pair", reference=[], by=SYSTEM, at=T0
    )  # fmt: skip
    passage = Passage.objects.create(gate=door, begin_us=0, end_us=1, ended_at=T0, judged_at=T0)
    with pytest.raises(DoorMayNotClose):
        loan_issue(item=item, holder=eve, passage=passage, authorisation="7", by=SYSTEM, at=T0)
    loan = loan_issue(item=item, holder=eve, authorisation="7", by=SYSTEM, at=T0)
    with pytest.raises(DoorMayNotClose):
        loan_return(loan=loan, passage=passage, by=SYSTEM, at=T0)


def book(world, item, name, begins, ends, by=SYSTEM):
    return booking_ask(
        item=item, person=world.people[name], starts_at=T0 + begins * HOUR, ends_at=T0 + ends * HOUR,
        purpose="马拉松安保", by=by, at=T0,
    )  # fmt: skip


def test_bookings_do_not_cross_and_a_loan_goes_around_them(world, thing):
    item = thing("B-1")
    mine = book(world, item, "eve", 24, 30)
    with pytest.raises(ItemBooked):
        book(world, item, "ben", 29, 40)
    assert book(world, item, "ben", 30, 40).state == "asked"
    with pytest.raises(BookingTooLong):
        book(world, item, "eve", 50, 50 + 15 * 24)
    with pytest.raises(AnotherPersonNeeded):
        booking_decide(booking=book(world, item, "ida", 60, 61), to="approved", by=world.actor("ida"), at=T0)
    booking_decide(booking=mine, to="approved", by=world.actor("ida"), at=T0)
    late = T0 + 24 * HOUR
    with pytest.raises(ItemBooked):
        loan_issue(item=item, holder=world.people["ben"], by=SYSTEM, at=late)
    loan_issue(item=item, holder=world.people["eve"], by=SYSTEM, at=late, due_at=T0 + 30 * HOUR)
    mine.refresh_from_db()
    assert mine.state == "fetched"
    assert not BookedHour.objects.filter(booking=mine).exists()


def test_a_loan_over_ones_own_booking_stops_at_the_next_persons(world, thing):
    item = thing("B-1")
    mine = book(world, item, "eve", 0, 2)
    booking_decide(booking=mine, to="approved", by=world.actor("ida"), at=T0)
    book(world, item, "ben", 3, 5)
    with pytest.raises(ItemBooked):
        loan_issue(item=item, holder=world.people["eve"], due_at=T0 + 4 * HOUR, by=world.actor("ida"), at=T0)
    mine.refresh_from_db()
    assert mine.state == "approved"
    loan_issue(item=item, holder=world.people["eve"], due_at=T0 + 3 * HOUR, by=world.actor("ida"), at=T0)
    mine.refresh_from_db()
    assert mine.state == "fetched"


def test_a_refused_booking_gives_its_hours_back(world, thing):
    item = thing("B-1")
    booking_decide(booking=book(world, item, "eve", 1, 3), to="refused", by=world.actor("ida"), at=T0)
    assert book(world, item, "ben", 1, 3).state == "asked"


def test_a_booking_is_given_up_by_who_asked_or_a_keeper_and_by_nobody_else(world, thing):
    booking = book(world, thing("B-1"), "eve", 1, 3)
    with pytest.raises(NotPermitted):
        booking_decide(booking=booking, to="cancelled", by=world.actor("gus"), at=T0)
    assert booking_decide(booking=booking, to="cancelled", by=world.actor("eve"), at=T0).state == "cancelled"


def test_a_transfer_bears_two_signatures_and_leaves_the_owner(world, thing):
    item = thing("B-1")
    row = transfer_begin(item=item, goal=world.orgs["west"], by=world.actor("ida"), at=T0)
    with pytest.raises(AnotherPersonNeeded):
        transfer_take(transfer=row, by=world.actor("ida"), at=T0)
    with pytest.raises(NotPermitted):
        transfer_take(transfer=row, by=world.actor("eve"), at=T0)
    transfer_take(transfer=row, by=world.actor("jia"), at=T0)
    assert (item_for(SYSTEM, "B-1").state, item_for(SYSTEM, "B-1").owner) == ("in_store", world.orgs["west"])
    with pytest.raises(WrongState):
        transfer_take(transfer=row, by=world.actor("jia"), at=T0)


def test_the_store_is_counted_against_the_book(world, thing):
    thing("B-1", epc="3414257BF400000000BC614E")
    thing("B-2")
    thing("B-3")
    loan_issue(item=item_for(SYSTEM, "B-3"), holder=world.people["eve"], by=SYSTEM, at=T0)
    row = stock_count(
        place=world.orgs["west"], read=["3414257bf400000000bc614e", " ", "X-7"], by=world.actor("ida"), at=T0
    )  # fmt: skip
    assert (row.expected, row.seen, row.missing, row.strangers) == (2, ["B-1"], ["B-2"], ["X-7"])


def test_old_loans_go_by_class_and_open_ones_stay(world, thing, pistol):
    for number, model in (("B-1", None), ("B-2", None), ("P-1", pistol)):
        thing(number, model)
    eve = world.people["eve"]
    for number in ("B-1", "P-1"):
        loan = loan_issue(item=item_for(SYSTEM, number), holder=eve, authorisation="7", by=SYSTEM, at=T0)
        if loan.state == "proposed":
            loan = loan_confirm(loan=loan, by=world.actor("jia"), at=T0)
        loan_return(loan=loan, by=SYSTEM, at=T0 + HOUR)
    loan_issue(item=item_for(SYSTEM, "B-2"), holder=eve, by=SYSTEM, at=T0)
    assert loans_forget(at=T0 + timedelta(days=366)) == 1
    assert {loan.item.number for loan in Loan.objects.all()} == {"B-2", "P-1"}
    assert loans_forget(at=T0 + timedelta(days=5 * 365 + 1)) == 1
    assert Loan.objects.get().state == "out"
