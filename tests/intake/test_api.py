"""The same services over JSON."""

from __future__ import annotations

import json

import pytest

from anlan.accounts.services import token_issue
from anlan.core.actor import SYSTEM
from anlan.core.models import QuarantinedRow
from anlan.intake.models import Call, CallBack, Incident, Reporter, Transfer
from world import T0


@pytest.fixture
def api(county, client):
    """``api("ben", "post", "/calls", {...})``: one request as somebody, with a key of its own."""
    tokens = {}
    count = iter(range(10_000))

    def act(name, method, path, body=None, *, key=None, raw=None):
        if name not in tokens:
            tokens[name] = token_issue(person=county.people[name], label="tests", by=SYSTEM, at=T0)
        headers = {"Authorization": f"Bearer {tokens[name]}", "Idempotency-Key": key or f"k{next(count)}"}
        if method == "get":
            return client.get(f"/api{path}", body or {}, headers=headers)
        data = raw if raw is not None else json.dumps({} if body is None else body)
        return getattr(client, method)(f"/api{path}", data, content_type="application/json", headers=headers)

    return act


SHEET = {"narrative": "楼上邻居漏水，上门说了对方不理", "lon": 120.05, "lat": 28.90, "code": "0402"}


def test_a_report_is_answered_with_its_number_and_the_callers_code(api):
    answer = api("ben", "post", "/calls", SHEET | {"reporter_phone": "13800001234"})
    body = answer.json()
    assert answer.status_code == 201
    assert body["incident"]["priority"] == "P3"
    assert body["call"]["number"].startswith("J")
    assert len(body["tracking_code"]) == 14
    assert "13800001234" not in answer.content.decode()


def test_the_same_report_sent_ten_times_is_one(api):
    answers = [api("ben", "post", "/calls", SHEET, key="one") for _ in range(10)]
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert Incident.objects.count() == 1


