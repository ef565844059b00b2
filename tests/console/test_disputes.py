"""The pages of dispute files: the queue by what is due, one file with its three pushes, visits on a phone."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from anlan.accounts.services import person_add, role_grant
from anlan.console.selectors import disputes as read
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.models import ViewLog
from anlan.dispatch.services import order_route, order_sign, unit_assign
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.services import file_follow_up, file_open, party_add, push_send
from console.conftest import press
from world import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def bao(town):
    """Bao, officer of the west's beat."""
    at = now() - timedelta(minutes=4)
    person = person_add(
        username="bao", name="包", organisation=town.orgs["west"], password=PASSWORD, by=SYSTEM, at=at
    )
    role_grant(person=person, role="beat_officer", by=SYSTEM, at=at)
    town.people["bao"] = person
    return person


@pytest.fixture
def file(bao, take):
    """A quarrel over a leak, reported half an hour ago; calm when police left, so the beat has it."""
    at = now() - timedelta(minutes=2)
    incident = take("楼上漏水两家吵架", minutes=3, lon=120.065, code="0402")
    found = file_open(incident=incident, by=SYSTEM, at=at)
    if found.state == "open":
        found = file_follow_up(file=found, by=SYSTEM, at=at)
    found.refresh_from_db()
    return found


def page(client, file):
    return client.get(reverse("console:dispute", args=[file.number])).content.decode()


def do(file, deed):
    return reverse("console:dispute_do", args=[file.number, deed])


def running(file, seq):
    return Push.objects.get(file=file, seq=seq, state__in=("sent", "received", "acted"))


def test_the_queue_says_colour_why_owner_and_when_with_its_sum(desk, file):
    shown = desk("ida").get(reverse("console:disputes") + "?tab=live").content.decode()
    row = shown.split(f'data-file="{file.number}"')[1].split("</tr>")[0]
    assert "blue" in row
    assert "calm, but not settled" in row
    assert "Push</span>" in row or "Push 2" in row
    assert "data-due" in row
    assert 'class="panel"' in row  # the sum behind the deadline


def test_the_three_pushes_come_after_the_queue_and_count_a_file_once_in_each(desk, file):
    queue = desk("ida").get(reverse("console:disputes")).content.decode()
    assert reverse("console:dispute_funnel") in queue
    assert queue.count('<b class="num">…</b>') == 3
    sent = running(file, 2)
    Push.objects.filter(pk=sent.pk).update(state="closed", outcome="up", closed_at=now())
    Push.objects.filter(pk=sent.pk).update(due_at=now() - timedelta(hours=1))
    again = Push.objects.get(pk=sent.pk)
    again.pk, again.state, again.outcome, again.closed_at = None, "sent", "", None
    again.save(force_insert=True)
    told = [(s.files, s.well, s.up, s.late) for s in read.funnel(SYSTEM, at=now()).steps]
    assert told[1:] == [(1, 0, 1, 1), (0, 0, 0, 0)]
    part = desk("ida").get(reverse("console:dispute_funnel")).content.decode()
    assert "…" not in part
    opens = reverse("console:disputes") + "?push=2&amp;part=files"
    assert part.split("Push 2</span>")[1].startswith(f'<b class="num"><a href="{opens}">1</a></b>')
    assert ">1</a></b>" not in desk("cleo").get(reverse("console:dispute_funnel")).content.decode()


def test_each_number_of_the_three_pushes_opens_its_files(desk, file):
    sent = running(file, 2)
    Push.objects.filter(pk=sent.pk).update(due_at=now() - timedelta(hours=1))

    def opened(**asked):
        answer = desk("ida").get(reverse("console:disputes"), asked)
        return answer.status_code, f'data-file="{file.number}"' in answer.content.decode()

    assert opened(push=2, part="files") == opened(push=2, part="late") == opened(push=2) == (200, True)
    assert opened(push=2, part="well") == opened(push=3, part="files") == (200, False)
    Push.objects.filter(pk=sent.pk).update(state="closed", outcome="up", closed_at=now())
    assert opened(push=2, part="up") == (200, True)
    assert opened(push=2, part="late") == (200, False)
    assert opened(push=2, part="up", level="red") == (200, False), "the filters narrow it further"
    DisputeFile.objects.filter(pk=file.pk).update(opened_at=now() - timedelta(days=31))
    assert opened(push=2, part="up") == (200, False)
    assert [opened(push=push, part="files")[0] for push in ("4", "x", "")] == [404] * 3
    assert opened(push=1, part="<b>")[0] == 404


def test_another_station_sees_neither_queue_nor_file(desk, file):
    cleo = desk("cleo")
    assert file.number not in cleo.get(reverse("console:disputes") + "?tab=live").content.decode()
    assert cleo.get(reverse("console:dispute", args=[file.number])).status_code == 404


