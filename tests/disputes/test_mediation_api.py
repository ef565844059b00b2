"""The JSON doors of the mediating table, from the number drawn to the paper given out."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from itertools import count

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from anlan.core.clock import now
from anlan.core.models import IdempotencyKey
from anlan.disputes.models import Session, SlotHold
from disputes.table import assigned_file, sides, started, table_set
from world import build_world

pytestmark = pytest.mark.django_db(databases="__all__")
_keys = count()


@pytest.fixture
def table(db):
    cache.clear()
    at = now() - timedelta(minutes=5)
    return table_set(build_world(at=at, units=False, roads=False), at=at)


class Door:
    """Somebody at the JSON doors."""

    def __init__(self, table, name):
        self.client = Client()
        self.client.force_login(table.person(name))

    def get(self, path, **asked):
        return self.client.get(f"/api{path}", asked)

    def post(self, path, key=None, **body):
        headers = {"Idempotency-Key": key or f"table-{next(_keys)}"}
        return self.client.post(f"/api{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_two_programs_book_one_room_and_the_second_hears_who_has_it(table):
    nan, mo = Door(table, "nan"), Door(table, "mo")
    body, room = table.centre.pk, table.rooms[0].pk
    file = assigned_file(table.world, at=now())
    begin = {"body_id": body, "method": "people", "mediator_id": table.person("nan").pk}
    made = nan.post(f"/disputes/{file.pk}/mediations", **begin)
    assert made.status_code == 201, made.content
    (first, *_more) = mo.get(f"/mediation/bodies/{body}/free", slots=2, room_id=room).json()
    wish = {"starts_at": first, "slots": 2, "mediator_id": table.person("nan").pk, "room_id": room}
    path = f"/mediations/{made.json()['id']}/sessions"
    assert [mo.post(path, key="once", **wish).status_code for _ in range(3)] == [201, 201, 201]
    assert SlotHold.objects.count() == 6
    other = started(table, at=now())
    refused = mo.post(f"/mediations/{other.pk}/sessions", **{**wish, "mediator_id": table.person("oda").pk})
    assert refused.status_code == 409
    facts = refused.json()["facts"]
    assert (refused.json()["code"], facts["file"], facts["who"]) == ("slot_taken", file.number, "莫")
    day = timezone.localtime(Session.objects.get().starts_at).date().isoformat()
    (taken,) = [
        row for row in mo.get(f"/mediation/bodies/{body}/calendar", day=day).json()["rooms"] if row["id"] == room
    ]
    assert [cell["file"] for cell in taken["taken"]] == [file.number, file.number]


def test_an_agreement_from_its_draft_to_its_paper(table):
    nan = Door(table, "nan")
    mediation = started(table, at=now())
    a, b = sides(mediation.file)
    then = now() - timedelta(hours=1)
    session = Session.objects.create(
        mediation=mediation, file=mediation.file, ordinal=1, mediator=mediation.mediator, starts_at=then,
        ends_at=then + timedelta(minutes=30), state_since=then, booked_at=then,
    )  # fmt: skip
    came = [{"party_id": party.pk, "how": "came"} for party in (a, b)]
    assert (
        nan.post(
            f"/sessions/{session.pk}/hold", attendance=came, outcome="agreement", minutes="桌上说的话"
        ).status_code
        == 200
    )
    draft = nan.post(f"/mediations/{mediation.pk}/agreement", facts="漏水", terms="赔偿").json()
    path = f"/agreements/{draft['id']}"
    promise = {"debtor_id": a.pk, "creditor_id": b.pk, "what": "赔偿", "way": "cash", "amount": "1.2万"}
    vague = nan.post(f"{path}/obligations", **promise, condition="秋收后")
    assert (vague.status_code, vague.json()["code"]) == (422, "obligation_without_day")
    today = timezone.localdate(now()).isoformat()
    made = nan.post(f"{path}/obligations", **promise, due_on=today).json()
    assert (made["amount_fen"], made["amount"]) == (1_200_000, "12,000.00")
    early = nan.post(f"{path}/conclude", agreed_at=(then - timedelta(days=1)).isoformat())
    assert early.json()["code"] == "agreement_before_session"
    assert nan.post(f"{path}/conclude", agreed_at=now().isoformat()).json()["state"] == "in_force"
    told = nan.get(f"/disputes/{mediation.file_id}/mediations").json()
    assert told["agreements"][0]["totals_fen"]["promised"] == 1_200_000
    paper = nan.post(f"/mediations/{mediation.pk}/papers", kind="agreement", format="docx", agreement_id=draft["id"])
    assert paper["X-Paper-SHA256"] == hashlib.sha256(paper.content).hexdigest()
    assert len(nan.get(f"/mediation/papers/{paper['X-Paper-SHA256']}").json()) == 1
    assert nan.post(f"/obligations/{made['id']}/perform", performed_on=today, evidence="receipt").status_code == 200
    read = nan.post(f"/sessions/{session.pk}/minutes", purpose="起草协议")
    assert read.json()["text"] == "桌上说的话"
    table_words = told["agreements"][0]
    assert (table_words["facts"], table_words["obligations"][0]["what"]) == ("漏水", "赔偿")
    kept = str(list(IdempotencyKey.objects.values_list("response", flat=True)))
    assert not [words for words in ("桌上说的话", "漏水", "赔偿") if words in kept]


def test_nobody_else_gets_in(table):
    mediation = started(table, at=now())
    assert Door(table, "cleo").get(f"/disputes/{mediation.file_id}/mediations").status_code in (403, 404)
    assert Door(table, "gus").post(f"/mediations/{mediation.pk}/pause", reason="talks").status_code == 403
    assert Door(table, "nan").post("/mediation/bodies", organisation_id=1, type="village").status_code == 403
