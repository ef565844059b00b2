"""The timeline says what is so, also of a matter no desk had before."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.core.sentences import sentence_for
from anlan.dispatch.services import order_route, order_sign
from anlan.intake.services import CallSheet, call_receive
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def last_told(incident, kind):
    with override("en"):
        return sentence_for(Event.objects.filter(incident_id=incident.pk, kind=kind).latest("id"))


@pytest.mark.parametrize(
    ("taken_by", "meanwhile", "before"),
    [
        ("the system", "until it signs, no desk has the matter", "before, no desk had taken it over"),
        ("ben", "Anlan County Bureau keeps the matter meanwhile", "before it was with Anlan County Bureau"),
    ],
)
def test_who_had_a_matter_before_the_town_room_is_named_or_nobody(county, taken_by, meanwhile, before):
    by = SYSTEM if taken_by == "the system" else county.actor(taken_by)
    sheet = CallSheet(narrative="楼上漏水，请人来看", code="0402", lon=120.06, lat=28.90)
    incident = call_receive(line=sheet, by=by, at=T0).incident
    order = order_route(incident=incident, by=SYSTEM, at=T0)
    assert meanwhile in last_told(incident, "intake.hand_over_asked")
    order_sign(order=order, by=county.actor("dan"), at=T0)
    assert before in last_told(incident, "intake.holder_set")
