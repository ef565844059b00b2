"""A town platform is told and tells: signed, just now, each change once, in order, and again when asked."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.models import Event, QuarantinedRow
from anlan.core.selectors import Cursor
from anlan.core.state_machine import REGISTRY
from anlan.dispatch.models import WorkOrder
from anlan.dispatch.services import order_contact, order_route, order_sign
from anlan.disputes.models import DisputeFile
from anlan.integrations import events
from anlan.integrations.models import PlatformDelivery, PlatformEvent
from anlan.integrations.town_platform.outgoing import TRIES, deliveries_gather, deliveries_replay, deliveries_send
from anlan.integrations.town_platform.port import STATES
from anlan.integrations.town_platform.signing import (
    KEY,
    SIGNATURE,
    TIMESTAMP,
    WINDOW,
    SignatureRefused,
    TimeRefused,
    keys_read,
    sign,
    signed,
    verify,
)
from anlan.integrations.town_platform.telling import OF_EVENT, OF_FILE_STATE
from anlan.integrations.town_platform.webhook import WebhookPlatform
from dispatch.scene import incident_of
from integrations.receivers import http_receiver
from world import T0, build_world

SECRET = "a-secret-of-thirty-two-signs-...."
KEYS = keys_read(f"west:town-west:{SECRET} east:town-east:{SECRET[::-1]}")
WEST = KEYS["west"]


def routed(world, at=T0):
    """A community matter in the west, routed to its town room."""
    incident = incident_of(world, track="C", received_at=at, code="0402", priority="P3")
    return order_route(incident=incident, by=world.actor("ada"), at=at)


# Signing


def test_what_was_signed_is_verified_with_the_key_it_was_signed_with():
    body = "{'内容'}".encode()
    assert verify(signed(WEST, body, at=T0), body, keys=KEYS, at=T0) == WEST
    assert SECRET not in repr(WEST)


def test_the_signature_is_the_published_one():
    """Worked out by ``printf '1767225600.{}' | openssl dgst -sha256 -hmac secret``."""
    wanted = "fa7eaa06bf97d7815f3f456e97cde70c9e50cb005f01660c8d10b10c21964887"
    assert sign("secret", "1767225600", b"{}") == f"v1={wanted}"


@pytest.mark.parametrize(
    "wrong",
    [
        {KEY: "east"},
        {KEY: "nobody"},
        {KEY: ""},
        {SIGNATURE: "v1=" + "0" * 64},
        {SIGNATURE: ""},
        {SIGNATURE: "é" * 10},
        {TIMESTAMP: "1"},
        {TIMESTAMP: "tomorrow"},
        {TIMESTAMP: "٣"},
        {TIMESTAMP: "9" * 40},
    ],
)
def test_another_key_time_or_signature_is_refused_alike(wrong):
    headers = {**signed(WEST, b"{}", at=T0), **wrong}
    with pytest.raises(SignatureRefused):
        verify(headers, b"{}", keys=KEYS, at=T0)


def test_a_body_changed_by_one_sign_is_refused():
    with pytest.raises(SignatureRefused):
        verify(signed(WEST, b'{"state":"close"}', at=T0), b'{"state":"clos3"}', keys=KEYS, at=T0)


@pytest.mark.parametrize("off", [WINDOW + timedelta(seconds=1), -WINDOW - timedelta(seconds=1)])
def test_a_copy_of_yesterday_is_refused_and_one_of_tomorrow_too(off):
    headers = signed(WEST, b"{}", at=T0)
    with pytest.raises(TimeRefused):
        verify(headers, b"{}", keys=KEYS, at=T0 + off)
    assert verify(headers, b"{}", keys=KEYS, at=T0 + off / 2) == WEST


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_two_bodies_share_a_signature(one, other):
    assert (sign("s", "1", one) == sign("s", "1", other)) == (one == other)


@pytest.mark.parametrize("text", ["west", "west:town-west:short", f":x:{SECRET}", f"a:b:{SECRET} a:b:{SECRET}"])
def test_a_key_that_is_none_is_refused_at_the_start(text):
    with pytest.raises(ValueError, match="wanted once"):
        keys_read(text)


# Our states in theirs


def test_every_state_told_is_one_of_theirs_and_every_file_state_exists():
    assert {*OF_EVENT.values(), *OF_FILE_STATE.values()} <= set(STATES)
    assert set(OF_FILE_STATE) <= set(REGISTRY["disputes.file"].states)


# Telling


@pytest.fixture
def county(transactional_db):
    world = build_world(units=False, roads=False)
    deliveries_gather(keys=KEYS, at=T0)
    return world


def tell(port, at):
    platform = WebhookPlatform(f"http://127.0.0.1:{port}/in", KEYS, wait_s=1)
    return deliveries_send(port=platform, clock=lambda: at)


def steps(world):
    """Routed, signed and contacted."""
    order, dan = routed(world), world.actor("dan")
    order_sign(order=order, by=dan, at=T0 + timedelta(seconds=20))
    order_contact(order=order, by=dan, at=T0 + timedelta(seconds=90))
    return order


def test_the_platform_of_the_town_is_told_in_order_signed_and_without_a_name(county):
    order = steps(county)
    deliveries_gather(keys=KEYS, at=T0)
    deliveries_gather(keys=KEYS, at=T0)
    with http_receiver() as got:
        assert tell(got.port, T0) == 3
        assert tell(got.port, T0) == 0
    for _path, headers, body in got.requests:
        assert verify(headers, body, keys=KEYS, at=T0) == WEST
    bodies = got.bodies()
    assert [body["state"] for body in bodies] == ["offer", "accept", "handle"]
    assert [body["state_name"] for body in bodies] == ["流转", "受理", "办理"]
    assert {body["matter"] for body in bodies} == {order.incident.number}
    assert set(bodies[0]) == {
        "id", "matter", "state", "state_name", "at", "organisation", "sequence", "result",
    }  # fmt: skip


def test_while_the_platform_is_down_the_later_change_waits_behind_the_earlier(county):
    steps(county)
    other = routed(county)
    deliveries_gather(keys=KEYS, at=T0)
    with http_receiver() as got:
        got.answers = 503
        assert tell(got.port, T0) == 0
        assert len(got.requests) == 2, "the first of each matter"
        assert set(PlatformDelivery.objects.exclude(problem="").values_list("problem", flat=True)) == {"http_503"}
        got.answers = 200
        got.requests.clear()
        assert tell(got.port, T0 + timedelta(minutes=1)) == 4
        told = [body["state"] for body in got.bodies() if body["matter"] != other.incident.number]
    assert told == ["offer", "accept", "handle"]


def test_one_that_is_never_taken_is_given_up_and_said_so(county):
    routed(county)
    deliveries_gather(keys=KEYS, at=T0)
    at = T0
    for _ in range(TRIES):
        tell(9, at)
        row = PlatformDelivery.objects.get()
        at = row.next_at or at
    assert (row.state, row.attempts, row.problem) == ("given_up", TRIES, "no_answer")
    assert Event.objects.filter(kind=events.PLATFORM_GAVE_UP).count() == 1


def test_told_again_from_a_place_in_the_record_it_is_the_same_to_the_letter(county):
    start = Cursor.of(Event.objects.order_by("-id").first())
    steps(county)
    deliveries_gather(keys=KEYS, at=T0)
    with http_receiver() as got:
        tell(got.port, T0)
        first = got.bodies()
        got.requests.clear()
        assert deliveries_replay(keys=KEYS, after=start, by=SYSTEM, at=T0) == 3
        tell(got.port, T0)
    assert got.bodies() == first


def test_a_body_signed_for_one_address_is_not_carried_to_another(county):
    routed(county)
    deliveries_gather(keys=KEYS, at=T0)
    with http_receiver() as got:
        got.answers = 307
        assert tell(got.port, T0) == 0
    assert len(got.requests) == 1


def test_nobody_is_told_with_a_transaction_open(county):
    with transaction.atomic(), pytest.raises(RuntimeError, match="no transaction"):
        tell(9, T0)


# Being told


@pytest.fixture
def door(client, db, settings):
    """``door(change)``: the west's platform tells a change, signed just now."""
    settings.ROOT_URLCONF = "integrations.platform_urls"
    settings.TOWN_PLATFORM_KEYS = f"west:town-west:{SECRET} east:town-east:{SECRET[::-1]}"

    def tells(change, *, key=WEST, at=None, path="/platform/events", own=False, **headers):
        body = change if isinstance(change, bytes) else json.dumps(change).encode()
        sent = {**signed(key, body, at=at or now()), **headers}
        asker = Client() if own else client
        return asker.post(path, data=body, content_type="application/json", headers=sent)

    tells.client = client
    return tells


