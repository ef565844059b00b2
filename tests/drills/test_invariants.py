"""The checks after every drill: zero in a sound store, and a planted fault is found by its name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from anlan.core.models import Event
from anlan.dispatch.models import Assignment
from anlan.dispatch.services import assignment_cancel
from anlan.drills.invariants import CHECKS, invariants_check
from anlan.intake.models import Call, Incident
from anlan.intake.services import CallSheet, call_receive
from anlan.units.models import Unit
from dispatch.scene import later, reported, send
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def world(taxonomy):
    return build_world()


@pytest.fixture
def matter(world):
    """A call taken live, with P-01 sent to it."""
    sheet = CallSheet(narrative="有人打架", code="0201", lon=120.065, lat=28.9)
    incident = call_receive(line=sheet, at=T0, by=world.actor("ada")).incident
    send(world, incident)
    return incident


def broken() -> set[str]:
    return {name for name, count in invariants_check().items() if count}


def test_a_sound_store_breaks_none_of_them(world, matter):
    assert set(invariants_check()) == set(CHECKS)
    assert broken() == set()
    row = Assignment.objects.get()
    assignment_cancel(assignment=row, reason="误派", by=world.actor("ada"), at=later(seconds=5))
    assert broken() == set()


def test_a_unit_in_two_places_is_found(world, matter):
    second = call_receive(
        line=CallSheet(narrative="盗窃", code="0107", lon=120.145, lat=28.9), at=T0, by=world.actor("ada")
    ).incident
    rules = [c.name for c in Assignment._meta.constraints if "unit" in c.name]
    assert rules, "the database itself must forbid it"
    row = Assignment.objects.get()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in rules:
            cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(name)}")
    Assignment.objects.create(incident=second, unit=row.unit, state="sent", state_since=T0, sent_at=T0, ended_at=None)
    assert broken() == {"units_in_two_places"}


def test_times_that_run_backwards_are_found(world, matter):
    Assignment.objects.update(state="signed", signed_at=T0 - timedelta(seconds=1))
    assert broken() == {"times_backwards"}


def test_a_busy_unit_without_an_assignment_and_a_free_one_with_one_are_found(world, matter):
    Unit.objects.filter(call_sign="P-01").update(state="available")
    Unit.objects.filter(call_sign="P-02").update(state="en_route")
    assert broken() == {"busy_units_without_assignment", "assignments_with_free_unit"}


def test_an_incident_nobody_told_of_is_found(world, matter):
    Event.objects.filter(kind="intake.incident_opened").delete()
    assert broken() == {"incidents_without_opening_event"}


def test_a_call_filed_under_nothing_and_an_incident_without_a_call_are_found(world, matter):
    Call.objects.update(incident=None, filed_under=None, is_opening=False)
    assert broken() == {"calls_left_out", "incidents_without_call"}


def test_a_matter_closed_while_a_unit_is_still_there_is_found(world, matter):
    Incident.objects.update(state="closed", closed_at=T0)
    assert broken() == {"closed_with_unit_still_there"}


def test_danger_that_went_to_no_police_is_found_unless_a_person_decided_so(world, matter):
    Incident.objects.update(danger=["weapon"], priority="P3", track="C", track_rule="type")
    assert broken() == {"danger_without_police"}
    Incident.objects.update(track_rule="person:ada")
    assert broken() == set()


def test_a_matter_played_to_its_end_is_sound(world):
    incident = call_receive(
        line=CallSheet(narrative="有人打架", code="0201", lon=120.065, lat=28.9), at=T0, by=world.actor("ada")
    ).incident
    reported(world, incident)
    assert broken() == set()
