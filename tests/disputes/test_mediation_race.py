"""Twenty desks press at the same instant: one has the room, nineteen are told who and when else."""

from __future__ import annotations

import pytest

from anlan.core.models import Event
from anlan.disputes.mediation_errors import SlotTaken, WindowsTaken
from anlan.disputes.models import DeskTicket, Mediation, Session, SlotHold
from anlan.disputes.services.mediation_desk import ticket_appoint, ticket_call_next, ticket_draw
from anlan.disputes.services.sessions import session_book
from dispatch.test_race import at_once
from disputes.table import TEN, started, table_set
from world import T0, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def table():
    return table_set(build_world(units=False, roads=False))


def test_of_twenty_bookings_of_one_room_exactly_one_wins(table):
    mediations = [started(table) for _ in range(20)]
    mo = table.actor("mo")
    people = [table.person("nan"), table.person("oda")]

    def booking(k):
        # Two mediators and two lengths, so that the bookings cross in more than one row.
        return lambda: session_book(
            mediation=Mediation.objects.select_related("file", "body__organisation").get(pk=mediations[k].pk),
            starts_at=TEN,
            slots=2 + k % 2,
            mediator=people[k % 2],
            room=table.rooms[0],
            by=mo,
            at=T0,
        )

    found = at_once(*map(booking, range(20)))
    (winner,) = [session for session in found if isinstance(session, Session)]
    losers = [refusal for refusal in found if refusal is not winner]
    assert all(isinstance(refusal, SlotTaken) for refusal in losers), losers
    assert {refusal.facts["file"] for refusal in losers} == {winner.file.number}
    assert {refusal.facts["who"] for refusal in losers} == {"莫"}
    assert all(refusal.facts["free"] not in ("", "–") for refusal in losers)
    assert Session.objects.count() == 1
    assert SlotHold.objects.values("session").distinct().count() == 1
    assert Event.objects.filter(kind="disputes.session_booked").count() == 1


def test_two_windows_take_two_appointments_of_a_half_hour_and_no_third(table):
    mo = table.actor("mo")
    found = at_once(*[lambda: ticket_appoint(body=table.centre, starts_at=TEN, by=mo, at=T0) for _ in range(8)])
    assert sum(isinstance(one, DeskTicket) for one in found) == 2
    assert sum(isinstance(one, WindowsTaken) for one in found) == 6
    assert set(DeskTicket.objects.values_list("window", flat=True)) == {1, 2}


def test_numbers_of_the_day_are_given_once_and_called_once(table):
    mo = table.actor("mo")
    drawn = at_once(*[lambda: ticket_draw(body=table.centre, by=mo, at=T0) for _ in range(8)])
    assert sorted(ticket.number for ticket in drawn) == list(range(1, 9))
    called = at_once(*[lambda: ticket_call_next(body=table.centre, by=mo, at=T0) for _ in range(4)])
    assert sorted(ticket.number for ticket in called) == [1, 2, 3, 4]
