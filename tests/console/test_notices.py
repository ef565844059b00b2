"""Notices and the handover on the pages: waiting, acknowledged by a button, timers, two signatures."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.core.clock import now
from anlan.dispatch.models import CheckIn, Handover
from anlan.dispatch.services import assignment_arrive, broadcast_send
from anlan.intake.models import Incident
from anlan.notices.models import Notice, Receipt
from anlan.notices.services import Rung, notice_send, to_role
from dispatch.scene import incident_of, send

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def page(client, world, taxonomy):
    """``page("ada")`` is a browser with Ada signed in."""

    def sign_in(name):
        client.force_login(world.people[name])
        return client

    return sign_in


def told(world, **more):
    chain = [Rung((to_role("dispatcher", world.orgs["bureau"]),))]
    usual = {"message": "notices.written", "text": "<b>核对</b>", "chain": chain, "urgency": "urgent"}
    return notice_send(**{**usual, **more}, organisation=world.orgs["bureau"], by=world.actor("jia"), at=now())


def press(client, name, *args, **fields):
    return client.post(reverse(f"console:{name}", args=args), {"idempotency_key": f"k-{name}-{args}", **fields})


def test_every_page_carries_the_badge(page, world):
    assert b'id="notices-badge"' in page("ada").get(reverse("console:units")).content


def test_what_waits_is_listed_as_text_and_acknowledged(page, world):
    notice, ada = told(world), page("ada")
    assert "&lt;b&gt;核对" in ada.get(reverse("console:notices")).content.decode()
    (row,) = ada.get(reverse("console:notices_mine")).json()["waiting"]
    assert (row["urgent"], row["loud"], row["seen"]) == (True, True, False)
    assert Receipt.objects.count() == 0
    assert press(ada, "notices_seen", ids=str(notice.pk)).json() == {"seen": 1}
    assert press(ada, "notice_do", notice.pk, "acknowledge").status_code == 302
    notice.refresh_from_db()
    assert notice.state == "acknowledged"
    assert ada.get(reverse("console:notices_mine")).json() == {"waiting": []}


def test_another_desk_cannot_answer_it(page, world):
    notice = told(world)
    assert press(page("cleo"), "notice_do", notice.pk, "acknowledge").status_code == 404


def test_nonsense_is_refused_in_words(page, world):
    ada = page("ada")
    assert press(ada, "notices_seen", ids="7,-1,x,9999999999999999999999").json() == {"seen": 0}
    assert press(ada, "notice_do", 10**17, "acknowledge").status_code == 404
    assert press(ada, "notice_send", organisation="nowhere", role="dispatcher", text="x").status_code == 404
    assert press(ada, "notice_send", organisation="west", role="king", text="x", k=1).status_code == 422


def test_the_phone_shows_what_the_crew_is_told(page, world):
    broadcast_send(text="道路积水", organisation=world.orgs["west"], by=world.actor("ada"), at=now())
    assert "道路积水" in page("eve").get(reverse("console:notices_phone")).content.decode()


def test_the_crew_says_on_the_phone_that_all_is_well(page, world):
    row = send(world, incident_of(world))
    assignment_arrive(assignment=row, by=world.actor("eve"), at=now())
    timer = CheckIn.objects.get()
    eve = page("eve")
    assert (
        reverse("console:checkin_safe", args=[timer.pk]) in eve.get(reverse("console:notices_phone")).content.decode()
    )
    assert press(eve, "checkin_safe", timer.pk).status_code == 302
    timer.refresh_from_db()
    assert timer.confirmed_at is not None
    assert press(page("finn"), "checkin_safe", timer.pk).status_code == 404


def test_the_desk_sets_and_ends_a_timer_on_the_incident(page, world):
    row = send(world, incident_of(world), "P-02")
    assignment_arrive(assignment=row, by=world.actor("ada"), at=now())
    ada, number = page("ada"), row.incident.number
    assert "d-safe-" in ada.get(reverse("console:incident", args=[number])).content.decode()
    press(ada, "incident_do", number, "safe_set", assignment=row.pk, minutes="5", reason="夜间")
    timer = CheckIn.objects.get()
    assert timer.every_s == 300
    press(ada, "incident_do", number, "safe_end", checkin=timer.pk, reason="增援到")
    timer.refresh_from_db()
    assert timer.state == "ended"


def test_a_shift_is_handed_over_by_two_people(page, world):
    matter = incident_of(world)
    desk = world.orgs["bureau"].pk
    ada = page("ada")
    assert matter.number in ada.get(reverse("console:handover")).content.decode()
    press(ada, "handover_do", desk, "note", incident=matter.number, note="等监控")
    press(ada, "handover_do", desk, "sign")
    row = Handover.objects.get()
    assert press(ada, "handover_do", desk, "take", read="1").status_code == 409
    jia = page("jia")
    assert press(jia, "handover_do", desk, "take").status_code == 422
    answer = press(jia, "handover_do", desk, "take", read="1", again=1)
    assert answer.status_code == 302
    paper = jia.get(answer["Location"]).content.decode()
    assert "等监控" in paper
    assert matter.number in paper
    row.refresh_from_db()
    assert row.incoming == world.people["jia"]
    assert page("cleo").get(answer["Location"]).status_code == 404


def test_a_note_on_a_matter_of_another_station_is_refused(page, world):
    matter = incident_of(world, holder=world.orgs["west"])
    desk = world.orgs["east"].pk
    assert press(page("cleo"), "handover_do", desk, "note", incident=matter.number, note="x").status_code == 404
    assert Incident.objects.filter(handover_notes__isnull=False).count() == 0
    assert Notice.objects.count() == 0
