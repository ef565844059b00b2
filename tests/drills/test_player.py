"""The players of a drill do what the rules of the trade ask, to the end of each matter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.dispatch.models import Assignment
from anlan.drills.fleet import Fleet
from anlan.drills.player import Player
from anlan.drills.stage import Stage
from anlan.intake.models import Incident, Transfer
from anlan.intake.services import CallSheet
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def played(taxonomy):
    """``played(code)``: one call of that type played to its end; the incident as it then is."""
    world = build_world(roads=False)
    stage, fleet = Stage(), Fleet(roads=None, boot="t")
    for unit in world.units.values():
        fleet.add(unit.pk, vehicle=unit.vehicle, lon=unit.base_lon, lat=unit.base_lat)
    player = Player(stage=stage, fleet=fleet, by=SYSTEM, seed=1, partners=frozenset({"12345", "119", "120"}))

    def play(code):
        incident = player.call(CallSheet(narrative="来电", code=code, lon=120.06, lat=28.90), T0)
        stage.play_until(T0 + timedelta(days=2))
        return Incident.objects.get(pk=incident.pk)

    return play


def test_with_a_fire_the_fire_desk_goes_police_go_too_and_the_matter_is_closed(played):
    fire = played("0701")
    assert fire.track == "T"
    transfer = Transfer.objects.get(incident=fire)
    assert (transfer.partner.code, transfer.state, transfer.keeps_police) == ("119", "accepted", True)
    assert {row.unit.track for row in Assignment.objects.filter(incident=fire)} == {"P"}
    assert (fire.state, fire.first_arrived_at is not None) == ("closed", True)


def test_a_plain_matter_of_the_hotline_is_the_hotlines_alone(played):
    lamp = played("1101")
    assert (Transfer.objects.get(incident=lamp).partner.code, lamp.state) == ("12345", "transferred")
    assert not Assignment.objects.filter(incident=lamp).exists()