@pytest.fixture
def order(db):
    return routed(build_world(units=False, roads=False))


def change(order, state, minute=1, **more):
    at = T0 + timedelta(minutes=minute)
    return {
        "id": f"p-{state}-{minute}", "matter": order.incident.number, "state": state, "at": at.isoformat(), **more,
    }  # fmt: skip


def state_of(order):
    return WorkOrder.objects.get(pk=order.pk).state


def test_what_it_says_is_done_as_a_town_rooms_step_on_the_record(door, order):
    answer = door(change(order, "accept"))
    assert answer.json() == {"id": "p-accept-1", "outcome": "taken", "repeated": False}
    assert state_of(order) == "signed"
    event = Event.objects.get(kind="dispatch.order_signed")
    assert (event.actor_kind, event.incident_id) == ("platform", order.incident_id)
    assert Event.objects.filter(kind=events.PLATFORM_TOLD_US).count() == 1


def test_the_same_change_ten_times_counts_once(door, order):
    answers = [door(change(order, "handle")).json() for _ in range(10)]
    assert [a["repeated"] for a in answers] == [False] + [True] * 9
    assert {a["outcome"] for a in answers} == {"taken"}
    assert PlatformEvent.objects.count() == 1
    assert Event.objects.filter(kind="dispatch.order_contacted").count() == 1


