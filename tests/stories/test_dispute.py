"""A quarrel about noise, from the call at midnight to the archive, and its return forty days after it was closed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from anlan.accounts.services import person_add, role_grant
from anlan.core import clock
from anlan.core.actor import SYSTEM
from anlan.dispatch.services import (
    assignment_arrive,
    order_assign,
    order_close,
    order_contact,
    order_route,
    order_settle,
    order_sign,
)
from anlan.disputes.closing_handlers import file_closings_follow
from anlan.disputes.handlers import disputes_follow
from anlan.disputes.models import DisputeFile, FileRevisit, MatchSuggestion, Push
from anlan.disputes.selectors import file_of_incident
from anlan.disputes.services.agreements import agreement_conclude, agreement_draft, obligation_add
from anlan.disputes.services.mediation import mediation_start
from anlan.disputes.services.obligations import obligation_perform
from anlan.disputes.services.parties import party_add
from anlan.disputes.services.revisits import revisit_assign, revisit_call_record
from anlan.disputes.services.sessions import session_book, session_hold
from anlan.intake.services import CallSheet, call_receive, incident_track_override, repeat_link
from disputes.table import table_set
from world import PASSWORD, T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]

MIDNIGHT = T0 + timedelta(hours=15, minutes=20)  # Tuesday 3 March 2026, 00:20 in Shanghai
FINE = {"settled": "yes", "performed": "yes", "again": "no", "heard": "yes", "rating": "5"}
FLAT = "锦绣花园3幢2单元502室"


class Story:
    """The people, what time it is, and their pages."""

    def __init__(self, table: Any, monkeypatch: Any) -> None:
        self.table, self.world, self.at = table, table.world, T0
        monkeypatch.setattr(clock, "datetime", type("Then", (), {"now": lambda _zone: self.at}))

    def then(self, **passed: float) -> Any:
        """Time goes on; what waits for the worker is followed."""
        self.at += timedelta(**passed)
        return self.at

    def work(self) -> None:
        while disputes_follow(at=self.at) + file_closings_follow(at=self.at):
            pass

    def by(self, name: str) -> Any:
        return self.world.actor(name, self.at)

    def desk(self, name: str) -> Client:
        client = Client()
        client.force_login(self.world.people[name])
        client.cookies["anlan_language"] = "en"
        return client

    def page(self, name: str, url: str) -> str:
        answer = self.desk(name).get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        return answer.content.decode()

    def press(self, name: str, url: str, **fields: Any) -> None:
        answer = self.desk(name).post(url, {"idempotency_key": str(uuid4()), **fields})
        assert answer.status_code in (200, 302), (url, answer.status_code, answer.content.decode()[-900:])

    def call(self, words: str) -> Any:
        """Ben takes the call; noise between neighbours is for the street first."""
        sheet = CallSheet(narrative=words, address_text=FLAT, lon=120.065, lat=28.90, code="0410")
        incident = call_receive(line=sheet, at=self.at, by=self.by("ben")).incident
        if incident.track != "C":
            incident_track_override(
                incident=incident, track="C", reason="邻里噪声，社区先行", by=self.by("ada"), at=self.at
            )
        return incident

    def street_goes(self, incident: Any, *, settled: bool = True) -> None:
        """Dan's town room signs, calls, sends C-01; Finn is there within five minutes."""
        dan = self.by("dan")
        order = order_route(incident=incident, by=self.by("ada"), at=self.then(minutes=1))
        order_sign(order=order, by=dan, at=self.then(seconds=40))
        order_contact(order=order, by=dan, at=self.then(minutes=1))
        team = order_assign(order=order, unit=self.world.units["C-01"], by=dan, at=self.then(minutes=1))
        self.work()
        assignment_arrive(assignment=team, by=self.by("finn"), at=self.then(minutes=4))
        self.street = self.page("finn", "/unit")
        order.refresh_from_db()
        order_settle(order=order, by=self.by("finn"), at=self.then(minutes=20))
        order_close(order=order, by=dan, at=self.then(minutes=10))
        self.work()


@pytest.fixture
def story(world, taxonomy, monkeypatch):
    table = table_set(world)
    person = person_add(
        username="noa", name="诺亚", organisation=world.orgs["bureau"], password=PASSWORD, by=SYSTEM, at=T0
    )
    role_grant(person=person, role="analyst", by=SYSTEM, at=T0)
    world.people["noa"] = person
    return Story(table, monkeypatch)


def file_now(incident: Any) -> DisputeFile:
    found = file_of_incident(incident)
    assert found is not None
    return found


def mediated(story: Story, file: DisputeFile) -> None:
    """Nan sits down with both at the mediation centre; they agree on quiet nights from the 25th."""
    nan, mo, day = story.by("nan"), story.by("mo"), story.at
    a = party_add(file=file, role="a", name="张三", by=nan, at=day)
    b = party_add(file=file, role="b", name="李四", by=nan, at=day)
    mediation = mediation_start(
        file=file, body=story.table.centre, method="people", mediator=story.world.people["nan"], by=nan, at=day
    )
    begins = T0 + timedelta(days=16, hours=1)  # Wednesday 18 March, 10:00
    session = session_book(
        mediation=mediation,
        starts_at=begins,
        slots=2,
        mediator=story.world.people["nan"],
        room=story.table.rooms[0],
        by=mo,
        at=day,
    )
    story.at = begins + timedelta(hours=1)
    session_hold(
        session=session, attendance={a.pk: "came", b.pk: "came"}, outcome="agreement", by=story.by("nan"), at=story.at
    )
    agreement = agreement_draft(
        mediation=mediation, facts="夜间唱歌扰邻", terms="晚十点后不唱歌", by=story.by("nan"), at=story.at
    )
    obligation = obligation_add(
        agreement=agreement,
        debtor=a,
        creditor=b,
        what="晚十点后不唱歌，加装隔音垫",
        way="deed",
        due_on=date(2026, 3, 25),
        by=story.by("nan"),
        at=story.at,
    )
    agreement_conclude(
        agreement=agreement, agreed_at=begins, signed_at=story.at, by=story.by("nan"), at=story.then(minutes=20)
    )
    story.work()
    file.refresh_from_db()
    assert file.state == "agreement"
    assert "晚十点后不唱歌，加装隔音垫" in story.page("dan", f"/disputes/{file.number}")
    story.at = T0 + timedelta(days=22, hours=7)  # Tuesday 24 March, 16:00
    obligation.refresh_from_db()
    obligation_perform(
        obligation=obligation, performed_on=date(2026, 3, 24), evidence="visit", by=story.by("nan"), at=story.at
    )
    story.work()


