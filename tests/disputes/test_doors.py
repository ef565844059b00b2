"""What programs and pages see of a file: its lists, its page, its commands, each once, within its own reach."""

from __future__ import annotations

import pytest

from anlan.accounts.services import token_issue
from anlan.console.selectors.visits import visits_of as shown_on_phone
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.models import IdempotencyKey, ViewLog
from anlan.core.sentences import sentences_registered
from anlan.disputes import events
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import LEVEL_RULES
from anlan.disputes.selectors import (
    earlier_of,
    file_page,
    files_held,
    push_open_of,
    pushes_told,
    town_board,
    visits_of,
)
from anlan.disputes.services import file_follow_up, incident_link, party_add, push_close
from anlan.engines.levels import RULE_IDS
from disputes.quarrel import at_town, later, opened, people_come, pushed, quarrel
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


@pytest.fixture
def door(client, west):
    """``door("lin").post(...)``: somebody's program, each command with a key of its own."""
    keys = iter(range(1000))

    class Door:
        def __init__(self, name):
            secret = token_issue(person=west.people[name], label="test", by=SYSTEM, at=T0)
            self.head = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}

        def get(self, path):
            return client.get(f"/api{path}", **self.head)

        def post(self, path, body=None, key=None):
            key = key or f"key-{next(keys)}"
            return client.post(
                f"/api{path}",
                body or {},
                content_type="application/json",
                headers={"Idempotency-Key": key},
                **self.head,
            )

    return Door


def test_an_officer_visits_closes_and_sees_it_gone_from_the_list(west, door):
    file = opened(west)
    file_follow_up(file=file, by=SYSTEM, at=T0)
    lin = door("lin")
    (visit,) = lin.get("/disputes/visits").json()
    assert (visit["file"], visit["level"], visit["seq"]) == (file.number, "blue", 2)
    assert lin.post(f"/pushes/{visit['id']}/receive").status_code == 200
    assert [row["number"] for row in lin.get("/disputes").json()["files"]] == [file.number]
    done = [lin.post(f"/pushes/{visit['id']}/close", {"outcome": "settled"}, key="once") for _ in "ab"]
    assert [answer.status_code for answer in done] == [200, 200]
    assert lin.get("/disputes/visits").json() == []
    page = lin.get(f"/disputes/{file.pk}").json()
    assert (page["state"], page["result"]) == ("closed", "settled_follow_up")
    assert page["timeline"][-1]["sentence"]


def test_the_town_room_works_through_its_board(west, door):
    file, dan = opened(west), door("dan")
    pushed(file, 3, at=T0)
    assert dan.get("/disputes/town").json()["counts"]["pushed"] == 1
    for step, body in (
        ("accept", {}),
        ("triage", {"method": "people", "relation": "neighbours", "claim": "赔我地板"}),
        ("assign", {"organisation_id": west.orgs["mediation"].pk}),
    ):
        assert dan.post(f"/disputes/{file.pk}/{step}", body).status_code == 200, step
    assert dan.post(f"/disputes/{file.pk}/triage", {"method": "shouting"}).status_code == 422
    mo = door("mo").post(f"/disputes/{file.pk}/assignment-return", {"reason": "不属本中心"})
    assert (mo.status_code, mo.json()["state"]) == (200, "triaged")
    # What people wrote stands in the file, and not for a month beside the key of a command.
    assert dan.get(f"/disputes/{file.pk}").json()["claim"] == "赔我地板"
    kept = str(list(IdempotencyKey.objects.values_list("response", flat=True)))
    assert not [words for words in ("赔我地板", "不属本中心") if words in kept]


def test_another_stations_room_gets_the_answer_of_a_file_that_is_not_there(west, door):
    file = opened(west)
    pushed(file, 2, at=T0)
    cleo, push = door("cleo"), push_open_of(file.pk, 2)
    assert cleo.get(f"/disputes/{file.pk}").status_code == 404
    assert cleo.post(f"/pushes/{push.pk}/receive").status_code == 404
    assert cleo.get("/disputes?held=false").json()["files"] == []


