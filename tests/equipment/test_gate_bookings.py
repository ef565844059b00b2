"""What was booked is known at the door: fetched it is fetched, left behind it is asked after."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.equipment import events
from anlan.equipment.errors import DoorMayNotClose
from anlan.equipment.models import BookedHour, Booking, GateQuestion, Loan
from anlan.equipment.services import (
    batch_take,
    booking_ask,
    booking_decide,
    loan_issue,
    passages_judge,
    question_answer,
)
from anlan.equipment.services.gate_books import books_of
from world import T0

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(seconds=10)
UNTIL = T0 + timedelta(hours=5)
ELSEWHERE = "3416047B1F6C4A0000000001"


@pytest.fixture
def booked(world, thing, carried, badge):
    """``booked("B-1", epc)``: a baton that Ida, whose badge is shown, may fetch till two in the afternoon."""

    def act(number, epc="", starts_at=T0, person="ida"):
        item = thing(number, epc=epc)
        booking = booking_ask(
            item=item, person=world.people[person], starts_at=starts_at, ends_at=UNTIL, purpose="庙会安保",
            by=world.actor(person), at=T0,
        )  # fmt: skip
        return booking_decide(booking=booking, to="approved", by=world.actor("jia"), at=T0)

    return act


def pass_through(gate, lines):
    batch_take(reader=gate.reader, lines=lines, by=SYSTEM, at=T0)
    passages_judge(gate=gate, at=LATER)


def test_what_was_booked_is_fetched_by_carrying_it_out_and_due_when_the_booking_ends(gate, lines, booked, carried):
    rows = [booked(f"B-{nth}", epc) for nth, epc in enumerate(carried)]
    pass_through(gate, lines)
    loan = Loan.objects.filter(state="out").first()
    assert (loan.due_at, loan.purpose) == (UNTIL, "庙会安保")
    fetched = Booking.objects.filter(state="fetched")
    assert {row.item_id for row in fetched} == set(Loan.objects.values_list("item_id", flat=True))
    assert not BookedHour.objects.filter(booking__in=fetched).exists()
    assert fetched.count() + GateQuestion.objects.count() >= len(rows)


def test_what_was_booked_and_not_heard_is_asked_after(world, gate, lines, booked, carried):
    for nth, epc in enumerate(carried):
        booked(f"B-{nth}", epc)
    left = booked("B-9", ELSEWHERE)
    pass_through(gate, lines)
    question = GateQuestion.objects.get(reason="booked_not_seen")
    assert (question.item, question.person, question.claim) == (left.item, world.people["ida"], "loan")
    # "I have that one too": said to the keeper, it is lent as booked.
    question_answer(question=question, is_so=True, by=world.actor("ida"), at=LATER)
    assert Loan.objects.get(item=left.item).due_at == UNTIL


@pytest.mark.parametrize("why", ["tomorrow", "asked only", "of another", "lent already", "no tag"])
def test_only_what_could_be_carried_out_now_is_asked_after(world, gate, lines, booked, thing, carried, why):
    for nth, epc in enumerate(carried):
        booked(f"B-{nth}", epc)
    if why == "asked only":
        booking_ask(
            item=thing("B-9", epc=ELSEWHERE), person=world.people["ida"], starts_at=T0, ends_at=UNTIL, purpose="",
            by=world.actor("ida"), at=T0,
        )  # fmt: skip
    else:
        row = booked(
            "B-9",
            "" if why == "no tag" else ELSEWHERE,
            T0 + timedelta(hours=2) if why == "tomorrow" else T0,
            "eve" if why == "of another" else "ida",
        )
        if why == "lent already":
            loan_issue(item=row.item, holder=world.people["ida"], by=SYSTEM, at=T0)
    pass_through(gate, lines)
    assert not GateQuestion.objects.filter(reason="booked_not_seen").exists()


def test_whoever_takes_nothing_of_it_is_not_asked_after_the_rest(gate, lines, booked):
    """Ida goes through for something else: that she has booked a thing is no question of this passage."""
    booked("B-9", ELSEWHERE)
    pass_through(gate, lines)
    assert not GateQuestion.objects.filter(reason="booked_not_seen").exists()


def test_a_passage_with_something_to_say_tells_so_without_a_name(world, gate, lines, booked, carried):
    booked("B-0", carried[0])
    pass_through(gate, lines)
    told = Event.objects.filter(kind=events.GATE_PROMPTED).first()
    assert (told.data["gate"], told.org_ids) == ("door-1", [world.orgs["west"].pk])
    assert world.people["ida"].name not in str(told.data)


def test_a_controlled_thing_counted_at_the_counter_is_agreed_to_and_before_that_refused(
    world, gate, lines, thing, pistol, carried, badge
):
    item = thing("P-1", pistol, epc=carried[0])
    pass_through(gate, lines)
    question = GateQuestion.objects.get(item=item)
    jia = world.actor("jia")
    with pytest.raises(DoorMayNotClose):
        question_answer(question=question, is_so=True, person=world.people["ida"], by=jia, at=LATER)
    loan_issue(item=item, holder=world.people["ida"], authorisation="2026-7", by=jia, at=LATER)
    question.refresh_from_db()
    question_answer(question=question, is_so=True, person=world.people["ida"], by=jia, at=LATER)
    assert Loan.objects.get().state == "proposed"


def test_what_went_out_together_is_known_together_when_a_part_of_it_comes_back(world, gate, thing):
    here, left, other = (thing(f"B-{nth}", epc=ELSEWHERE[:-1] + str(nth)) for nth in (1, 2, 3))
    for item, at in ((here, T0), (left, T0), (other, LATER)):
        loan_issue(item=item, holder=world.people["ida"], by=SYSTEM, at=at)
    books = books_of(gate, [ELSEWHERE[:-1] + "1"], [], at=LATER)
    assert {known.item for known in books.known.values()} == {here.number, left.number}
    assert len({known.lent_with for known in books.known.values()}) == 1