def test_a_quarrel_is_followed_from_midnight_to_the_archive_and_its_return_forty_days_later(story):
    # Midnight: the street goes, calms it on the spot. One call about noise makes no file.
    story.at = MIDNIGHT
    first = story.call("楼上502室半夜唱歌吵得睡不着，又和楼下住户吵起来了")
    assert first.track == "C"
    story.street_goes(first)
    assert not DisputeFile.objects.exists()
    told = story.page("dan", "/console/town")
    assert "1/1" in told.split('data-share="team"')[1].split("</div>")[0]

    # Five nights later again: now it has a file, and whoever goes sees the earlier report.
    story.then(days=5)
    second = story.call("锦绣花园3幢502室又在半夜唱歌，两户人家吵架")
    repeat_link(incident=second, earlier=first, by=story.by("ben"), at=story.at)
    story.street_goes(second)
    file = file_now(second)
    assert (file.reports, file.level, file_of_incident(first)) == (2, "yellow", file)
    assert first.number in story.street.split("Earlier reports of this quarrel here")[1]

    # Push 2: the officer of the beat visits and notes on the phone what was promised.
    story.then(hours=10)
    push = Push.objects.get(file=file, seq=2, state="sent")
    assert f'data-visit="{push.pk}"' in story.page("lin", "/unit/visits")
    story.press("lin", "/unit/visits/record", push=push.pk, outcome="watching", words="答应十点后不唱")
    assert "答应十点后不唱" in story.page("lin", "/unit/visits")

    # The third time within a month is red: push 3 to the town room at once.
    story.then(days=3)
    third = story.call("502室半夜又唱歌，楼下拿扫把敲门，吵得厉害")
    story.press("ida", f"/disputes/{file.number}/do/link", incident=third.number)
    story.street_goes(third)
    file = file_now(third)
    assert (file.reports, file.level) == (3, "red")
    assert "答应十点后不唱" in story.street
    assert Push.objects.get(file=file, seq=3).state == "sent"
    story.at = T0 + timedelta(days=14, minutes=10)  # Monday 16 March, 09:10
    assert file.number in story.page("dan", "/console/town").split('data-group="files"')[1]
    for deed, fields in (
        ("accept", {}),
        ("triage", {"method": "people", "relation": "neighbours", "claim": "夜间安静"}),
        ("assign", {"organisation": "mediation"}),
    ):
        story.press("dan", f"/disputes/{file.number}/do/{deed}", **fields)
        story.then(minutes=5)
    file.refresh_from_db()
    assert (file.state, file.holder.code) == ("assigned", "town-west")

    # Mediation, agreement, performance.
    assert file.number in story.page("nan", "/unit/visits")
    mediated(story, file)
    file.refresh_from_db()
    assert (file.state, file.holder.code) == ("performed", "mediation")

    # Closed, asked by somebody who had no part in it, rated, archived.
    story.then(hours=1)
    story.press("mo", f"/disputes/{file.number}/do/close", result="agreement_performed")
    closed_at = story.at
    story.work()
    revisit = FileRevisit.objects.get(file=file)
    story.then(days=1)
    revisit_assign(revisit=revisit, person=story.world.people["noa"], by=story.by("gus"), at=story.at)
    for side in ("a", "b"):
        revisit_call_record(
            revisit=revisit, side=side, outcome="answered", answers=FINE, by=story.by("noa"), at=story.then(hours=1)
        )
    file.refresh_from_db()
    assert file.state == "rated"
    story.then(days=2)
    story.press("ida", f"/disputes/{file.number}/do/archive")
    file.refresh_from_db()
    assert file.state == "archived"
    assert Push.objects.filter(file=file, closed_at=None).count() == 0

    # Forty days after closing it is back: proposed with its evidence, and a person opens the file again.
    story.at = closed_at + timedelta(days=40)
    again = story.call("锦绣花园3幢502室半夜又唱歌，楼下住户又吵起来了")
    story.work()
    file.refresh_from_db()
    assert file.state == "archived"
    proposal = MatchSuggestion.objects.get(incident=again, file=file)
    shown = story.page("ida", f"/disputes/{file.number}")
    assert "May be the same quarrel" in shown
    assert again.number in shown
    story.press("ida", f"/disputes/{file.number}/do/match_accept", match=proposal.pk)
    file.refresh_from_db()
    # It had reached the town room: it goes there again, and to the beat.
    assert (file.state, file.reports, file.returns) == ("pushed", 4, 1)
    assert Push.objects.get(file=file, seq=3, closed_at=None).reason == "came_back"
    assert file_now(again) == file
    visit = Push.objects.get(file=file, seq=2, closed_at=None)
    assert visit.reason == "came_back"
    assert f'data-visit="{visit.pk}"' in story.page("lin", "/unit/visits")
    assert "came back" in story.page("dan", "/disputes?tab=back")