def test_who_a_party_is_is_shown_for_a_purpose_and_logged_and_stands_in_no_list(west, door):
    file, lin = opened(west), door("lin")
    added = lin.post(f"/disputes/{file.pk}/parties", {"role": "a", "name": "张三丰", "phone": "13800000000"})
    page = lin.get(f"/disputes/{file.pk}").content.decode()
    assert "张三丰" not in page
    assert "13800000000" not in page
    path = f"/parties/{added.json()['id']}/reveal"
    assert lin.post(path, {"purpose": "curiosity"}).status_code == 422
    assert lin.post(path, {"purpose": "visit"}).json()["name"] == "张三丰"
    assert door("eve").post(path, {"purpose": "visit"}).status_code == 403
    assert ViewLog.objects.filter(purpose="visit").count() == 1


def test_the_officer_sent_sees_what_came_before(west):
    file = opened(west)
    pushed(file, 1, at=T0)
    push_close(push=push_open_of(file.pk, 1), outcome="calm_open", by=SYSTEM, at=later(hours=1), action="双方冷静")
    again = quarrel(west, received_at=later(days=1))
    assert earlier_of(again, by=west.actor("lin")) is None
    incident_link(file=file, incident=again, by=SYSTEM, at=later(days=1))
    card = earlier_of(again, by=west.actor("lin"))
    assert [row.incident.received_at for row in card.reports] == [T0]
    assert [(row.seq, row.outcome, row.action) for row in card.pushes] == [(1, "calm_open", "双方冷静")]


def test_lists_ask_the_store_no_more_often_for_more_files(west, django_assert_max_num_queries):
    for day in range(4):
        file = opened(west, at=later(days=day))
        file_follow_up(file=file, by=SYSTEM, at=later(days=day))
    for _ in range(3):
        party_add(file=file, role="more", by=SYSTEM, at=later(days=4))
    gus, lin, dan = (west.actor(name, later(days=5)) for name in ("gus", "lin", "dan"))
    with django_assert_max_num_queries(12):
        file_page(gus, file.pk)
    with django_assert_max_num_queries(4):
        assert len(visits_of(lin, at=later(days=5))) == 4
    with django_assert_max_num_queries(1):
        files_held(lin)
    with django_assert_max_num_queries(3):
        town_board(dan, at=later(days=5))
    with django_assert_max_num_queries(4):
        steps = pushes_told(gus, first=T0.date(), last=later(days=9).date(), at=later(days=5)).steps
    assert [(step.files, step.open) for step in steps] == [(0, 0), (4, 4), (0, 0)]


def test_visits_stand_by_the_colour_of_what_is_due_on_the_page_and_at_the_door(west, client):
    """Seven days for a blue file, 24 hours for a red one: what was pushed first is not always due-coloured first."""
    files = {}
    for name, start, level in (("calm", 100, "red"), ("soon", 0, "blue"), ("late", 90, "red")):
        files[name] = file = opened(west, at=later(hours=start))
        DisputeFile.objects.filter(pk=file.pk).update(level=level)
        file_follow_up(file=file, by=SYSTEM, at=later(hours=start))
    due = {"calm": later(hours=124), "soon": later(hours=168), "late": later(hours=114)}
    for name, file in files.items():
        Push.objects.filter(file=file, seq=2).update(due_at=due[name])
    at = later(hours=115)
    lin = west.actor("lin", at)
    found = [(row.push.file, row.colour) for row in visits_of(lin, at=at)]
    assert found == [(files["late"], "red"), (files["soon"], "amber"), (files["calm"], "ok")]
    assert [row.push.file for row in shown_on_phone(lin, at=at)] == [file for file, _colour in found]
    secret = token_issue(person=west.people["lin"], label="test", by=SYSTEM, at=T0)
    told = client.get("/api/disputes/visits", HTTP_AUTHORIZATION=f"Bearer {secret}").json()
    assert [row["file"] for row in told] == [row.push.file.number for row in visits_of(west.actor("lin"), at=now())]
    assert "is_given" in told[0]


def test_every_event_has_its_sentence_and_every_rule_of_the_colour_its_words():
    kinds = {value for name, value in vars(events).items() if name.isupper()}
    # The words of revisits stand with them.
    assert {kind for kind in kinds if "revisit" not in kind and "rated" not in kind} <= sentences_registered().keys()
    assert set(RULE_IDS) == set(LEVEL_RULES)


def test_a_file_at_the_town_room_is_on_its_board_and_nobody_elses(west):
    at_town(west, opened(west), at=T0)
    assert town_board(west.actor("dan"), at=T0).counts["assigned"] == 1
    assert town_board(west.actor("rui"), at=T0).counts["assigned"] == 0
    assert DisputeFile.objects.get().push_level == 3
    assert Push.objects.count() == 1
