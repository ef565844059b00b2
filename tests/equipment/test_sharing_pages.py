"""On the pages: bookings are asked for, things change stores, stores are counted, one takes for oneself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.equipment.models import Booking, Item, ItemTransfer, Loan, StockCount
from anlan.equipment.services import item_add, loan_issue

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(world):
    """``page("ida", "/equipment/board")`` looks; with fields it sends and follows the answer."""
    sent = iter(range(1000))

    def act(who, path, **fields):
        client = Client()
        client.force_login(world.people[who])
        if not fields:
            return client.get(path)
        return client.post(path, fields | {"idempotency_key": f"key-of-this-form-{next(sent):04d}"}, follow=True)

    return act


def local(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def spell(hours=2, lasting=4):
    begin = now() + timedelta(hours=hours)
    return {"starts_at": local(begin), "ends_at": local(begin + timedelta(hours=lasting)), "purpose": "庙会安保"}


def test_what_is_asked_for_stands_in_the_calendar_and_is_promised_by_another(world, thing, page):
    thing("B-1")
    assert page("eve", "/equipment/bookings/ask", number="b-1", **spell()).status_code == 200
    booking = Booking.objects.get()
    told = page("ida", "/equipment/bookings")
    assert [one.pk for one in told.context["waiting"]] == [booking.pk]
    assert "asked" in {cell.kind for cell in told.context["lines"][0].cells}
    page("ida", f"/equipment/bookings/{booking.pk}/decide", to="approved")
    booking.refresh_from_db()
    assert (booking.state, booking.decided_by_id) == ("approved", world.people["ida"].pk)
    # The same hours again: whose they are and until when is told.
    again = page("ida", "/equipment/bookings/ask", number="B-1", **spell(3, 1))
    assert again.status_code == 409
    page("eve", f"/equipment/bookings/{booking.pk}/cancel", sure="yes")
    booking.refresh_from_db()
    assert booking.state == "cancelled"


def test_so_many_of_a_kind_are_booked_at_once_or_none(thing, page):
    for number in ("B-1", "B-2"):
        thing(number)
    few = page("eve", "/equipment/bookings/ask", place="west", kind="baton", count="3", **spell())
    assert (few.status_code, Booking.objects.count()) == (409, 0)
    page("eve", "/equipment/bookings/ask", place="west", kind="baton", count="2", **spell())
    assert Booking.objects.count() == 2


@pytest.mark.parametrize(
    "fields", [{"number": "nobody-knows"}, {"count": "-1", "place": "west", "kind": "baton"}, {}]
)
def test_a_booking_of_nothing_is_refused_in_words(thing, page, fields):
    thing("B-1")
    assert page("eve", "/equipment/bookings/ask", **fields, **spell()).status_code in (400, 404, 422)
    assert not Booking.objects.exists()


@pytest.mark.parametrize("day", ["2026-13-45", "0000-00-00", "9999-12-31", "yesterday", ""])
def test_a_week_that_is_none_shows_this_one(thing, page, day):
    thing("B-1")
    assert page("ida", f"/equipment/bookings?from={day}&place=none&kind=none").status_code == 200


def test_a_byte_that_no_store_keeps_breaks_no_page(thing, page):
    thing("B-1")
    assert page("ida", "/equipment/bookings?place=%00&kind=%00").status_code == 200
    assert page("ida", "/equipment/board?kind=%00").status_code == 200
    assert page("eve", "/equipment/q/%00").status_code == 422
    assert page("eve", "/equipment/own/take", number="B-1\0").status_code == 422
    assert page("ida", "/equipment/counts/begin", place="west", read="B-1\0").status_code == 422


def test_a_thing_changes_stores_under_two_signatures(world, thing, page):
    thing("B-1")
    page("ida", "/equipment/transfers/begin", number="B-1", goal="east")
    row = ItemTransfer.objects.get()
    assert (row.state, row.given_by_id) == ("under_way", world.people["ida"].pk)
    assert page("ida", "/equipment/transfers").status_code == 200
    page("ida", f"/equipment/transfers/{row.pk}/back", sure="yes")
    row.refresh_from_db()
    assert (row.state, Item.objects.get().state) == ("called_back", "in_store")
    page("ida", "/equipment/transfers/begin", number="B-1", goal="east")
    again = ItemTransfer.objects.get(state="under_way")
    # Her own signature is not the second one, wherever she stands.
    assert page("ida", f"/equipment/transfers/{again.pk}/receive", sure="yes").status_code in (403, 404, 409)
    assert page("jia", f"/equipment/transfers/{again.pk}/receive", sure="yes").status_code == 200
    again.refresh_from_db()
    assert again.taken_by_id == world.people["jia"].pk


def test_a_store_is_counted_in_sweeps_and_what_was_not_seen_is_missing_when_it_is_closed(world, thing, page):
    for number in ("B-1", "B-2", "B-3"):
        thing(number)
    page("ida", "/equipment/counts/begin", place="west", read="b-1\nhttp://anlan/equipment/q/B-2, E280")
    count = StockCount.objects.get()
    assert (count.seen, count.missing, count.strangers) == (["B-1", "B-2"], ["B-3"], ["E280"])
    assert page("ida", f"/equipment/counts/{count.pk}/add", read=" ").status_code in (400, 422)
    page("ida", f"/equipment/counts/{count.pk}/settle", sure="yes")
    assert Item.objects.get(number="B-3").state == "missing"
    assert page("ida", f"/equipment/counts/{count.pk}").status_code == 200


def test_an_officer_takes_and_returns_an_ordinary_thing_by_its_label(world, thing, page):
    thing("B/1")
    label = page("eve", "/equipment/q/B/1")
    assert label.context["is_near"]
    page("eve", "/equipment/own/take", number="http://anlan.local/equipment/q/B%2F1")
    loan = Loan.objects.get()
    assert (loan.holder, loan.state) == (world.people["eve"], "out")
    assert page("eve", "/equipment/q/B%2F1").context["is_own"]
    page("eve", f"/equipment/own/{loan.pk}/fault", fault="扣带断了")
    page("eve", f"/equipment/own/{loan.pk}/longer", until=local(loan.due_at + timedelta(hours=3)))
    assert [one.pk for one in page("ida", "/equipment/bookings").context["longer"]] == [loan.pk]
    page("ida", f"/equipment/loans/{loan.pk}/longer", granted="yes")
    assert page("eve", "/equipment/mine").status_code == 200
    page("eve", f"/equipment/own/{loan.pk}/return", damaged="no")
    # What was told of it while it was out is looked at before anybody has it again.
    assert (Loan.objects.get().state, Item.objects.get().state) == ("damaged", "inspection")


def test_another_persons_loan_is_not_ones_own(world, thing, page):
    loan = loan_issue(item=thing("B-1"), holder=world.people["eve"], by=SYSTEM, at=now())
    assert page("ida", f"/equipment/own/{loan.pk}/return", damaged="no").status_code == 409


def test_a_half_return_at_the_counter_says_what_is_still_out(world, thing, page):
    for number in ("B-1", "B-2"):
        loan_issue(item=thing(number), holder=world.people["eve"], by=SYSTEM, at=now())
    told = page("ida", "/equipment/counter/return", numbers="b-1")
    assert [loan.item.number for loan in told.context["left"]] == ["B-2"]


def test_rounds_are_counted_back_on_the_keepers_page(world, pistol, page):
    item = item_add(number="P-1", model=pistol, owner=world.orgs["west"], by=SYSTEM, at=now())
    Item.objects.filter(pk=item.pk).update(state="out")
    loan = Loan.objects.create(
        item=item, holder=world.people["eve"], state="out", state_since=now(), made_at=now(),
        due_at=now() + timedelta(hours=1), rounds_out=15,
    )  # fmt: skip
    wrong = page("ida", f"/equipment/loans/{loan.pk}/return", damaged="no", rounds_back="14")
    assert wrong.status_code in (409, 422, 400)
    page("ida", f"/equipment/loans/{loan.pk}/return", damaged="no", rounds_back="14", rounds_fired="1")
    assert Loan.objects.get().state == "returned"