def test_the_same_id_with_other_words_is_refused(door, order):
    door(change(order, "accept"))
    assert door({**change(order, "accept"), "state": "close"}).status_code == 409
    assert state_of(order) == "signed"


def test_a_later_change_brings_the_earlier_ones_along_and_those_come_late(door, order):
    assert door(change(order, "close", minute=30)).json()["outcome"] == "taken"
    assert state_of(order) == "closed"
    assert [door(change(order, s, minute=m)).json()["outcome"] for s, m in (("handle", 9), ("accept", 2))] == [
        "late",
        "late",
    ]
    assert state_of(order) == "closed"


def test_out_of_order_in_any_order_it_ends_alike(door, order):
    for state, minute in (("handle", 9), ("close", 30), ("accept", 2)):
        door(change(order, state, minute=minute))
    assert state_of(order) == "closed"


def test_it_sends_back_with_a_reason_once_and_a_second_time_is_refused_and_parked_once(door, order):
    assert door(change(order, "return")).status_code == 422
    assert door(change(order, "return")).status_code == 422
    assert QuarantinedRow.objects.count() == 1, "the reason was missing, both times"
    assert door(change(order, "return", minute=2, reason="不属本镇")).json()["outcome"] == "taken"
    assert state_of(order) == "bounced"


def test_it_calls_for_police(door, order):
    door(change(order, "escalate", reason="持刀"))
    order.incident.refresh_from_db()
    assert (state_of(order), order.incident.track) == ("escalated", "P")


def test_states_without_a_step_here_are_noted(door, order):
    assert door(change(order, "supervise")).json()["outcome"] == "noted"
    assert state_of(order) == "routed"


def test_another_towns_platform_finds_no_such_matter(door, order):
    answer = door(change(order, "close"), key=KEYS["east"])
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert state_of(order) == "routed"


@pytest.mark.parametrize(
    ("headers", "code"),
    [({SIGNATURE: "v1=00"}, "signature_refused"), ({KEY: "east"}, "signature_refused"), ({}, "time_refused")],
)
def test_unsigned_or_old_it_changes_nothing_and_parks_nothing(door, order, headers, code):
    at = None if headers else now() - timedelta(minutes=6)
    answer = door(change(order, "close"), at=at, **headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert (state_of(order), QuarantinedRow.objects.count()) == ("routed", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 5_000, b'{"id": 1}',
        b'{"id":"x","matter":"y","state":"eaten","at":"2026-03-02T09:00:00+08:00"}',
        b'{"id":"x","matter":"y","state":"close","at":"2026-03-02T09:00:00"}',
        b'{"id":"x","matter":"y","state":"close","at":"9999-03-02T09:00:00+08:00"}',
        b'{"id":"x\\u0000","matter":"y","state":"close","at":"2026-03-02T09:00:00+08:00"}',
        b'{"id":"x","matter":["y"],"state":"close","at":"2026-03-02T09:00:00+08:00"}',
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_parked_whole_with_its_reason(door, wrong):
    assert door(wrong).status_code == 422
    row = QuarantinedRow.objects.get()
    assert row.reason_zh
    assert row.reason_en


def test_a_body_too_long_is_not_read(door):
    assert door(b" " * 20_000).status_code == 422


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_it_may_read_the_record_again_from_any_place(door, order):
    def ask(after):
        return door({"after": after}, path="/platform/replay").json()

    whole = ask("")
    assert [(e["state"], e["matter"]) for e in whole["events"]] == [("offer", order.incident.number)]
    assert ask(whole["cursor"])["events"] == []
    answer = door({"after": ""}, path="/platform/replay", key=KEYS["east"])
    assert answer.json()["events"] == [], "another town's matters are not told"


def test_a_dispute_file_goes_the_same_way(door, order):
    world_org = order.town_room
    file = DisputeFile.objects.create(
        number="D-260302-00001", code="0402", state="pushed", state_since=T0, level_since=T0, holder=world_org,
        town_room=world_org, held_since=T0, opened_at=T0, last_report_at=T0, due_at=T0, due_kind="sign",
    )  # fmt: skip
    told = {"id": "f1", "matter": file.number, "state": "accept", "at": T0.isoformat()}
    assert door(told).json()["outcome"] == "taken"
    assert door({**told, "id": "f2", "state": "triage"}).json()["outcome"] == "taken"
    assert door({**told, "id": "f3", "state": "assign", "to": "nowhere"}).status_code == 422
    assert door({**told, "id": "f3", "state": "assign", "to": "mediation"}).json()["outcome"] == "taken"
    file.refresh_from_db()
    assert (file.state, file.mediating.code) == ("assigned", "mediation")


# Nonsense, and everything at once


def as_told(**fields):
    told = {"id": "n1", "matter": "MATTER", "state": "close", "at": "2026-03-02T09:00:00+08:00", **fields}
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "\ud800"}, {"matter": "\udfff"}, {"reason": "\ud83d", "state": "return"}, {"state": "\ud800"},
        {"at": "0001-01-01T00:00:00+14:00"}, {"at": "2026-03-02T09:00:00+99:99"}, {"at": "2026-02-30T09:00:00+08:00"},
        {"id": True}, {"id": 1e300}, {"id": {"a": 1}}, {"state": []}, {"reason": 7, "state": "return"},
        {"id": "x" * 65}, {"id": " "}, {"at": None}, {"matter": "\x7f\u202e"}, {"to": ["mediation"]},
    ],
    ids=str,
)  # fmt: skip
def test_signed_nonsense_is_refused_in_the_one_shape_and_parked(door, order, wrong):
    body = as_told(**wrong).replace(b"MATTER", order.incident.number.encode())
    answer = door(body)
    assert answer.status_code in (404, 422)
    assert {"code", "detail"} <= set(answer.json())
    assert QuarantinedRow.objects.count() == 1
    assert door(body).status_code == answer.status_code
    assert QuarantinedRow.objects.count() == 1, "sent again it is not parked again"
    assert (state_of(order), PlatformEvent.objects.count()) == ("routed", 0)


