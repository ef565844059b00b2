"""Whoever asks the parties of a closed file sees nothing of the file until both sides are through."""

from __future__ import annotations

import json

import pytest
from django.utils.timezone import get_current_timezone

from anlan.accounts.services import person_add, role_grant, token_issue
from anlan.citizen.writing import RATED_POORLY
from anlan.console.live import Hub, encode
from anlan.console.selectors.disputes import earlier_of_incident
from anlan.console.selectors.past import past_window
from anlan.core.actor import SYSTEM
from anlan.core.errors import NotFound
from anlan.core.models import Event, ViewLog
from anlan.core.shut import rows_shut, shut_may_change
from anlan.dispatch.models import Assignment
from anlan.dispatch.services import unit_assign
from anlan.disputes import events, messages
from anlan.disputes.models import DisputeFile, FileIncident, FileRevisit, LevelChange, Push
from anlan.disputes.revisit_errors import AskedBlindly
from anlan.disputes.selectors import earlier_of, file_for
from anlan.disputes.services import file_close, file_follow_up, file_open, files_merge
from anlan.disputes.services.revisits import revisit_assign, revisit_call_record, revisit_draw
from anlan.intake.models import Incident
from anlan.intake.selectors import incident_for
from anlan.intake.services import CallSheet, call_receive
from anlan.notices.selectors import notices_told, notices_waiting
from anlan.notices.services import Rung, notice_send, notices_tick, to_person
from anlan.reports.selectors import kpi_records, kpi_some
from disputes.quarrel import later, opened, people_come, quarrel
from world import PASSWORD, T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]


@pytest.fixture
def west(world, taxonomy):
    """Noa analyses at the bureau and asks the parties of one file; of another she does not."""
    people_come(world)
    world.people["noa"] = person_add(
        username="noa", name="诺亚", organisation=world.orgs["bureau"], password=PASSWORD, by=SYSTEM, at=T0
    )
    role_grant(person=world.people["noa"], role="analyst", by=SYSTEM, at=T0)
    return world


@pytest.fixture
def other(west):
    return opened(west)


@pytest.fixture
def asked(west):
    file = opened(west, state="closed", closed_at=T0)
    LevelChange.objects.create(file=file, at=T0, level="red", version="test")
    file_follow_up(file=file, by=SYSTEM, at=T0)
    file_close(file=file, result="settled_follow_up", by=SYSTEM, at=later(hours=2))
    revisit = revisit_draw(file=file, by=SYSTEM, at=later(hours=2))
    revisit_assign(revisit=revisit, person=west.people["noa"], by=west.actor("gus"), at=later(hours=3))
    return file


def test_her_lists_leave_the_file_out_and_its_page_says_why(west, asked, other):
    noa = west.actor("noa")
    assert list(DisputeFile.objects.visible_to(noa)) == [other]
    assert not Push.objects.visible_to(noa).filter(file=asked).exists()
    with pytest.raises(AskedBlindly) as refused:
        file_for(noa, asked.pk)
    revisit = FileRevisit.objects.get(file=asked)
    assert f"open revisit {revisit.pk}" in str(refused.value)
    with pytest.raises(AskedBlindly):
        Push.objects.one_for(noa, pk=Push.objects.filter(file=asked).first().pk)
    with pytest.raises(NotFound):
        file_for(noa, 0)
    assert file_for(noa, other.pk) == other


def test_everybody_else_sees_it(west, asked):
    assert file_for(west.actor("gus"), asked.pk) == asked
    assert list(DisputeFile.objects.visible_to(SYSTEM)) == [asked]


def test_a_report_of_the_quarrel_tells_her_nothing_of_the_file(west, asked):
    incident = FileIncident.objects.get(file=asked).incident
    gus, noa = west.actor("gus"), west.actor("noa")
    assert earlier_of(incident, by=gus) is not None
    assert earlier_of(incident, by=noa) is None
    assert len(earlier_of_incident(incident.pk, by=gus)) == 1
    assert earlier_of_incident(incident.pk, by=noa) == []


