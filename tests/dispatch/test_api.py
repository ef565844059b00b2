"""The JSON doors: who may, what one gets, and the same command ten times."""

from __future__ import annotations

import json
from itertools import count

import pytest
from django.core.cache import cache
from django.test import Client

from anlan.accounts.services import role_grant
from anlan.core.actor import SYSTEM
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.dispatch.rules import shown_kept
from anlan.units.models import PositionFix, Unit
from dispatch.scene import incident_of, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


_keys = count()


class Desk:
    """A signed-in person at the JSON doors."""

    def __init__(self, world, name):
        self.client = Client()
        self.client.force_login(world.people[name])

    def get(self, path):
        return self.client.get(f"/api{path}")

    def post(self, path, key=None, **body):
        return self.client.post(
            f"/api{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": key or f"own-{next(_keys)}"},
        )


@pytest.fixture
def desk(world):
    cache.clear()
    return lambda name: Desk(world, name)


def test_a_matter_from_sending_to_closing(world, desk):
    incident = incident_of(world)
    ada, eve, ida = desk("ada"), desk("eve"), desk("ida")
    offered = ada.get(f"/incidents/{incident.pk}/recommendation").json()
    assert {row["call_sign"] for row in offered["left_out"]} == {"C-01", "C-02"}
    sent = ada.post(f"/incidents/{incident.pk}/assignments", unit_id=world.units["P-01"].pk, rank=1)
    assert (sent.status_code, sent.json()["state"]) == (201, "sent")
    pk = sent.json()["id"]
    for step, state in (("sign", "signed"), ("depart", "en_route"), ("arrive", "arrived"), ("finish", "finished")):
        answer = eve.post(f"/assignments/{pk}/{step}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    sheet = eve.post(f"/incidents/{incident.pk}/feedback", result="helped", assignment_id=pk)
    assert sheet.status_code == 201
    assert ida.post(f"/feedback/{sheet.json()['id']}/review").json()["review"] == "agreed"
    assert ada.post(f"/incidents/{incident.pk}/close").json()["state"] == "closed"


def test_the_same_send_ten_times_sends_once(world, desk):
    incident, ada = incident_of(world), desk("ada")
    answers = [
        ada.post(f"/incidents/{incident.pk}/assignments", key="one", unit_id=world.units["P-01"].pk)
        for _ in range(10)
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Assignment.objects.count() == 1


def test_a_unit_that_is_gone_is_refused_in_both_languages(world, desk):
    first, second = incident_of(world), incident_of(world)
    send(world, first)
    answer = desk("jia").post(f"/incidents/{second.pk}/assignments", unit_id=world.units["P-01"].pk)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "unit_not_available")
    assert body["facts"]["incident"] == first.number
    assert body["detail_i18n"]["zh-hans"] != body["detail_i18n"]["en"]


def test_a_plan_comes_into_force_when_a_second_person_approves_it(world, desk):
    body = {"key": "mine", "name_zh": "本局预案", "name_en": "Ours", "levels": [{"needs": [{"count": 1}]}]}
    jia = desk("jia")
    once = {"Idempotency-Key": f"own-{next(_keys)}"}
    asked = jia.client.post("/api/response-plans", json.dumps(body), "application/json", headers=once)
    assert (asked.status_code, asked.json()["outcome"]) == (201, "waiting")
    assert [row["key"] for row in jia.get("/response-plans/proposals").json()] == ["mine"]
    door = f"/response-plans/proposals/{asked.json()['id']}"
    alone = jia.post(door, approve=True)
    assert (alone.status_code, alone.json()["code"]) == (409, "plan_needs_two")
    assert "mine" not in {row["key"] for row in jia.get("/response-plans").json()}
    role_grant(person=world.people["ada"], role="duty_leader", by=SYSTEM, at=T0)
    assert desk("ada").post(door, approve=True).json()["outcome"] == "approved"
    assert "mine" in {row["key"] for row in jia.get("/response-plans").json()}
    assert jia.post(door, approve=False).status_code == 409


def test_what_no_recommendation_can_have_shown_is_left_out_and_holds_up_no_sending(world, desk):
    wild = {"rank": 10**6, "advised_unit": 10**30, "eta_s": 1e300, "eta_p90_s": -5.0, "reason": "近" * 900}
    incident = incident_of(world)
    sent = desk("ada").post(f"/incidents/{incident.pk}/assignments", unit_id=world.units["P-01"].pk, **wild)
    assert sent.status_code == 201
    row = Assignment.objects.get()
    assert (row.rank, row.advised_unit, row.eta_s, row.eta_p90_s, len(row.reason)) == (None, None, None, None, 200)
    for raw in (float("nan"), float("inf")):
        assert shown_kept({"eta_s": raw})["eta_s"] is None
    kept = shown_kept({"eta_s": 0.0, "rank": 1, "advice": "quickest", "advised_unit": 7, "eta_source": "road"})
    assert (kept["eta_s"], kept["rank"], kept["advised_unit"], kept["eta_source"]) == (0.0, 1, 7, "road")


def test_another_stations_matter_is_not_found(world, desk):
    incident = incident_of(world)
    assignment = send(world, incident)
    cleo = desk("cleo")
    assert cleo.get(f"/incidents/{incident.pk}/recommendation").status_code == 404
    assert cleo.get(f"/incidents/{incident.pk}/assignments").status_code == 404
    assert cleo.post(f"/assignments/{assignment.pk}/sign").status_code == 404
    assert cleo.post(f"/incidents/{incident.pk}/assignments", unit_id=world.units["P-03"].pk).status_code == 404


def test_a_patrol_officer_does_not_send(world, desk):
    incident = incident_of(world)
    answer = desk("eve").post(f"/incidents/{incident.pk}/assignments", unit_id=world.units["P-01"].pk)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_nobody_signed_in_is_asked_to_sign_in(world, desk):
    assert Client().get("/api/units").status_code == 401


def test_a_town_room_works_its_order(world, desk):
    incident = incident_of(world, track="C", priority="P3", code="0402")
    ada, dan, finn = desk("ada"), desk("dan"), desk("finn")
    pk = ada.post(f"/incidents/{incident.pk}/orders").json()["id"]
    assert dan.post(f"/orders/{pk}/sign").status_code == 200
    assert dan.post(f"/orders/{pk}/contact").status_code == 200
    team = dan.post(f"/orders/{pk}/assign", unit_id=world.units["C-01"].pk).json()
    assert finn.post(f"/assignments/{team['id']}/arrive").status_code == 200
    assert finn.post(f"/orders/{pk}/settle").json()["state"] == "settled"
    assert dan.post(f"/orders/{pk}/close").json()["state"] == "closed"
    assert WorkOrder.objects.get().incident.state == "closed"


def test_the_clocks_come_with_their_sums(world, desk):
    incident = incident_of(world, received_at=T0)
    (clock,) = desk("ada").get(f"/incidents/{incident.pk}/clocks").json()
    assert (clock["kind"], clock["state"]) == ("send", "red")
    assert "09:01:00" in clock["sum"]


def test_positions_are_acknowledged_and_need_no_key(world, desk):
    eve = desk("eve")
    fixes = [
        {"boot": "phone", "seq": k, "lon": 120.06, "lat": 28.9, "fixed_at": f"2026-03-02T01:00:{k:02d}Z"}
        for k in (1, 2, 4)
    ]
    for _ in range(2):
        answer = eve.client.post("/api/positions", json.dumps({"fixes": fixes}), content_type="application/json")
        assert answer.json()["acknowledged"] == [
            {"unit_id": Unit.objects.get(call_sign="P-01").pk, "boot": "phone", "seq": 2}
        ]


@pytest.mark.parametrize("told", [{}, {"seq": "3", "lon": "120.06"}])
def test_a_position_is_taken_alike_in_the_usual_form_and_in_a_looser_one(world, desk, told):
    client, fix = desk("eve").client, {"boot": "phone", "seq": 3, "lon": 120.06, "lat": 28.9}
    body = {"fixes": [{**fix, "fixed_at": "2026-03-02T09:00:01+08:00", **told}], "datum": "gcj02"}
    answer = client.post("/api/positions", json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    kept = PositionFix.objects.get(boot="phone")
    assert (kept.seq, kept.fixed_at.isoformat()) == (3, "2026-03-02T01:00:01+00:00")
    assert 0 < abs(kept.lon - 120.06) < 0.01


def test_a_batch_of_positions_is_refused_field_by_field_and_anothers_unit_is_not_found(world, desk):
    client, fix = desk("eve").client, {"boot": "a", "seq": 1, "lon": 120.06, "fixed_at": "2026-03-02T01:00:01Z"}
    missing = client.post("/api/positions", json.dumps({"fixes": [fix]}), content_type="application/json")
    assert (missing.status_code, missing.json()["code"]) == (422, "bad_input")
    assert missing.json()["facts"]["field"].endswith("fixes.0.lat")
    others = {"fixes": [{**fix, "lat": 28.9, "unit_id": world.units["P-02"].pk}]}
    refused = client.post("/api/positions", json.dumps(others), content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_the_unit_list_shows_ages(world, desk):
    rows = desk("ida").get("/units").json()
    assert [row["call_sign"] for row in rows] == ["P-01", "P-02"]
    assert rows[0]["position"]["is_lost"]


def on_scene(world, desk):
    """P-01 with Eve alone, there since a moment ago; its assignment."""
    incident = incident_of(world)
    ada = desk("ada")
    pk = ada.post(f"/incidents/{incident.pk}/assignments", unit_id=world.units["P-01"].pk).json()["id"]
    ada.post(f"/assignments/{pk}/arrive")
    return incident, pk


def test_a_timer_is_set_answered_and_ended_once_whatever_the_line_repeats(world, desk):
    incident, pk = on_scene(world, desk)
    ada, eve = desk("ada"), desk("eve")
    asked = ada.post(f"/assignments/{pk}/checkin", key="set", minutes=5, reason="dark yard")
    again = ada.post(f"/assignments/{pk}/checkin", key="set", minutes=5, reason="dark yard")
    assert (asked.status_code, asked.json()) == (201, again.json())
    timer = asked.json()["id"]
    assert (asked.json()["every_s"], asked.json()["call_sign"]) == (300, "P-01")
    safe = eve.post(f"/checkins/{timer}/confirm")
    assert (safe.status_code, safe.json()["state"]) == (200, "running")
    assert safe.json()["confirmed_at"]
    assert eve.post(f"/checkins/{timer}/end", reason="enough").status_code == 403
    assert ada.post(f"/checkins/{timer}/end", reason="two of them now").json()["state"] == "ended"
    assert ada.post(f"/checkins/{timer}/confirm").status_code == 409
    assert [row["id"] for row in ada.get(f"/incidents/{incident.pk}/checkins").json()] == [timer]


@pytest.mark.parametrize("minutes", [0, -1, 1, 121, 1e300, "five"])
def test_an_interval_nobody_means_is_refused(world, desk, minutes):
    _, pk = on_scene(world, desk)
    assert desk("ada").post(f"/assignments/{pk}/checkin", minutes=minutes, reason="x").status_code == 422


def test_another_stations_timers_and_desks_are_not_there(world, desk):
    incident, pk = on_scene(world, desk)
    timer = desk("ada").post(f"/assignments/{pk}/checkin", minutes=5, reason="dark yard").json()["id"]
    cleo, bureau = desk("cleo"), world.orgs["bureau"].pk
    assert cleo.post(f"/checkins/{timer}/confirm").status_code == 404
    assert cleo.get(f"/incidents/{incident.pk}/checkins").status_code == 404
    assert cleo.get(f"/desks/{bureau}/standing").status_code == 404
    assert cleo.post(f"/desks/{bureau}/handover").status_code == 404
    written = desk("ada").post(f"/desks/{bureau}/handover").json()["id"]
    assert cleo.get(f"/handovers/{written}").status_code == 404


def test_a_desk_is_handed_over_from_one_to_another(world, desk):
    incident = incident_of(world)
    ada, ben, bureau = desk("ada"), desk("ben"), world.orgs["bureau"].pk
    pk = ada.post(f"/desks/{bureau}/handover").json()["id"]
    noted = ada.post(f"/handovers/{pk}/notes", incident_id=incident.pk, note="call the school at eight")
    assert (noted.status_code, noted.json()["incident"]) == (201, incident.number)
    assert ada.get(f"/desks/{bureau}/standing").json()["handover"]["state"] == "open"
    assert ben.post(f"/handovers/{pk}/take").status_code == 409  # nobody has signed
    assert ada.post(f"/handovers/{pk}/sign").json()["outgoing"]["name"] == "艾达"
    assert ada.post(f"/handovers/{pk}/take").status_code == 409  # it takes two
    assert ben.post(f"/handovers/{pk}/take", role="dispatcher").status_code == 422  # not his
    assert ben.post(f"/handovers/{pk}/take").json()["incoming"]["name"] == "本"
    told = ada.get(f"/handovers/{pk}").json()
    assert [row["number"] for row in told["stood"]["incidents"]] == [incident.number]
    assert [note["note"] for note in told["notes"]] == ["call the school at eight"]
    assert [row["id"] for row in ben.get(f"/desks/{bureau}/handovers").json()] == [pk]
    assert desk("eve").get(f"/desks/{bureau}/standing").status_code == 403