def test_fields_nobody_knows_are_left_alone_however_deep(door, order):
    deep = {"x": 1}
    for _ in range(200):
        deep = {"x": [deep]}
    told = change(order, "accept", 名字="张三", nested=deep, state_name="关闭", sequence=12)
    assert door(told).json()["outcome"] == "taken"
    assert state_of(order) == "signed"
    told_us = Event.objects.get(kind=events.PLATFORM_TOLD_US)
    assert "张三" not in json.dumps(told_us.data, ensure_ascii=False)


@pytest.mark.parametrize(
    "after", ["\ud800", "9" * 400, "9" * 30 + ".1", "-1.-5", "1e5", "٣.٤", "0.1; --", " ", None, 7, [], {}]
)
def test_a_place_in_the_record_that_is_none_is_refused(door, order, after):
    answer = door({"after": after}, path="/platform/replay")
    assert answer.status_code == 422, answer.content
    assert {"code", "detail"} <= set(answer.json())


def test_a_copy_sent_within_the_five_minutes_counts_once_whoever_sends_it(door, order):
    """The very bytes and headers again: a replay on the way."""
    body = json.dumps(change(order, "accept")).encode()
    headers = signed(WEST, body, at=now())
    sent = {"data": body, "content_type": "application/json", "headers": headers}
    answers = [door.client.post("/platform/events", **sent).json() for _ in range(3)]
    assert [answer["repeated"] for answer in answers] == [False, True, True]
    assert Event.objects.filter(kind="dispatch.order_signed").count() == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_one_change_sent_by_four_at_the_same_instant_counts_once_and_nobody_is_refused(door, order):
    told = change(order, "accept")
    answers = [answer.json() for answer in at_once([lambda: door(told, own=True)] * 4)]
    assert sorted(answer["repeated"] for answer in answers) == [False, True, True, True]
    assert {answer["outcome"] for answer in answers} == {"taken"}
    assert PlatformEvent.objects.count() == 1
    assert Event.objects.filter(kind="dispatch.order_signed").count() == 1
    assert QuarantinedRow.objects.count() == 0


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_states_noted_at_the_same_instant_are_noted_once(door, order):
    told = change(order, "supervise")
    answers = [answer.json() for answer in at_once([lambda: door(told, own=True)] * 4)]
    assert sorted(answer["repeated"] for answer in answers) == [False, True, True, True]
    assert PlatformEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_changes_of_one_matter_told_at_the_same_instant_end_as_the_latest_says(door, order):
    steps = [change(order, state, minute=minute) for state, minute in (("accept", 2), ("handle", 9), ("close", 30))]
    answers = at_once([lambda told=told: door(told, own=True) for told in steps])
    assert {answer.json()["outcome"] for answer in answers} <= {"taken", "late"}
    assert state_of(order) == "closed"
    assert PlatformEvent.objects.count() == 3


def at_once(calls):
    """The answers of all, each from a thread and a connection of its own, let go together."""
    gate = Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            return call()
        finally:
            for store in connections.all():
                store.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