def test_page_list_and_door_are_shut_to_her(west, asked, other, client):
    client.force_login(west.people["noa"])
    client.cookies["anlan_language"] = "en"
    page = client.get(f"/disputes/{asked.number}")
    assert page.status_code == 403
    assert "whoever asks knows nothing of the file" in page.content.decode()
    assert client.get(f"/disputes/{asked.number}/table").status_code == 403
    listed = client.get("/disputes?tab=over").content.decode()
    assert asked.number not in listed
    secret = token_issue(person=west.people["noa"], label="test", by=SYSTEM, at=T0)
    head = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    client.logout()
    answer = client.get(f"/api/disputes/{asked.pk}", **head)
    assert (answer.status_code, answer.json()["code"]) == (403, "asked_blindly")
    assert client.get(f"/api/disputes/{asked.pk}/mediations", **head).status_code == 403
    assert client.get(f"/api/disputes/{other.pk}", **head).status_code == 200


def test_when_both_sides_are_through_the_file_opens_to_her(west, asked):
    revisit, noa = FileRevisit.objects.get(file=asked), west.actor("noa")
    for side in ("a", "b"):
        revisit_call_record(revisit=revisit, side=side, outcome="gone", by=noa, at=later(hours=4))
    assert file_for(noa, asked.pk) == asked


def test_figures_do_not_hang_on_who_looks(west, asked):
    span = {"start": later(days=-1), "end": later(days=2), "organisation": None}
    key = "file_settled"
    seen = [kpi_some(west.actor(name), [key], **span)[key] for name in ("gus", "noa")]
    assert seen[0] == seen[1]
    behind = [kpi_records(west.actor(name), key, **span).rows for name in ("gus", "noa")]
    assert [[row.file for row in rows] for rows in behind] == [[asked.number], []]


# Its reports


@pytest.fixture
def report(asked):
    return FileIncident.objects.get(file=asked).incident


def bearer(west):
    secret = token_issue(person=west.people["noa"], label="test", by=SYSTEM, at=T0)
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def test_a_report_of_the_file_is_shut_to_her_on_its_page_at_its_door_and_in_lists(west, asked, report, client):
    noa = west.actor("noa")
    with pytest.raises(AskedBlindly) as refused:
        incident_for(noa, report.pk)
    assert asked.number in str(refused.value)
    assert report not in Incident.objects.visible_to(noa)
    assert report in Incident.objects.visible_to(west.actor("gus"))
    head = bearer(west)
    for door in ("", "/timeline"):
        answer = client.get(f"/api/incidents/{report.pk}{door}", **head)
        assert (answer.status_code, answer.json()["code"]) == (403, "asked_blindly"), door
    client.force_login(west.people["noa"])
    client.cookies["anlan_language"] = "en"
    page = client.get(f"/console/incidents/{report.number}")
    assert page.status_code == 403
    assert "whoever asks knows nothing of the file" in page.content.decode()


def test_who_was_sent_to_it_is_shut_to_her_too(west, asked, report):
    sent = Assignment.objects.create(
        incident=report, unit=west.units["P-01"], state="closed", state_since=T0, sent_at=T0
    )
    with pytest.raises(AskedBlindly):
        Assignment.objects.one_for(west.actor("noa"), pk=sent.pk)
    assert Assignment.objects.one_for(west.actor("gus"), pk=sent.pk) == sent


def test_a_report_merged_into_it_is_shut_as_well(west, asked, report):
    doubled = quarrel(west, state="merged", merged_into=report)
    with pytest.raises(AskedBlindly):
        incident_for(west.actor("noa"), doubled.pk)


def test_a_report_that_somebody_still_has_to_drive_to_is_shut_to_nobody(west, asked, report):
    Incident.objects.filter(pk=report.pk).update(state="dispatched", closed_at=None)
    assert incident_for(west.actor("noa"), report.pk) == report


def test_a_file_merged_into_the_asked_one_and_its_report_are_shut_with_it(west, asked):
    early = opened(west, state="closed", closed_at=T0)
    file_close(file=early, result="withdrawn", by=SYSTEM, at=later(hours=1))
    files_merge(file=early, into=asked, why="same", by=SYSTEM, at=later(hours=4))
    with pytest.raises(AskedBlindly):
        file_for(west.actor("noa"), early.pk)
    with pytest.raises(AskedBlindly):
        incident_for(west.actor("noa"), FileIncident.objects.get(file=early).incident_id)