def test_the_visit_is_recorded_from_the_phone_in_two_taps_and_closes_the_file(desk, file):
    bao = desk("bao")
    shown = bao.get(reverse("console:visits")).content.decode()
    push = running(file, 2)
    assert f'data-visit="{push.pk}"' in shown
    answer = bao.post(
        reverse("console:visit_do", args=["record"]),
        {"push": push.pk, "outcome": "settled", "words": "约定周六修管道", "idempotency_key": str(uuid4())},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, answer.json()["is_late"]) == (200, False)
    file.refresh_from_db()
    push.refresh_from_db()
    assert (file.state, file.result, push.action) == ("closed", "settled_follow_up", "约定周六修管道")
    assert f'data-visit="{push.pk}"' not in bao.get(reverse("console:visits")).content.decode()


def test_a_visit_sent_ten_times_counts_once_and_keeps_when_it_was_written(desk, file):
    bao, push, key = desk("bao"), running(file, 2), str(uuid4())
    body = {"push": push.pk, "outcome": "watching", "words": "双方冷静", "idempotency_key": key}
    here = now()
    body["device_at"] = (here - timedelta(minutes=50)).isoformat()
    answers = [
        bao.post(
            reverse("console:visit_do", args=["record"]),
            body,
            headers={"Accept": "application/json", "X-Device-Now": here.isoformat()},
        )
        for _ in range(10)
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].json()["is_late"] is True
    assert Push.objects.filter(file=file, seq=2).count() == 2  # the visit, and the next one that follows from it
    push.refresh_from_db()
    assert "双方冷静" in push.action
    assert "phone" in push.action


