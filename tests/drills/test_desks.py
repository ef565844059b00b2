"""The desks of the demo are manned, one handover lies behind, and crews answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.dispatch.models import CheckIn, Handover
from anlan.dispatch.services import assignment_arrive
from anlan.dispatch.services.checkins import checkins_tick
from anlan.drills.desks import ANSWERS_AFTER, DESK_ROLES, crews_answer, desks_open
from anlan.notices.models import Notice
from anlan.units.selectors import duties_now
from dispatch.scene import incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def test_the_demo_begins_with_manned_desks_and_living_notices(world):
    desks_open(T0 + timedelta(seconds=30))
    duties = duties_now(org.pk for org in world.orgs.values())
    assert {row.role for row in duties} == set(DESK_ROLES)
    row = Handover.objects.get()
    assert (row.outgoing.username, row.incoming.username) == ("jia", "ada")
    assert sorted(Notice.objects.values_list("state", flat=True)) == ["acknowledged", "sent", "sent"]


def test_a_simulated_crew_says_that_all_is_well_before_the_desk_is_told(world):
    assignment_arrive(assignment=send(world, incident_of(world)), by=world.actor("eve"), at=T0)
    checkins_tick(at=later(minutes=20))
    assert crews_answer(later(minutes=20)) == 0
    assert crews_answer(later(minutes=20) + ANSWERS_AFTER) == 1
    assert CheckIn.objects.get().state == "running"
    assert not Notice.objects.exists()


def test_without_a_bureau_nothing_is_made_up(db):
    desks_open(T0)
    assert not Handover.objects.exists()