def test_the_stream_tells_her_nothing_of_file_and_report_but_of_her_own_asking(west, asked, report, other):
    told = [encode(event) for event in Event.objects.order_by("id")]
    hub = Hub()
    hub._shut = rows_shut()
    hers, his = (hub.seen_by(west.actor(name), told) for name in ("noa", "gus"))
    silent = [event for event in hers if "revisit" not in event.kind]
    assert not any(f'"file_id":{asked.pk},'.encode() in event.message for event in silent)
    assert not any(event.kind == events.FILE_CLOSED for event in hers)
    assert any(event.kind == events.FILE_CLOSED for event in his)
    assert any(event.kind == events.REVISIT_ASSIGNED for event in hers)
    assert any(f'"file_id":{other.pk}'.encode() in event.message for event in hers)
    assert shut_may_change([events.REVISIT_ASSIGNED])
    assert not shut_may_change(["intake.incident_opened"])


def test_when_both_sides_are_through_report_and_stream_open_to_her(west, asked, report):
    revisit, noa = FileRevisit.objects.get(file=asked), west.actor("noa")
    for side in ("a", "b"):
        revisit_call_record(revisit=revisit, side=side, outcome="gone", by=noa, at=later(hours=4))
    assert incident_for(noa, report.pk) == report
    assert rows_shut() == {}


# The past: what was on the screens then, and the proof of what happened


@pytest.fixture
def lived(west):
    """A quarrel called in, sent to and closed; its file's parties are asked by Noa, who also leads a shift."""
    role_grant(person=west.people["noa"], role="duty_leader", by=SYSTEM, at=T0)
    role_grant(person=west.people["noa"], role="auditor", by=SYSTEM, at=T0)
    sheet = CallSheet(narrative="邻居漏水又吵起来", address_text="安澜大道1号", lon=120.065, lat=28.9, code="0402")
    incident = call_receive(line=sheet, at=T0, by=west.actor("ben")).incident
    unit_assign(incident=incident, unit=west.units["P-01"], by=west.actor("ada"), at=later(minutes=1))
    file = file_open(incident=incident, by=SYSTEM, at=later(minutes=2))
    LevelChange.objects.create(file=file, at=T0, level="red", version="test")
    file_follow_up(file=file, by=SYSTEM, at=later(minutes=3))
    file_close(file=file, result="settled_follow_up", by=SYSTEM, at=later(hours=2))
    Incident.objects.filter(pk=incident.pk).update(state="closed", closed_at=later(hours=1))
    revisit = revisit_draw(file=file, by=SYSTEM, at=later(hours=2))
    revisit_assign(revisit=revisit, person=west.people["noa"], by=west.actor("gus"), at=later(hours=3))
    return incident


def replayed(west, name):
    """The first hours of the day as that person's replay plays them, as the browser gets it."""
    window = past_window(west.actor(name), start=later(seconds=30), end=later(hours=4), today=later(hours=5))
    return json.dumps(window, ensure_ascii=False)


def test_a_replay_of_that_hour_shows_her_nothing_of_it_and_everybody_else_all(west, lived):
    file = FileIncident.objects.get(incident=lived).file
    his, hers = replayed(west, "gus"), replayed(west, "noa")
    for told in (lived.number, file.number, "漏水"):
        assert told in his, told
        assert told not in hers, hers[max(0, hers.index(told) - 300) : hers.index(told) + 100]
    assert '"P-01"' in hers
    assert f'"incident_id": {lived.pk}' not in hers


def test_the_notices_that_name_its_file_are_on_everybody_elses_list_only(west, lived, client):
    file = FileIncident.objects.get(incident=lived).file
    for name, shown in (("gus", True), ("noa", False)):
        client.force_login(west.people[name])
        assert (file.number in client.get("/notices").content.decode()) == shown, name


