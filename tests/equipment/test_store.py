"""Many at one go, each told; bookings that can't cross; two signatures; the store counted against the book."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotFound, NotPermitted, WrongState
from anlan.engines.rfid import Sighting, journal_line
from anlan.equipment import selectors_sharing
from anlan.equipment.errors import (
    AnotherPersonNeeded,
    AuthorisationMissing,
    BookingTooLong,
    CounterOnly,
    CountSettled,
    DoorMayNotClose,
    ItemBooked,
    LentThen,
    LongerTooLong,
    NotYourLoan,
    RoundsDontAdd,
    SameStore,
    TermsNotAgreed,
)
from anlan.equipment.marks import label_of, mark_of, marks_read
from anlan.equipment.models import BookedHour, Item, ItemModel, Loan, Passage
from anlan.equipment.selectors import item_for
from anlan.equipment.services import (
    booking_ask,
    booking_decide,
    bookings_lapse,
    fault_report,
    gate_set,
    item_add,
    item_take_own,
    items_issue,
    items_return,
    loan_confirm,
    loan_give_back,
    loan_issue,
    loan_longer_ask,
    loan_longer_decide,
    loan_return,
    loans_forget,
    stock_count,
    stock_count_add,
    stock_count_settle,
    transfer_begin,
    transfer_call_back,
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


def test_what_is_never_fetched_is_free_again_after_two_hours_and_what_was_fetched_stays(world, thing):
    mine, other = book(world, thing("B-1"), "eve", 1, 9), book(world, thing("B-2"), "eve", 1, 9)
    for booking in (mine, other):
        booking_decide(booking=booking, to="approved", by=world.actor("ida"), at=T0)
    loan_issue(item=other.item, holder=world.people["eve"], by=SYSTEM, at=T0 + timedelta(hours=1))
    assert bookings_lapse(at=T0 + timedelta(hours=2, minutes=59)) == 0
    assert bookings_lapse(at=T0 + timedelta(hours=3)) == 1
    for booking, state in ((mine, "lapsed"), (other, "fetched")):
        booking.refresh_from_db()
        assert booking.state == state
    assert not BookedHour.objects.filter(booking=mine).exists()
    assert book(world, mine.item, "ida", 4, 8).state == "asked"
    assert mine in selectors_sharing.bookings_own(world.people["eve"].pk, at=T0 + timedelta(hours=3))
    assert bookings_lapse(at=T0 + timedelta(hours=3)) == 0


def test_a_booking_is_given_up_by_who_asked_or_a_keeper_and_by_nobody_else(world, thing):
    booking = book(world, thing("B-1"), "eve", 1, 3)
    with pytest.raises(NotPermitted):
        booking_decide(booking=booking, to="cancelled", by=world.actor("gus"), at=T0)
    assert booking_decide(booking=booking, to="cancelled", by=world.actor("eve"), at=T0).state == "cancelled"


def test_a_transfer_bears_two_signatures_and_leaves_the_owner(world, thing):
    item, east = thing("B-1"), world.orgs["east"]
    with pytest.raises(SameStore):
        transfer_begin(item=item, goal=world.orgs["west"], by=world.actor("ida"), at=T0)
    row = transfer_begin(item=item, goal=east, by=world.actor("jia"), at=T0)
    with pytest.raises(AnotherPersonNeeded):
        transfer_take(transfer=row, by=world.actor("jia"), at=T0)
    with pytest.raises(NotPermitted):
        transfer_take(transfer=row, by=world.actor("eve"), at=T0)
    with pytest.raises(NotFound):
        transfer_call_back(transfer=row, by=world.actor("cleo"), at=T0)
    transfer_take(transfer=row, by=world.actor("cleo"), at=T0)
    item = item_for(SYSTEM, "B-1")
    assert (item.state, item.owner, item.place) == ("in_store", world.orgs["west"], east)
    with pytest.raises(WrongState):
        transfer_call_back(transfer=row, by=world.actor("jia"), at=T0)
    other = transfer_begin(item=item, goal=world.orgs["west"], by=world.actor("cleo"), at=T0)
    transfer_call_back(transfer=other, by=world.actor("cleo"), at=T0)
    item.refresh_from_db()
    assert (item.state, item.place) == ("in_store", east)


def test_the_store_is_counted_against_the_book(world, thing):
    thing("B-1", epc="3414257BF400000000BC614E")
    for number in ("B-2", "B-3", "B-4"):
        thing(number)
    ida, west = world.actor("ida"), world.orgs["west"]
    loan_issue(item=item_for(SYSTEM, "B-3"), holder=world.people["eve"], by=SYSTEM, at=T0)
    sweep = ["3414257bf400000000bc614e", " ", "X-7", "https://anlan.example/equipment/q/B-3"]
    row = stock_count(place=west, read=sweep, by=ida, at=T0)
    assert (row.expected, row.seen, row.missing) == (3, ["B-1"], ["B-2", "B-4"])
    # Lent by the book, yet lying there; and what nobody knows.
    assert (row.others, row.strangers) == (["B-3"], ["X-7"])
    row = stock_count_add(count=row, read=["b-2"], by=ida, at=T0 + HOUR)
    assert (row.seen, row.missing, row.strangers) == (["B-1", "B-2"], ["B-4"], ["X-7"])
    stock_count_settle(count=row, by=ida, at=T0 + HOUR)
    assert [item_for(SYSTEM, number).state for number in ("B-2", "B-3", "B-4")] == ["in_store", "out", "missing"]
    with pytest.raises(CountSettled):
        stock_count_add(count=row, read=["B-4"], by=ida, at=T0 + HOUR)
    found = stock_count(place=west, read=["B-4"], by=ida, at=T0 + 2 * HOUR)
    stock_count_settle(count=found, by=ida, at=T0 + 2 * HOUR)
    assert item_for(SYSTEM, "B-4").state == "inspection"


def test_one_kind_is_counted_alone_and_another_stations_thing_is_told_not_refused(world, thing, baton, pistol):
    thing("B-1")
    thing("P-1", pistol)
    item_add(number="E-1", model=baton, owner=world.orgs["east"], by=SYSTEM, at=T0)
    row = stock_count(place=world.orgs["west"], read=["E-1", "P-1"], model=baton, by=world.actor("ida"), at=T0)
    assert (row.expected, row.missing, row.others, row.strangers) == (1, ["B-1"], ["E-1"], [])


def test_an_officer_takes_and_brings_back_ordinary_things_for_himself_alone(world, thing, pistol):
    eve, ida = world.actor("eve"), world.actor("ida")
    with pytest.raises(CounterOnly):
        item_take_own(item=thing("P-1", pistol), by=eve, at=T0)
    item, other = thing("B-1"), thing("B-2")
    loan = item_take_own(item=item, by=eve, at=T0)
    assert (loan.state, loan.holder, loan.made_by) == ("out", world.people["eve"], world.people["eve"])
    others = loan_issue(item=other, holder=world.people["ben"], by=ida, at=T0)
    with pytest.raises(NotYourLoan):
        loan_give_back(loan=others, by=eve, at=T0)
    with pytest.raises(NotPermitted):
        item_take_own(item=item, by=world.actor("dan"), at=T0)
    with pytest.raises(NotFound):
        item_take_own(item=other, by=world.actor("cleo"), at=T0)
    # A fault told while it is out sends it to inspection, whoever takes it back.
    fault_report(loan=loan, words="卡扣松了", by=eve, at=T0 + HOUR)
    assert loan_give_back(loan=loan, by=eve, at=T0 + HOUR).state == "damaged"
    assert item_for(SYSTEM, "B-1").state == "inspection"


def test_a_loan_is_kept_longer_when_a_keeper_says_so_and_nobody_has_booked_it(world, thing):
    item, eve, ida = thing("B-1"), world.actor("eve"), world.actor("ida")
    loan = loan_issue(item=item, holder=world.people["eve"], by=ida, at=T0, due_at=T0 + 8 * HOUR)
    with pytest.raises(LongerTooLong):
        loan_longer_ask(loan=loan, until=T0 + 7 * HOUR, by=eve, at=T0)
    loan_longer_ask(loan=loan, until=T0 + 12 * HOUR, by=eve, at=T0)
    with pytest.raises(NotPermitted):
        loan_longer_decide(loan=loan, is_granted=True, by=eve, at=T0)
    loan_longer_decide(loan=loan, is_granted=True, by=ida, at=T0)
    assert (loan.due_at, loan.asked_until) == (T0 + 12 * HOUR, None)
    with pytest.raises(LentThen):
        book(world, item, "ben", 11, 13)
    book(world, item, "ben", 14, 16)
    with pytest.raises(ItemBooked):
        loan_longer_ask(loan=loan, until=T0 + 15 * HOUR, by=eve, at=T0)


def test_the_board_counts_all_stations_things_and_names_nobody(world, thing, baton):
    for number in ("B-1", "B-2", "B-3"):
        thing(number)
    item_add(number="E-1", model=baton, owner=world.orgs["east"], by=SYSTEM, at=T0)
    loan_issue(item=item_for(SYSTEM, "B-1"), holder=world.people["eve"], by=SYSTEM, at=T0)
    book(world, item_for(SYSTEM, "B-2"), "ben", 2, 4)
    (kind,) = selectors_sharing.board(at=T0)
    assert [(one.place.code, one.total, one.free, one.lent, one.booked) for one in kind.stocks] == [
        ("east", 1, 1, 0, 0),
        ("west", 3, 1, 1, 1),
    ]
    items = selectors_sharing.items_shared(place=world.orgs["west"], model=baton, actor=world.actor("cleo"))
    seen = {name: selectors_sharing.calendar(world.actor(name), items, first=T0) for name in ("cleo", "ida")}
    names = {name: {cell.name for line in lines for cell in line.cells} for name, lines in seen.items()}
    assert names == {"cleo": {""}, "ida": {"", "本", "伊芙"}}
    for lines in seen.values():
        assert all(sum(cell.span for cell in line.cells) == 28 for line in lines)


def test_what_a_scanner_types_is_read_whatever_it_is(world):
    sight = journal_line(Sighting(reader="h", antenna=1, epc="3414257bf400000000bc614e", t_us=1, received_us=1))
    marks, unread = marks_read(f"B-1, b-2；https://x.example/equipment/q/FC%2F7/\n{sight}\n{{broken")
    assert (marks, unread) == (["B-1", "B-2", "FC/7", "3414257BF400000000BC614E"], 1)
    assert mark_of(label_of("防刺 7", "https://x.example")) == "防刺 7"
    assert label_of("FC-7", "") == "FC-7"


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
