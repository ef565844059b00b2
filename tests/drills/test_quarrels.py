"""The demo's quarrels stand at every step, and hands go on where no visitor sits."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from anlan.accounts.services import person_add, role_grant
from anlan.core.actor import SYSTEM
from anlan.disputes.closing_handlers import file_closings_follow
from anlan.disputes.handlers import disputes_follow
from anlan.disputes.models import (
    DisputeFile,
    FileRevisit,
    MediationRoom,
    Mediator,
    OpeningSuggestion,
    Push,
    Session,
)
from anlan.disputes.opening_rules import SECOND_REPORT
from anlan.disputes.rules import LIVE
from anlan.disputes.services import file_follow_up, file_open
from anlan.drills.quarrels import SCENES, VISITED_AFTER, mediation_centre_open, quarrels_go_on, quarrels_open
from anlan.engines.geo import cell_of
from anlan.places.models import Place
from dispatch.scene import incident_of
from world import PASSWORD, T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]


@pytest.fixture
def county(world, taxonomy):
    """The west has an officer of the beat, a mediator and twelve estates."""
    for name, org, role in (("bao", "west", "beat_officer"), ("mei", "mediation", "mediator")):
        person = person_add(
            username=name, name=name, organisation=world.orgs[org], password=PASSWORD, by=SYSTEM, at=T0
        )
        role_grant(person=person, role=role, by=SYSTEM, at=T0)
    for k in range(12):
        lon = 120.051 + k / 250
        Place.objects.create(
            kind="estate", name_zh=f"小区{k}", road="", number="", lon=lon, lat=28.901, cell=int(cell_of(lon, 28.901))
        )
    mediation_centre_open(T0)
    return world


def test_when_the_doors_open_files_stand_at_every_step_and_each_has_an_owner(county):
    at = T0 + timedelta(days=4)
    assert quarrels_open(at, follow=disputes_follow) == len(SCENES)
    states = Counter(DisputeFile.objects.values_list("state", flat=True))
    assert {state: states[state] for state in ("pushed", "accepted", "assigned", "mediating", "closed")} == {
        "pushed": 1,
        "accepted": 1,
        "assigned": 2,
        "mediating": 1,
        "closed": 2,
    }
    assert states["follow_up"] == 4
    assert not DisputeFile.objects.filter(state__in=LIVE, holder=None).exists()
    assert DisputeFile.objects.filter(reports=2).count() == 1
    assert (MediationRoom.objects.count(), Mediator.objects.count(), Session.objects.count()) == (2, 1, 1)
    while disputes_follow(at=at) or file_closings_follow(at=at):
        pass
    assert FileRevisit.objects.get().rule == "not_satisfied"
    assert OpeningSuggestion.objects.get().rule == SECOND_REPORT


def test_hands_go_on_elsewhere_and_leave_the_visitors_files_alone(county):
    """East has no officer: its files go on by themselves, the west's wait for whoever signs in."""
    for side in ("west", "east"):
        lon = 120.065 if side == "west" else 120.145
        incident = incident_of(
            county,
            code="0402",
            track="C",
            priority="P3",
            lon=lon,
            station=county.orgs[side],
            town_room=county.orgs[f"town-{side}"],
        )
        file_follow_up(file=file_open(incident=incident, by=SYSTEM, at=T0), by=SYSTEM, at=T0)
    at = T0 + VISITED_AFTER
    assert quarrels_go_on(at) == 1
    west = Push.objects.get(to_organisation=county.orgs["west"])
    assert west.state == "sent"
    assert Push.objects.filter(to_organisation=county.orgs["east"], state="closed").count() == 1