def test_no_replay_is_opened_for_her_by_its_number(west, lived, client):
    client.force_login(west.people["noa"])
    asked = {"idempotency_key": "k1", "purpose": "review", "words": "复盘", "hours": "1", "incident": lived.number}
    asked["start"] = f"{T0.astimezone(get_current_timezone()):%Y-%m-%dT%H:%M:%S}"
    assert client.post("/replay", asked).status_code == 403
    assert client.get("/replay", {"incident": lived.number}).status_code == 403
    assert not ViewLog.objects.filter(incident_id=lived.pk, actor_id=west.people["noa"].pk).exists()


def test_the_ledger_gives_her_no_proof_of_it(west, lived, client):
    client.force_login(west.people["noa"])
    answer = client.post("/ledger/proof", {"number": lived.number})
    assert answer.status_code == 403
    assert b"rows" not in answer.content
    page = client.get("/ledger").content.decode()
    assert lived.number not in page
    assert not ViewLog.objects.filter(purpose="ledger_proof").exists()


def test_when_both_sides_are_through_replay_and_proof_are_open_to_her(west, lived):
    revisit = FileRevisit.objects.get()
    for side in ("a", "b"):
        revisit_call_record(revisit=revisit, side=side, outcome="gone", by=west.actor("noa"), at=later(hours=4))
    assert lived.number in replayed(west, "noa")


# What waits for her answer


@pytest.fixture
def waits(west, asked):
    """A notice that names the file waits for Noa, and one that names its report."""
    report = FileIncident.objects.get(file=asked).incident
    people = {"chain": [Rung((to_person(west.people["noa"]),)), Rung((to_person(west.people["gus"]),))]}
    told = {"organisation": west.orgs["bureau"], "by": SYSTEM, "at": later(hours=3), **people}
    due = {"file": asked.number, "level": "yellow", "term": "sign", "due": "2026-03-03 09:00"}
    late = notice_send(message=messages.FILE_LATE, blanks=due, subject=asked, **told)
    rated = {"incident": report.number, "rating": "1"}
    return [
        late,
        notice_send(message=RATED_POORLY, blanks=rated, incident_id=report.pk, incident_number=report.number, **told),
    ]


def test_what_waits_for_her_and_names_the_file_is_neither_in_her_inbox_nor_at_its_doors(
    west, asked, waits, client, monkeypatch
):
    monkeypatch.setattr("anlan.notices.api.now", lambda: later(hours=3))
    monkeypatch.setattr("anlan.console.pages.notices.now", lambda: later(hours=3))
    assert notices_waiting(west.actor("noa"), at=later(hours=3)) == []
    head = bearer(west)
    assert client.get("/api/notices", **head).json() == []
    for row in waits:
        answer = client.get(f"/api/notices/{row.pk}", **head)
        assert (answer.status_code, answer.json()["code"]) == (403, "asked_blindly")
        assert notices_told(west.actor("noa"), [row.pk]) == []
    client.force_login(west.people["noa"])
    for door in ("/notices", "/notices/mine", "/notices/phone"):
        assert asked.number not in client.get(door).content.decode(), door


def test_it_goes_on_to_the_next_in_line_and_is_hers_again_when_both_sides_are_through(west, asked, waits):
    notices_tick(at=later(hours=14))
    assert {row.notice.pk for row in notices_waiting(west.actor("gus"), at=later(hours=14))} == {
        row.pk for row in waits
    }
    revisit, noa = FileRevisit.objects.get(file=asked), west.actor("noa")
    for side in ("a", "b"):
        revisit_call_record(revisit=revisit, side=side, outcome="gone", by=noa, at=later(hours=15))
    assert len(notices_waiting(noa, at=later(hours=15))) == 2


def test_what_waits_and_names_another_file_is_shown_to_her(west, asked, other):
    due = {"file": other.number, "level": "yellow", "term": "sign", "due": "2026-03-03 09:00"}
    chain = [Rung((to_person(west.people["noa"]),))]
    about = {"message": messages.FILE_LATE, "blanks": due, "subject": other}
    notice_send(chain=chain, organisation=west.orgs["bureau"], by=SYSTEM, at=later(hours=3), **about)
    assert len(notices_waiting(west.actor("noa"), at=later(hours=3))) == 1
