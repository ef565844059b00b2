"""The page on which bodies, rooms, mediators and the desk's hours are entered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from anlan.core.clock import now
from anlan.core.models import Event
from anlan.disputes import events
from anlan.disputes.models import MediationBody, MediationRoom, Mediator
from console.conftest import press
from disputes.table import booked, started, table_set
from world import build_world

pytestmark = pytest.mark.django_db(databases="__all__")
HOURS = "08:30-12:00 14:00-17:30"


@pytest.fixture
def table(db):
    at = now() - timedelta(minutes=5)
    return table_set(build_world(at=at, units=False, roads=False), at=at)


def browser(table, name):
    client = Client()
    client.force_login(table.person(name))
    client.cookies["anlan_language"] = "en"
    return client


def do(deed):
    return reverse("console:mediation_setup_do", args=[deed])


def shown(client, body):
    return client.get(reverse("console:mediation_setup"), {"body": body.pk}).content.decode()


def test_the_desk_changes_hours_and_windows_of_its_own_body_and_sees_no_other(table):
    mo, body = browser(table, "mo"), table.centre
    page = shown(mo, body)
    assert "Room 1" in page
    assert str(table.police.organisation.name_en) not in page
    press(
        mo, do("body"), organisation=body.organisation_id, type="county_centre", hours=" 09:00-12:00  13:30-17:00 ",
        windows=3, methods=["people"],
    )  # fmt: skip
    body.refresh_from_db()
    assert (body.hours, body.windows, body.methods) == ("09:00-12:00 13:30-17:00", 3, ["people"])
    foreign = press(mo, do("room"), body=table.police.pk, name_zh="三室", name_en="Room 3", seats=4)
    assert foreign.status_code == 404


def test_hours_nobody_can_read_and_rooms_without_seats_are_refused_in_words(table):
    mo, body = browser(table, "mo"), table.centre
    told = press(mo, do("body"), organisation=body.organisation_id, type="county_centre", hours="8-5", windows=1)
    assert told.status_code == 422
    told = press(mo, do("room"), body=body.pk, name_zh="三室", name_en="Room 3", seats=0)
    assert told.status_code == 422
    assert MediationRoom.objects.filter(body=body).count() == 2


def test_a_room_is_entered_changed_and_closed_each_on_the_record(table):
    mo, body = browser(table, "mo"), table.centre
    before = Event.objects.filter(kind=events.ROOM_SET).count()
    press(mo, do("room"), body=body.pk, name_zh="第三调解室", name_en="Room 3", seats=8)
    press(mo, do("room"), body=body.pk, name_zh="第三调解室", name_en="Room 3", seats=10, is_active=0)
    room = MediationRoom.objects.get(name_zh="第三调解室")
    assert (room.seats, room.is_active) == (10, False)
    assert Event.objects.filter(kind=events.ROOM_SET).count() == before + 2
    assert "Room 3" not in mo.get(reverse("console:mediation")).content.decode()


def test_a_renamed_room_keeps_its_bookings_and_what_it_was_called(table):
    mo, room = browser(table, "mo"), table.rooms[0]
    monday = now().replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=7 - now().weekday())
    session = booked(table, started(table, at=now()), monday, at=now())
    fields = {"body": table.centre.pk, "room": room.pk, "seats": 6}
    press(mo, do("room"), name_zh="海棠厅", name_en="Begonia", **fields)
    session.refresh_from_db()
    assert (session.state, session.room_id, session.room.name_zh) == ("booked", room.pk, "海棠厅")
    page = shown(mo, table.centre)
    assert "until" in page
    assert "第一调解室" in page
    assert "Begonia" in mo.get(reverse("console:mediation")).content.decode()
    told = Event.objects.get(kind=events.ROOM_RENAMED)
    assert told.subject_id == room.pk
    assert "第一调解室" not in str(told.data), "an event carries no typed words"
    press(mo, do("room"), name_zh="海棠厅", name_en="Begonia", **fields)
    assert Event.objects.filter(kind=events.ROOM_RENAMED).count() == 1, "the same names change nothing"
    assert MediationRoom.objects.filter(body=table.centre).count() == 2


def test_a_name_that_another_room_has_is_refused_in_words_and_nothing_changes(table):
    mo, room = browser(table, "mo"), table.rooms[0]
    fields = {"body": table.centre.pk, "room": room.pk, "seats": 9}
    told = press(mo, do("room"), name_zh="第二调解室", name_en="Room 1", **fields)
    assert told.status_code == 409
    assert "a room called 第二调解室 already (6 seats)" in told.content.decode()
    assert press(mo, do("room"), name_zh=" ", name_en="Room 1", **fields).status_code == 422
    foreign = {"body": table.police.pk, "room": room.pk, "seats": 6}
    assert press(mo, do("room"), name_zh="三室", name_en="Room 3", **foreign).status_code == 404
    room.refresh_from_db()
    assert (room.name_zh, room.seats) == ("第一调解室", 6)


def test_somebody_mediates_from_now_on_and_no_longer(table):
    mo, body = browser(table, "mo"), table.centre
    press(mo, do("mediator"), body=body.pk, person=table.person("mo").pk)
    row = Mediator.objects.get(body=body, person=table.person("mo"))
    press(mo, do("leave"), body=body.pk, mediator=row.pk)
    row.refresh_from_db()
    assert row.left_at is not None
    assert press(mo, do("leave"), body=body.pk, mediator=row.pk).status_code == 404


def test_a_body_with_open_mediations_is_not_closed_and_the_refusal_names_their_files(table):
    mediation, mo = started(table, at=now()), browser(table, "mo")
    told = press(
        mo, do("body"), organisation=table.centre.organisation_id, type="county_centre", hours=HOURS, windows=1,
        is_active=0,
    )  # fmt: skip
    assert told.status_code == 409
    assert mediation.file.number in told.content.decode()
    assert MediationBody.objects.get(pk=table.centre.pk).is_active


def test_only_who_may_set_mediation_up_sees_the_page(table):
    assert browser(table, "nan").get(reverse("console:mediation_setup")).status_code == 403
    assert reverse("console:mediation_setup") not in browser(table, "nan").get("/mediation").content.decode()
    assert reverse("console:mediation_setup") in browser(table, "mo").get("/mediation").content.decode()
