"""The guide desk and the mediator's page: a file is begun, booked, written up, agreed and performed by clicking."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from anlan.core.clock import now
from anlan.disputes.models import Agreement, DeskTicket, Mediation, Obligation, Session, SlotHold
from anlan.disputes.selectors.mediation import free_starts
from console.conftest import press
from disputes.table import assigned_file, sides, started, table_set
from world import build_world

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def table(db):
    at = now() - timedelta(minutes=5)
    return table_set(build_world(at=at, units=False, roads=False), at=at)


def browser(table, name):
    client = Client()
    client.force_login(table.person(name))
    client.cookies["anlan_language"] = "en"
    return client


def test_a_number_is_drawn_called_and_done(table):
    mo, body = browser(table, "mo"), table.centre.pk
    press(mo, reverse("console:mediation_desk_do", args=[body, "draw"]))
    assert "001" in mo.get(reverse("console:mediation")).content.decode()
    press(mo, reverse("console:mediation_desk_do", args=[body, "next"]))
    ticket = DeskTicket.objects.get()
    assert ticket.state == "called"
    press(mo, reverse("console:mediation_desk_do", args=[body, "move"]), ticket=ticket.pk, to="done")
    ticket.refresh_from_db()
    assert ticket.state == "done"


def test_a_session_is_booked_in_the_calendar_and_stands_there(table):
    file = assigned_file(table.world, at=now())
    nan, do = browser(table, "nan"), lambda deed: reverse("console:mediation_do", args=[file.number, deed])
    who = f"{table.centre.pk}.{table.person('nan').pk}"
    press(nan, do("start"), mediator=who, method="people")
    mediation = Mediation.objects.get()
    (start, *_rest) = free_starts(table.centre, table.rooms[0], None, 2, now() + timedelta(days=1))
    day = timezone.localdate(start).isoformat()
    page = nan.get(reverse("console:mediation"), {"for": file.number, "day": day}).content.decode()
    cell = f"{table.rooms[0].pk}|{start.isoformat()}"
    assert f"{table.rooms[0].pk}|{timezone.localtime(start).isoformat()}" in page or cell in page
    press(nan, do("book"), mediation=mediation.pk, cell=cell, slots=2, mediator=table.person("nan").pk)
    assert SlotHold.objects.count() == 6
    assert file.number in nan.get(reverse("console:mediation"), {"day": day}).content.decode()
    told = press(nan, do("book"), mediation=mediation.pk, cell=cell, slots=2, mediator=table.person("nan").pk)
    assert told.status_code == 409
    assert "Next free times" in told.content.decode()


def test_an_agreement_is_written_signed_and_performed_on_the_page(table):
    mediation = started(table, at=now())
    file, (a, b) = mediation.file, sides(mediation.file)
    nan, do = browser(table, "nan"), lambda deed: reverse("console:mediation_do", args=[file.number, deed])
    then = now() - timedelta(hours=1)
    session = Session.objects.create(
        mediation=mediation, file=file, ordinal=1, mediator=mediation.mediator, starts_at=then,
        ends_at=then + timedelta(minutes=30), state_since=then, booked_at=then,
    )  # fmt: skip
    attended = {f"party-{a.pk}": "came", f"party-{b.pk}": "came"}
    press(nan, do("hold"), session=session.pk, outcome="agreement", minutes="甲方道歉", **attended)
    press(nan, do("draft"), mediation=mediation.pk)
    draft = Agreement.objects.get()
    press(nan, do("change"), agreement=draft.pk, form="written", facts="漏水", terms="赔偿")
    promise = {"agreement": draft.pk, "debtor": a.pk, "creditor": b.pk, "what": "赔偿", "way": "cash"}
    today = timezone.localdate(now()).isoformat()
    assert press(nan, do("promise"), **promise, amount="三千", due_on=today).status_code == 422
    assert press(nan, do("promise"), **promise, amount="300.50", condition="秋收后").status_code == 422
    press(nan, do("promise"), **promise, amount="300.50", due_on=today)
    agreed = timezone.localtime(now()).strftime("%Y-%m-%dT%H:%M")
    answer = press(nan, do("conclude"), agreement=draft.pk, agreed_at=agreed)
    assert answer.status_code == 302, answer.content.decode()
    page = nan.get(reverse("console:mediation_file", args=[file.number])).content.decode()
    assert "300.50" in page
    assert "甲方道歉" not in page
    row = Obligation.objects.get()
    press(nan, do("perform"), obligation=row.pk, performed_on=today, evidence="receipt")
    file.refresh_from_db()
    assert file.state == "performed"
    paper = nan.post(
        reverse("console:mediation_paper", args=[file.number]),
        {"mediation": mediation.pk, "agreement": draft.pk, "kind": "agreement", "format": "docx", "language": "en"},
    )
    assert paper.content.startswith(b"PK")
    minutes = nan.post(
        reverse("console:mediation_minutes", args=[file.number]), {"session": session.pk, "purpose": "起草"}
    )
    assert "甲方道歉" in minutes.content.decode()


def test_another_stations_people_see_nothing_of_it(table):
    mediation = started(table, at=now())
    cleo = browser(table, "cleo")
    assert cleo.get(reverse("console:mediation_file", args=[mediation.file.number])).status_code == 404
    assert mediation.file.number not in cleo.get(reverse("console:mediation")).content.decode()
