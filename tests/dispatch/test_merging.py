"""Two incidents turn out to be one: the units on their way count for the one that stands for both."""

from __future__ import annotations

import pytest

from anlan.dispatch.handlers import merges_follow
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_finish,
    feedback_file,
    feedback_review,
    incident_close,
)
from anlan.intake.services import incident_merge, incident_unmerge
from dispatch.scene import incident_of, later, send
from world import build_world

# Events are read once their transaction is settled, so each step here is one of its own.
pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def world(transactional_db):
    return build_world()


@pytest.fixture
def pair(world):
    """Two incidents; P-01 is on its way to the second, which then is merged into the first."""
    first, second = incident_of(world), incident_of(world)
    assignment = send(world, second, "P-01", later(seconds=20))
    incident_merge(incident=second, into=first, by=world.actor("ada"), at=later(seconds=60))
    merges_follow(at=later(seconds=61))
    first.refresh_from_db()
    second.refresh_from_db()
    assignment.refresh_from_db()
    return first, second, assignment


def test_the_incident_that_stands_for_both_is_sent_since_the_unit_was(pair):
    first, second, _ = pair
    assert (first.state, first.first_sent_at, second.state) == ("dispatched", later(seconds=20), "merged")


def test_reading_the_events_twice_changes_nothing(pair):
    assert merges_follow(at=later(seconds=62)) <= 1  # only what the first reading itself told
    assert merges_follow(at=later(seconds=63)) == 0


def test_the_matter_runs_on_to_its_end(pair, world):
    first, _, assignment = pair
    eve = world.actor("eve")
    assignment_arrive(assignment=assignment, by=eve, at=later(minutes=4))
    first.refresh_from_db()
    assert (first.state, first.first_arrived_at) == ("on_scene", later(minutes=4))
    assignment_finish(assignment=assignment, by=eve, at=later(minutes=9))
    sheet = feedback_file(
        incident=assignment.incident, assignment=assignment, result="helped", by=eve, at=later(minutes=12)
    )
    assert sheet.incident == first
    feedback_review(feedback=sheet, by=world.actor("ida"), at=later(minutes=20))
    first.refresh_from_db()
    incident_close(incident=first, by=world.actor("ada"), at=later(minutes=30))
    assignment.refresh_from_db()
    assert (first.state, assignment.state) == ("closed", "closed")


def test_undoing_the_merge_gives_the_unit_back_to_its_own_incident(pair, world):
    first, second, _ = pair
    incident_unmerge(incident=second, by=world.actor("ada"), at=later(seconds=90))
    merges_follow(at=later(seconds=91))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.first_sent_at, second.state) == ("open", None, "dispatched")
