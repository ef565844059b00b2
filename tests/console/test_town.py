"""The town room's page: what comes next, whose it is, who is free, and how the times are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.core.clock import now
from anlan.dispatch.models import WorkOrder
from anlan.dispatch.services import order_route, order_sign, unit_assign
from anlan.intake.services import incident_track_override
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def noise(town, take):
    """A quarrel over noise with the west town room for two minutes, nobody has signed."""
    at = now() - timedelta(minutes=2)
    incident = take("楼上半夜唱歌吵架", minutes=3, lon=120.065, code="0410")
    if incident.track != "C":
        incident_track_override(incident=incident, track="C", reason="社区先行", by=town.actor("ada", at), at=at)
    return order_route(incident=incident, by=town.actor("ada", at), at=at)


def board(client, query=""):
    return client.get(reverse("console:town") + query).content.decode()


def group(page, key):
    return page.split(f'data-group="{key}"')[1].split("</section>")[0]


def test_a_matter_moves_through_the_groups_as_the_room_works_it(desk, noise):
    dan = desk("dan")
    assert noise.incident.number in group(board(dan), "sign")
    for deed, next_group in (("sign", "send"), ("contact", "send")):
        press(dan, reverse("console:order_do", args=[noise.pk, deed]))
        assert noise.incident.number in group(board(dan), next_group)
    press(dan, reverse("console:order_do", args=[noise.pk, "assign"]), unit=_team(noise))
    shown = board(dan)
    assert noise.incident.number in group(shown, "out")
    assert "there within 5 min" in group(shown, "out")


def _team(order):
    from anlan.units.models import Unit

    return Unit.objects.get(call_sign="C-01", organisation=order.town_room).pk


def test_every_step_has_its_key_and_only_the_rooms_own_teams_are_offered(desk, noise, town):
    dan = desk("dan")
    assert 'data-row-key="s"' in board(dan)
    order_sign(order=noise, by=town.actor("dan", now()), at=now())
    shown = group(board(dan), "send")
    assert 'data-row-key="1"' in shown
    assert "C-01" in shown
    assert "C-02" not in shown  # the east room's team is near too, but not this room's to send


def test_until_the_room_signs_the_page_says_who_keeps_the_matter(desk, noise, town):
    assert "Owned by Anlan County Bureau until this room signs" in board(desk("dan"))
    order_sign(order=noise, by=town.actor("dan", now()), at=now())
    assert "Owned by this room since" in board(desk("dan"))


def test_a_matter_that_came_back_once_can_not_be_sent_back_and_says_who_decides(desk, noise, town):
    dan = desk("dan")
    press(dan, reverse("console:order_do", args=[noise.pk, "bounce"]), reason="不属本街道")
    press(desk("ada"), reverse("console:incident_do", args=[noise.incident.number, "route"]))
    shown = board(dan)
    assert "the duty leader decides" in shown
    assert 'data-row-key="b"' not in shown
    again = WorkOrder.objects.get(state="routed")
    assert "Another town room" not in shown
    leader = desk("jia")
    assert "Another town room" in board(leader)
    press(leader, reverse("console:order_do", args=[again.pk, "decide"]), town_room="town-east", reason="在河东")
    assert noise.incident.number not in board(dan)
    assert WorkOrder.objects.get(state="routed").town_room.code == "town-east"


def test_teams_are_told_with_state_load_and_the_five_minute_target(desk, noise, town):
    dan = desk("dan")
    order_sign(order=noise, by=town.actor("dan", now()), at=now())
    press(dan, reverse("console:order_do", args=[noise.pk, "assign"]), unit=_team(noise))
    shown = board(dan)
    team = shown.split('data-team="C-01"')[1].split("</div>")[0]
    assert "data-due" in team
    assert ">1 · 0<" in team
    share = shown.split('data-share="sign"')[1].split("</div>")[0]
    assert "0/1" in share  # signed two minutes after it came
    assert "C-02" not in shown


def test_on_the_joint_track_each_side_sees_the_other_coming(desk, take, town):
    at = now() - timedelta(minutes=1)
    incident = take("两家打起来过，现在还在吵", minutes=2, lon=120.065, code="0402")
    incident_track_override(incident=incident, track="J", reason="一起去", by=town.actor("ada", at), at=at)
    order = order_route(incident=incident, by=town.actor("ada", at), at=at)
    order_sign(order=order, by=town.actor("dan", at), at=at)
    unit_assign(incident=incident, unit=town.units["P-01"], by=town.actor("ada", at), at=at)
    dan = desk("dan")
    press(dan, reverse("console:order_do", args=[order.pk, "assign"]), unit=_team(order))
    assert "P-01" in board(dan).split("Police meet you there")[1][:400]
    assert "Owned by Anlan County Bureau; this room" in board(dan)
    assert "P-01" in desk("finn").get("/unit").content.decode().split("Police meet you there")[1][:400]
    assert "C-01" in desk("eve").get("/unit").content.decode().split("meets you there")[1][:400]


def test_who_stands_above_several_rooms_may_look_at_one(desk, noise):
    leader = desk("jia")
    assert noise.incident.number in board(leader)
    assert noise.incident.number not in board(leader, "?room=town-east")
    assert desk("dan").get(reverse("console:town") + "?room=town-east").status_code == 404
