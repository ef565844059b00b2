"""Who commands a unit sends it; a station asks for one of next door, at the desk that stands above both."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from anlan.dispatch.errors import UnitOfOthers, UnitOwn
from anlan.dispatch.models import Assignment
from anlan.dispatch.services import joint_send, unit_ask, unit_assign, unit_reassign
from anlan.notices.models import Notice
from anlan.notices.selectors import notices_waiting
from anlan.units.errors import UnitNotAvailable
from dispatch.scene import incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def test_the_joint_command_centre_sends_across_stations(world):
    assert send(world, incident_of(world), "P-03").unit.organisation == world.orgs["east"]


@pytest.mark.parametrize("deed", [unit_assign, joint_send])
def test_a_station_sends_its_own_and_is_told_who_commands_the_others(world, deed):
    ida, incident = world.actor("ida"), incident_of(world)
    with pytest.raises(UnitOfOthers) as refused:
        deed(incident=incident, unit=world.units["P-03"], by=ida, at=T0)
    assert refused.value.detail("en").startswith("P-03 belongs to East station")
    assert "Ask Town zone to send it" in refused.value.detail("en")
    assert "城东派出所" in refused.value.detail("zh-hans")
    assert not Assignment.objects.exists()
    assert unit_assign(incident=incident, unit=world.units["P-01"], by=ida, at=T0).unit == world.units["P-01"]


def test_nor_is_a_unit_of_next_door_sent_in_the_place_of_ones_own(world):
    sent = send(world, incident_of(world), "P-01")
    with pytest.raises(UnitOfOthers):
        unit_reassign(
            assignment=sent, unit=world.units["P-03"], reason="tyre", by=world.actor("ida"), at=later(seconds=5)
        )
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_asking_tells_the_desk_above_both_once_and_that_desk_sends(world):
    ida, incident = world.actor("ida"), incident_of(world)
    asked = unit_ask(incident=incident, unit=world.units["P-03"], by=ida, at=T0)
    assert unit_ask(incident=incident, unit=world.units["P-03"], by=ida, at=later(seconds=20)) == asked
    with override("en"):
        (told,) = notices_waiting(world.actor("ada"), at=T0)
    assert told.notice == asked
    assert told.text == (
        f"West station asks for P-03 of East station at incident {incident.number}. "
        "Send it, or say that it can't be had."
    )
    assert notices_waiting(world.actor("cleo"), at=T0) == []
    assert send(world, incident, "P-03", later(seconds=30)).part == "lead"


def test_nobody_is_asked_for_a_unit_of_ones_own(world):
    with pytest.raises(UnitOwn):
        unit_ask(incident=incident_of(world), unit=world.units["P-01"], by=world.actor("ida"), at=T0)
    assert not Notice.objects.exists()


def test_a_refusal_names_no_unit_the_desk_can_not_send(world):
    send(world, incident_of(world), "P-01")
    send(world, incident_of(world), "P-02")
    with pytest.raises(UnitNotAvailable) as refused:
        unit_assign(incident=incident_of(world), unit=world.units["P-01"], by=world.actor("ida"), at=later(seconds=9))
    assert refused.value.facts["alternative"] == ""
