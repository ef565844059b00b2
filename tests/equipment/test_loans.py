"""A thing is lent to one at a time, comes back whole or damaged, and a controlled one needs two people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotFound, NotPermitted, WrongState
from anlan.core.models import Event
from anlan.equipment import events
from anlan.equipment.errors import DueBeforeLoan, ItemLent, ItemNotReady, NumberTaken, SecondPersonNeeded, TagTaken
from anlan.equipment.models import Loan
from anlan.equipment.selectors import day_of, held_by, item_for
from anlan.equipment.services import item_state_set, loan_confirm, loan_issue, loan_return, loan_reverse
from world import T0

pytestmark = pytest.mark.django_db
EPC = "3414257BF400000000BC614E"


def lend(world, item, by=SYSTEM, **more):
    return loan_issue(item=item, holder=world.people["eve"], by=by, at=T0, **more)


def test_a_thing_is_lent_to_one_at_a_time(world, thing):
    item = thing("B-1")
    loan = lend(world, item)
    assert (item.state, loan.due_at) == ("out", T0 + timedelta(hours=10))
    with pytest.raises(ItemLent) as refused:
        lend(world, item)
    assert refused.value.facts["holder"] == world.people["eve"].name
    with pytest.raises(IntegrityError), transaction.atomic():
        Loan.objects.create(item=item, holder=world.people["ben"], state_since=T0, made_at=T0, due_at=loan.due_at)
    assert Event.objects.filter(kind=events.LOAN_MADE).count() == 1


def test_back_and_fit_for_use_are_two_things(world, thing):
    item = thing("B-1")
    loan_return(loan=lend(world, item), is_damaged=True, by=SYSTEM, at=T0 + timedelta(hours=1))
    assert item_for(SYSTEM, "B-1").state == "inspection"
    with pytest.raises(ItemNotReady):
        lend(world, item_for(SYSTEM, "B-1"))
    for to in ("repair", "inspection", "in_store"):
        item_state_set(item=item, to=to, by=SYSTEM, at=T0 + timedelta(hours=2))
    assert lend(world, item).state == "out"


def test_a_controlled_thing_waits_for_a_second_person(world, thing, pistol):
    ida, gus = world.actor("ida"), world.actor("gus")
    loan = lend(world, thing("P-1", pistol), by=ida, authorisation="2026-7")
    assert loan.state == "proposed"
    with pytest.raises(SecondPersonNeeded):
        loan_confirm(loan=loan, by=ida, at=T0)
    with pytest.raises(NotPermitted):
        loan_confirm(loan=loan, by=gus, at=T0)
    with pytest.raises(SecondPersonNeeded):
        loan_confirm(loan=loan, by=SYSTEM, at=T0)
    jia = world.actor("jia")
    assert loan_confirm(loan=loan, by=jia, at=T0).state == "out"
    with pytest.raises(WrongState):
        loan_confirm(loan=loan, by=jia, at=T0)


def test_a_loan_that_was_none_is_taken_back_and_stays_on_record(world, thing):
    item = thing("B-1")
    loan_reverse(loan=lend(world, item), by=SYSTEM, at=T0 + timedelta(minutes=5))
    assert item_for(SYSTEM, "B-1").state == "in_store"
    assert item.loans.get().state == "reversed"


def test_due_before_it_is_lent_is_refused(world, thing):
    with pytest.raises(DueBeforeLoan):
        lend(world, thing("B-1"), due_at=T0 - timedelta(hours=1))


def test_numbers_and_tags_are_one_things_only(thing):
    thing("B-1", epc=EPC)
    with pytest.raises(NumberTaken):
        thing("B-1")
    with pytest.raises(TagTaken) as refused:
        thing("B-2", epc=EPC.lower())
    assert "B-1" in refused.value.facts["item"]


def test_owner_and_place_decide_who_sees_it(world, thing):
    thing("B-1")
    assert item_for(world.actor("ida"), "B-1").number == "B-1"
    with pytest.raises(NotFound):
        item_for(world.actor("cleo"), "B-1")


def test_the_keeper_sees_what_is_overdue_and_the_officer_what_they_hold(world, thing):
    loan = lend(world, thing("B-1"))
    late = loan.due_at + timedelta(minutes=1)
    assert day_of(world.actor("ida"), at=late).overdue == [loan]
    assert day_of(world.actor("cleo"), at=late).overdue == []
    assert held_by(world.people["eve"].pk) == [loan]
