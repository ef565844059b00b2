"""Two people at the same instant: one wins, the other is told who, since when and what now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from anlan.core.errors import DomainError
from anlan.core.models import Event
from anlan.dispatch.errors import FeedbackAlreadyReviewed
from anlan.dispatch.models import Assignment, Feedback
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_cancel,
    feedback_return,
    feedback_review,
    unit_assign,
)
from anlan.intake.models import Incident
from anlan.units.errors import UnitNotAvailable
from anlan.units.models import Unit
from dispatch.scene import incident_of, later, reported, send
from world import T0, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run all acts in threads of their own, from one starting gun; what each gave, or the refusal it met."""
    gun = threading.Barrier(len(acts))
    found: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gun.wait(timeout=30)
            found[place] = act()
        except DomainError as refusal:
            found[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


@pytest.fixture
def town():
    return build_world()


def test_two_dispatchers_send_one_unit_at_the_same_instant(town):
    incidents = [incident_of(town), incident_of(town)]
    people = [town.actor("ada"), town.actor("jia")]

    def sending(k):
        return lambda: unit_assign(
            incident=Incident.objects.get(pk=incidents[k].pk),
            unit=Unit.objects.get(call_sign="P-01"),
            by=people[k],
            at=T0,
        )

    found = at_once(sending(0), sending(1))
    (winner,) = [k for k in (0, 1) if isinstance(found[k], Assignment)]
    refusal = found[1 - winner]
    assert isinstance(refusal, UnitNotAvailable)
    assert refusal.facts["sender"] == people[winner].name
    assert refusal.facts["incident"] == incidents[winner].number
    assert refusal.facts["since"] == T0
    assert refusal.facts["alternative"] == "P-02"
    assert Assignment.objects.count() == 1
    assert sorted(Incident.objects.values_list("state", flat=True)) == ["dispatched", "open"]
    assert Event.objects.filter(kind="dispatch.unit_assigned").count() == 1


def test_of_eight_dispatchers_one_gets_the_unit(town):
    incidents = [incident_of(town) for _ in range(8)]
    ada = town.actor("ada")

    def sending(pk):
        return lambda: unit_assign(
            incident=Incident.objects.get(pk=pk), unit=Unit.objects.get(call_sign="P-01"), by=ada, at=T0
        )

    found = at_once(*(sending(incident.pk) for incident in incidents))
    assert sum(isinstance(one, Assignment) for one in found) == 1
    assert sum(isinstance(one, UnitNotAvailable) for one in found) == 7


def test_two_units_arriving_at_the_same_instant_give_one_first_arrival(town):
    incident, ada = incident_of(town), town.actor("ada")
    pks = [send(town, incident, sign).pk for sign in ("P-01", "P-02")]

    def arriving(pk):
        return lambda: assignment_arrive(
            assignment=Assignment.objects.select_related("unit", "incident").get(pk=pk), by=ada, at=later(minutes=3)
        )

    found = at_once(*(arriving(pk) for pk in pks))
    assert all(isinstance(one, Assignment) for one in found)
    incident.refresh_from_db()
    assert (incident.state, incident.first_arrived_at) == ("on_scene", later(minutes=3))


def test_the_unit_arrives_while_the_desk_calls_it_off(town):
    incident, ada = incident_of(town), town.actor("ada")
    pk = send(town, incident).pk

    def row():
        return Assignment.objects.select_related("unit", "incident").get(pk=pk)

    at_once(
        lambda: assignment_arrive(assignment=row(), by=ada, at=later(minutes=3)),
        lambda: assignment_cancel(assignment=row(), reason="not needed", by=ada, at=later(minutes=3)),
    )
    incident.refresh_from_db()
    end = row()
    # Arriving may come first and be called off after; never may a called-off unit still stand on scene.
    assert (end.state, end.unit.state, incident.state) == ("cancelled", "available", "open")


def test_two_reviewers_of_one_sheet(town):
    sheet = reported(town, incident_of(town))

    def row():
        return Feedback.objects.select_related("incident").get(pk=sheet.pk)

    found = at_once(
        lambda: feedback_review(feedback=row(), by=town.actor("ida"), at=later(hours=1)),
        lambda: feedback_return(feedback=row(), reason="thin", by=town.actor("jia"), at=later(hours=1)),
    )
    assert sum(isinstance(one, FeedbackAlreadyReviewed) for one in found) == 1
    assert row().review in ("agreed", "returned")