def test_a_visit_that_others_settled_meanwhile_is_told_and_changes_nothing(desk, file):
    bao, push = desk("bao"), running(file, 2)
    press(desk("ida"), do(file, "close"), result="settled_follow_up")
    answer = bao.post(
        reverse("console:visit_do", args=["record"]),
        {"push": push.pk, "outcome": "up", "words": "", "idempotency_key": str(uuid4())},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 409
    assert answer.json()["code"] in ("dispute_push_over", "dispute_file_over")
    file.refresh_from_db()
    assert file.state == "closed"


def test_nobody_records_another_stations_visit(desk, file):
    push = running(file, 2)
    answer = desk("cleo").post(
        reverse("console:visit_do", args=["record"]),
        {"push": push.pk, "outcome": "settled", "idempotency_key": str(uuid4())},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 404


def test_the_file_goes_up_and_the_town_room_accepts_triages_and_assigns_it(desk, file):
    press(desk("bao"), do(file, "push"), seq=3)
    dan = desk("dan")
    assert "Accept" in page(dan, file)
    press(dan, do(file, "accept"))
    press(dan, do(file, "triage"), method="people", relation="neighbours", claim="赔偿装修")
    press(dan, do(file, "assign"), organisation="mediation")
    file.refresh_from_db()
    assert (file.state, file.mediating.code, file.claim) == ("assigned", "mediation", "赔偿装修")
    shown = page(dan, file)
    assert "Mediation centre" in shown
    assert "3 Town room and beyond" in shown


def test_a_push_sent_back_goes_to_the_beat_with_its_reason_and_only_once(desk, file):
    press(desk("bao"), do(file, "push"), seq=3)
    dan = desk("dan")
    press(dan, do(file, "return"), push=running(file, 3).pk, reason="所内可调")
    file.refresh_from_db()
    assert file.state == "follow_up"
    assert "所内可调" in page(dan, file)
    press(desk("bao"), do(file, "push"), seq=3)
    answer = press(dan, do(file, "return"), push=running(file, 3).pk, reason="还是不收")
    assert answer.status_code == 409


def test_reports_are_linked_and_unlinked_by_number(desk, file, take):
    second = take("又在吵漏水的事", minutes=1, lon=120.065, code="0402")
    other = DisputeFile.objects.filter(links__incident=second).exclude(pk=file.pk)
    assert not other.exists()
    ida = desk("ida")
    press(ida, do(file, "link"), incident=second.number)
    file.refresh_from_db()
    assert file.reports == 2
    press(ida, do(file, "unlink"), incident=second.number)
    file.refresh_from_db()
    assert file.reports == 1
    assert "taken back" in page(ida, file)


def test_a_party_is_a_role_until_somebody_asks_with_a_purpose_and_the_look_is_logged(desk, file, town):
    party = party_add(file=file, role="a", name="张三丰", phone="13800000001", by=town.actor("ida", now()), at=now())
    ida = desk("ida")
    assert "张三丰" not in page(ida, file)
    url = reverse("console:dispute_party", args=[file.number, party.pk])
    refused = press(ida, url, purpose="")
    assert "张三丰" not in refused.content.decode()
    answer = press(ida, url, purpose="visit")
    assert "张三丰" in answer.content.decode()
    assert ViewLog.objects.filter(purpose="visit").count() == 1
    again = ida.post(url, {"purpose": "visit", "idempotency_key": "same"})
    twice = ida.post(url, {"purpose": "visit", "idempotency_key": "same"})
    assert "张三丰" in again.content.decode()
    assert "张三丰" not in twice.content.decode()  # an answer that is kept for a key holds no name


def test_danger_gives_the_file_back_to_police_at_once(desk, file):
    press(desk("bao"), do(file, "police"))
    file.refresh_from_db()
    assert file.state == "with_police"


def test_a_closed_file_is_archived_and_opened_again(desk, file):
    ida = desk("ida")
    press(ida, do(file, "close"), result="settled_follow_up")
    press(ida, do(file, "archive"))
    file.refresh_from_db()
    assert file.state == "archived"
    press(ida, do(file, "reopen"), reason="closed_wrongly")
    file.refresh_from_db()
    assert file.state == "follow_up"
    assert "came back" in page(ida, file) or running(file, 2).reason == "came_back"


def test_who_is_sent_sees_earlier_reports_of_the_quarrel_and_what_was_promised(desk, file, take, town):
    press(
        desk("bao"),
        reverse("console:visit_do", args=["record"]),
        push=running(file, 2).pk,
        outcome="watching",
        words="约定周六修管道",
    )
    at = now()
    second = take("楼上又漏水吵起来了", minutes=0.5, lon=120.065, code="0402")
    press(desk("ida"), do(file, "link"), incident=second.number)
    unit_assign(incident=second, unit=town.units["P-01"], by=town.actor("ada", at), at=at)
    first = file.links.order_by("made_at").first().incident
    for shown in (
        desk("eve").get("/unit").content.decode(),
        desk("ada").get(reverse("console:incident", args=[second.number])).content.decode(),
    ):
        card = shown.split('class="card earlier')[1] if 'class="card earlier' in shown else shown.split("earlier")[1]
        assert first.number in card
        assert "约定周六修管道" in card


def test_the_street_team_on_the_way_sees_what_was_promised_too(desk, file, town):
    at = now()
    record = reverse("console:visit_do", args=["record"])
    press(desk("bao"), record, push=running(file, 2).pk, outcome="watching", words="答应周六修")
    incident = file.links.first().incident
    if incident.track != "C":
        from anlan.intake.services import incident_track_override

        incident_track_override(incident=incident, track="C", reason="社区", by=town.actor("ada", at), at=at)
    order = order_route(incident=incident, by=town.actor("ada", at), at=at)
    order_sign(order=order, by=town.actor("dan", at), at=at)
    from anlan.dispatch.services import order_assign

    order_assign(order=order, unit=town.units["C-01"], by=town.actor("dan", at), at=at)
    assert "答应周六修" in desk("finn").get("/unit").content.decode()


def test_the_town_board_lists_the_files_pushed_to_it_with_their_clock(desk, file, town):
    push_send(file=file, seq=3, reason="by_hand", by=town.actor("ida", now()), at=now())
    shown = desk("dan").get(reverse("console:town")).content.decode()
    row = shown.split('data-group="files"')[1]
    assert file.number in row
    assert "data-due" in row
    press(desk("dan"), do(file, "accept"), next="/console/town")
    file.refresh_from_db()
    assert file.state == "accepted"


def test_a_photo_of_a_visit_belongs_to_the_report_and_counts_once(desk, file):
    from anlan.core.models import Event
    from anlan.dispatch.models import FieldAttachment
    from dispatch.pictures import other

    bao, push = desk("bao"), running(file, 2)
    url = f"/api/disputes/pushes/{push.pk}/attachments?kind=photo"
    sent = {"content_type": "application/octet-stream", "headers": {"Idempotency-Key": "one-photo"}}
    answers = [bao.post(url, other("PNG", (64, 48)), **sent) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    (row,) = FieldAttachment.objects.all()
    assert (row.assignment, row.incident) == (None, file.links.first().incident)
    (told,) = Event.objects.filter(kind="dispatch.field_attachment_added")
    shown = desk("ida").get(reverse("console:incident", args=[row.incident.number])).content.decode()
    assert "Sent from a visit: photo." in shown
    on_file = desk("ida").get(reverse("console:dispute", args=[file.number])).content.decode()
    assert on_file.count("Sent from a visit: photo.") == on_file.count(f"/api/attachments/{row.pk}/content") == 1
    assert desk("ida").get(f"/api/attachments/{row.pk}/content").status_code == 200
    assert desk("cleo").get(f"/api/attachments/{row.pk}/content").status_code == 404
    assert desk("cleo").post(url, b"x", **{**sent, "headers": {"Idempotency-Key": "two"}}).status_code == 403
    assert told.data["unit"] == ""
