"""The straight path: a quarrel is dispatched, calmed, followed up, accepted by the town room, and ends."""

from __future__ import annotations

import pytest

from anlan.core.actor import SYSTEM
from anlan.disputes.due import due_again
from anlan.disputes.models import DisputeFile, LevelChange, Push
from anlan.disputes.selectors import push_open_of
from anlan.disputes.services import (
    file_close,
    file_follow_up,
    file_open,
    file_settle_on_site,
    push_act,
    push_close,
    push_receive,
)
from disputes.quarrel import at_town, later, opened, people_come, pushed, quarrel
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


def test_a_file_is_opened_once_for_an_incident_and_its_holder_is_who_held_that(west):
    incident = quarrel(west)
    file = file_open(incident=incident, by=SYSTEM, at=T0)
    assert file_open(incident=incident, by=SYSTEM, at=later(minutes=5)) == file
    assert (file.number, file.state, file.holder, file.level) == (
        "D-260302-00001",
        "open",
        west.orgs["bureau"],
        "blue",
    )
    assert file.due_at == later(hours=24) == due_again(file.due_sum)
    assert LevelChange.objects.get(file=file).level == "blue"


def test_settled_on_site_goes_to_the_officer_of_the_beat_within_seven_days_all_the_same(west):
    file = opened(west)
    pushed(file, 1, at=T0)
    file_settle_on_site(file=file, by=SYSTEM, at=later(hours=1), outcome="settled_written")
    first, second = Push.objects.filter(file=file).order_by("seq")
    assert (first.state, first.outcome) == ("closed", "settled_written")
    assert (second.to_person, second.due_at) == (west.people["lin"], later(days=7, hours=1))
    file.refresh_from_db()
    assert (file.state, file.holder, file.due_at) == ("on_site_settled", west.orgs["bureau"], second.due_at)


def test_the_beat_officer_who_takes_it_in_hand_holds_it_and_closes_it_after_the_visit(west):
    file, lin = opened(west), west.actor("lin")
    file_follow_up(file=file, by=SYSTEM, at=T0)
    push = push_open_of(file.pk, 2)
    push_receive(push=push, by=lin, at=later(hours=1))
    push_receive(push=push, by=lin, at=later(hours=2))
    file.refresh_from_db()
    assert (file.holder, file.responsible, push.received_at) == (
        west.orgs["west"],
        west.people["lin"],
        later(hours=1),
    )
    push_act(push=push, action="上门走访", by=lin, at=later(days=1))
    push_close(push=push, outcome="settled", by=lin, at=later(days=2))
    file.refresh_from_db()
    assert (file.state, file.result, file.due_at) == ("closed", "settled_follow_up", None)


def test_the_town_room_holds_it_once_it_has_accepted_and_has_fifteen_working_days(west):
    file = opened(west)
    file_follow_up(file=file, by=SYSTEM, at=T0)
    at_town(west, file, at=later(hours=1))
    file.refresh_from_db()
    push = push_open_of(file.pk, 3)
    assert (file.state, file.holder, file.mediating) == ("assigned", west.orgs["town-west"], west.orgs["mediation"])
    # Fifteen working days after Monday 2 March end on Monday 23 March at the close of business.
    assert (push.due_at, push.due_at) == (file.due_at, due_again(file.due_sum))
    assert f"{file.due_at:%m-%d}" == "03-23"
    file_close(file=file, result="withdrawn", by=west.actor("dan"), at=later(days=3))
    assert not Push.objects.filter(file=file, closed_at=None).exists()
    assert DisputeFile.objects.get(pk=file.pk).closed_at == later(days=3)