def test_a_report_without_a_key_is_taken(api, county, client):
    token = token_issue(person=county.people["ben"], label="t", by=SYSTEM, at=T0)
    answer = client.post(
        "/api/calls",
        json.dumps(SHEET),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201


def test_bad_parts_are_named_and_the_report_is_taken(api):
    answer = api("ben", "post", "/calls", SHEET | {"lon": "x", "priority": "P9", "colour": "blue"})
    assert answer.status_code == 202
    assert {part["field"] for part in answer.json()["quarantined"]} == {"lon", "priority", "colour"}
    assert answer.json()["incident"]["state"] == "open"


@pytest.mark.parametrize("raw", ["{not json", "[1, 2]", '"text"', "\ufeff"])
def test_a_body_that_is_no_sheet_still_leaves_a_call_to_ring_back(api, raw):
    answer = api("ben", "post", "/calls", raw=raw)
    assert answer.status_code == 202
    assert answer.json()["quarantined"][0]["field"] == "body"
    assert CallBack.objects.get().call_id == answer.json()["call"]["id"]


def test_bytes_that_are_no_utf8_are_put_aside(api):
    answer = api("ben", "post", "/calls", raw="有人吵架".encode("gb18030"))
    assert answer.status_code == 202


def test_a_known_report_of_another_system_is_answered_with_what_it_became(api):
    sheet = SHEET | {"source": "old110", "external_id": "A-1"}
    first, again = api("ben", "post", "/calls", sheet), api("ben", "post", "/calls", sheet)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["incident"]["id"] == first.json()["incident"]["id"]
    assert again.json()["is_repeated"]


def test_nothing_on_the_sheet_is_refused_in_both_languages(api):
    answer = api("ben", "post", "/calls", {})
    assert answer.status_code == 422
    assert answer.json()["code"] == "nothing_on_sheet"
    assert answer.json()["detail_i18n"]["zh-hans"].startswith("这张接警单是空的")


@pytest.mark.parametrize(
    ("name", "method", "path", "body", "status"),
    [
        ("gus", "post", "/calls", SHEET, 403),
        ("eve", "post", "/calls", SHEET, 403),
        ("kai", "post", "/calls", SHEET, 201),
        ("finn", "get", "/calls", None, 403),
        ("finn", "get", "/incidents", None, 200),
        ("gus", "post", "/suggest", {"text": "吵架"}, 403),
    ],
)
def test_each_role_may_do_what_the_table_says(api, name, method, path, body, status):
    assert api(name, method, path, body).status_code == status


def test_nobody_does_anything_unsigned(client, county):
    for method, path in [("post", "/api/calls"), ("get", "/api/incidents"), ("post", "/api/suggest")]:
        answer = getattr(client, method)(path, "{}" if method == "post" else {}, content_type="application/json")
        assert answer.status_code in (401, 422), path
    assert not Call.objects.exists()


def test_cleo_gets_the_same_404_for_the_west_and_for_nothing(api):
    pk = api("ben", "post", "/calls", SHEET).json()["incident"]["id"]
    west, nothing = (api("cleo", "get", f"/incidents/{n}") for n in (pk, 4242))
    assert (west.status_code, nothing.status_code) == (404, 404)
    assert west.json() == nothing.json()
    call = Call.objects.get().pk
    for path, body in [
        (f"/calls/{call}/link", {"incident_id": pk}),
        (f"/calls/{call}/unlink", {}),
        (f"/incidents/{pk}/code", {"code": "0402"}),
        (f"/incidents/{pk}/tags", {"values": {"cause": ["pet"]}}),
        (f"/incidents/{pk}/transfer", {"partner": "12345"}),
        (f"/calls/{call}/reporter", {"purpose": "audit"}),
    ]:
        assert api("cleo", "post", path, body).status_code == 404, path


def test_the_queue_pages_over_json(api):
    for _ in range(3):
        api("ben", "post", "/calls", SHEET)
    first = api("ben", "get", "/incidents", {"limit": 2}).json()
    second = api("ben", "get", "/incidents", {"limit": 2, "after": first["next"]}).json()
    assert [len(first["rows"]), len(second["rows"]), second["next"]] == [2, 1, None]


def test_link_unlink_and_the_timeline(api):
    one, two = (api("ben", "post", "/calls", SHEET).json() for _ in range(2))
    linked = api("ben", "post", f"/calls/{two['call']['id']}/link", {"incident_id": one["incident"]["id"]})
    assert linked.json()["id"] == one["incident"]["id"]
    page = api("ben", "get", f"/incidents/{one['incident']['id']}").json()
    assert len(page["calls"]) == 2
    unlinked = api("ben", "post", f"/calls/{two['call']['id']}/unlink")
    assert unlinked.json()["id"] == two["incident"]["id"]
    lines = api("ben", "get", f"/incidents/{two['incident']['id']}/timeline").json()
    assert [line["kind"] for line in lines] == ["intake.incident_opened", "intake.incident_unmerged"]


def test_transfer_and_receipt(api):
    pk = api("ben", "post", "/calls", SHEET | {"code": "1101"}).json()["incident"]["id"]
    offer = api("ben", "post", f"/incidents/{pk}/transfer", {"partner": "12345"})
    assert offer.status_code == 201
    done = api("kai", "post", f"/transfers/{offer.json()['id']}/accept", {"receipt": "R-1"})
    assert done.json()["state"] == "accepted"
    assert Transfer.objects.get().receipt == "R-1"
    assert api("kai", "get", f"/incidents/{pk}").status_code == 200


def test_track_priority_code_danger_and_tags(api):
    pk = api("ben", "post", "/calls", SHEET).json()["incident"]["id"]
    assert api("ben", "post", f"/incidents/{pk}/track", {"track": "P", "reason": "r"}).json()["track"] == "P"
    assert api("ben", "post", f"/incidents/{pk}/track", {"track": "C", "reason": ""}).status_code == 422
    assert (
        api("ben", "post", f"/incidents/{pk}/priority", {"priority": "P2", "reason": "r"}).json()["priority"] == "P2"
    )
    assert api("ben", "post", f"/incidents/{pk}/code", {"code": "0410"}).json()["code_name"] == "噪声"
    assert api("ben", "post", f"/incidents/{pk}/danger", {"danger": ["weapon"]}).json()["priority"] == "P1"
    tags = api("eve", "post", f"/incidents/{pk}/tags", {"values": {"cause": ["noise"]}}).json()
    assert [(tag["value"], tag["source"]) for tag in tags] == [("noise", "officer")]


def test_invalid_reopened_and_called_back(api):
    quiet = api("ben", "post", "/calls", {"narrative": "打错了", "lon": 120.05, "lat": 28.9}).json()
    call = quiet["call"]["id"]
    assert api("ben", "post", f"/calls/{call}/invalid", {"kind": "wrong_number"}).json()["state"] == "invalid"
    assert api("ben", "post", f"/calls/{call}/reopen", {"reason": "r"}).status_code == 403
    assert api("jia", "post", f"/calls/{call}/reopen", {"reason": "r"}).json()["state"] == "open"
    silent = api("ben", "post", "/calls", {"call_type": "silent"}).json()["call_back"]
    assert [task["id"] for task in api("ben", "get", "/callbacks").json()] == [silent["id"]]
    done = api("ben", "post", f"/callbacks/{silent['id']}/done", {"outcome": "danger", "danger": ["weapon"]}).json()
    assert done["incident"]["priority"] == "P1"


def test_ring_answer_hang_up(api):
    ring = api("ben", "post", "/telephony/ring", {"line": "110-1", "phone": "13800001234"})
    assert ring.status_code == 201
    assert api("ben", "post", "/telephony/answer", {"line": "110-1", "seat": "3"}).json()["state"] == "answered"
    assert api("ada", "post", "/telephony/answer", {"call_id": ring.json()["id"]}).status_code == 409
    body = api("ben", "post", "/telephony/hang-up", {"line": "110-1", "recording_ref": "rec/1"}).json()
    assert (body["call"]["recording_ref"], body["call_back"]) == ("rec/1", None)
    assert api("ben", "post", "/telephony/hang-up", {"line": "110-9"}).status_code == 404


def test_who_called_is_shown_for_a_purpose_and_kept_nowhere_else(api):
    from anlan.core.models import IdempotencyKey

    call = api("ben", "post", "/calls", SHEET | {"reporter_phone": "13800001234"}).json()["call"]["id"]
    shown = api("ben", "post", f"/calls/{call}/reporter", {"purpose": "dispatch_contact"})
    assert shown.json()["phone"] == "13800001234"
    assert not any("13800001234" in json.dumps(key.response) for key in IdempotencyKey.objects.all())
    assert Reporter.objects.count() == 1


def test_suggestions_come_with_their_words(api):
    body = api("ben", "post", "/suggest", {"text": "有人拿刀砍人，满地是血"}).json()
    assert body["priority"] == "P1"
    assert "weapon" in [flag["flag"] for flag in body["danger"]]
    assert body["danger"][0]["evidence"][0]["words"]
    assert api("ben", "post", "/suggest", {"text": " "}).json()["abstained"]


def test_likely_duplicates_while_typing(api):
    api("ben", "post", "/calls", {"narrative": "环城东路口货车和电动车相撞", "lon": 120.05, "lat": 28.9})
    got = api("ben", "get", "/duplicates", {"text": "环城东路口车撞了", "lon": 120.0501, "lat": 28.9}).json()
    assert len(got["duplicates"]) == 1


def test_the_vocabulary_is_told(api):
    assert len(api("ben", "get", "/taxonomy").json()["types"]) == 83
    assert "cause" in api("ben", "get", "/tags").json()
    assert api("ben", "post", "/external-codes", {"system": "a", "code": "1", "maps_to": "0105"}).status_code == 403


def test_what_a_switch_tells_wrongly_of_a_ring_is_put_aside_and_it_rings(api):
    answer = api(
        "ben", "post", "/telephony/ring", {"line": 7, "phone": {"a": 1}, "lon": "x", "narrative": "有人吵架"}
    )
    call = Call.objects.get()
    assert (answer.status_code, call.state, call.line, call.narrative) == (201, "ringing", "7", "")
    aside = QuarantinedRow.objects.filter(source__startswith=f"call {call.number}")
    assert {row.source.split()[-1] for row in aside} == {"reporter_phone", "lon", "ring.narrative"}


@pytest.mark.parametrize("raw", ["", "{not json", "[1, 2]", '"110-1"'])
def test_what_tells_of_no_ring_is_refused_in_both_languages(api, raw):
    answer = api("ben", "post", "/telephony/ring", raw=raw)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    assert set(answer.json()["detail_i18n"]) == {"zh-hans", "en"}
    assert not Call.objects.exists()
