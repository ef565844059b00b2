"""Feeds of other systems: a switch rings lines, a position feed tells where units are. They read nothing."""

from __future__ import annotations

import hashlib
import json

import pytest
from click.testing import CliRunner
from django.test import Client

from anlan.accounts.models import ApiToken, Person
from anlan.accounts.services import token_issue
from anlan.api.root import api as json_root
from anlan.config.commands.tokens import group as token_command
from anlan.console.live import actor_of_headers as who_listens
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.permissions import permission_table
from anlan.intake.models import Call, Incident, Switch
from anlan.intake.selectors import lines_down
from anlan.units.services import unit_add
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")

MAY = {
    "equipment.gate_feed",
    "intake.import",
    "intake.telephony",
    "notices.receipt",
    "places.weather_feed",
    "units.positions_all",
}
KEPT = {"narrative": "楼上漏水吵起来了", "address_text": "锦绣花园3幢", "reporter_phone": "13800001234"}


@pytest.fixture
def secret(county):
    """The secret of a feed, as the command prints it."""
    done = CliRunner().invoke(token_command, ["feed", "switch-1", "--label", "110 switch"])
    assert done.exit_code == 0, done.output
    return done.output.strip()


@pytest.fixture
def feed(secret):
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def call(method, path, body=None, key="k"):
        headers = {"Idempotency-Key": hashlib.sha256(f"{key} {path} {body}".encode()).hexdigest()}
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(client, method)(f"/api{path}", headers=headers, **data)

    return call


def test_a_feed_may_hand_in_and_nothing_else():
    assert {action for action, roles in permission_table().items() if "integration" in roles} == MAY


def test_it_rings_answers_and_hangs_up(feed):
    ring = feed("post", "/telephony/ring", {"line": "110-1", "phone": "13800001234", "lon": 120.05, "lat": 28.9})
    assert (ring.status_code, ring.json()["state"]) == (201, "ringing")
    assert feed("post", "/telephony/answer", {"line": "110-1", "seat": "3"}).json()["seat"] == "3"
    assert feed("post", "/telephony/hang-up", {"line": "110-1", "recording_ref": "r/1"}).status_code == 200
    call = Call.objects.get()
    assert (call.taker_id, call.seat, call.recording_ref) == (None, "3", "r/1")


def test_what_it_is_told_back_holds_nothing_of_the_matter(feed, take):
    ringing = feed("post", "/telephony/ring", {"line": "110-1", "phone": "13800001234"}).json()["id"]
    take(**KEPT, call_id=ringing, at=now())
    told = feed("post", "/telephony/hang-up", {"line": "110-1", "recording_ref": "r/1"}).content.decode()
    for private in KEPT.values():
        assert private not in told


def test_it_can_read_no_address_of_the_interface(feed, take):
    got = take(**KEPT)
    for path, methods in json_root.get_openapi_schema()["paths"].items():
        if "get" not in methods:
            continue
        address = path.replace("/api", "", 1)
        for name in ("incident_id", "call_id", "unit_id", "transfer_id", "order_id", "assignment_id"):
            address = address.replace(f"{{{name}}}", str(got.incident.pk))
        answer = feed("get", address)
        assert answer.status_code in (403, 404, 422), (address, answer.status_code)
        assert not any(word in answer.content.decode() for word in KEPT.values())


def test_it_can_read_no_page_and_hear_no_stream(secret, take):
    got = take(**KEPT)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    pages = ("/console", "/console/units", "/console/calls/new", "/console/ringing", "/unit")
    for page in (*pages, f"/console/incidents/{got.incident.number}"):
        assert client.get(page).status_code == 403, page
    assert who_listens({"authorization": f"Bearer {secret}"}).kind == "anonymous"


def test_a_person_hears_the_stream_with_a_token(county):
    secret = token_issue(person=county.people["ada"], label="wall", by=SYSTEM, at=T0)
    assert who_listens({"authorization": f"Bearer {secret}"}).id == county.people["ada"].pk


def test_positions_of_all_units_are_taken(feed, county):
    unit_add(call_sign="P-03", track="P", vehicle="car", organisation=county.orgs["east"], by=SYSTEM, at=T0)
    at = now().isoformat()
    fix = {"call_sign": "P-03", "boot": "b", "seq": 1, "lon": 120.14, "lat": 28.9, "fixed_at": at}
    assert feed("post", "/positions", {"fixes": [fix]}).json()["accepted"] == 1


def test_calls_of_another_system_are_taken_once(feed):
    rows = {"source": "old-110", "calls": [{"narrative": "电瓶车被偷", "external_id": "A1"}, {"narrative": "x" * 9}]}
    assert feed("post", "/imports/calls", rows).json() == {"taken": 2, "repeated": 0, "put_aside": 0, "left": 0}
    assert feed("post", "/imports/calls", rows, key="again").json()["repeated"] == 1
    assert Incident.objects.filter(source="old-110", external_id="A1").count() == 1


def test_a_switch_that_says_so_or_falls_silent_is_down(feed):
    assert feed("post", "/telephony/state", {"switch": "110", "is_up": True}).json() == {"is_news": True}
    assert lines_down(at=now()) == []
    feed("post", "/telephony/state", {"switch": "110", "is_up": False})
    assert [(down.name, down.is_silent) for down in lines_down(at=now())] == [("110", False)]
    feed("post", "/telephony/state", {"switch": "110", "is_up": True}, key="back")
    Switch.objects.update(heard_at=T0)
    assert [(down.since, down.is_silent) for down in lines_down(at=now())] == [(T0, True)]


def test_a_token_is_listed_without_its_secret_and_useless_once_revoked(feed, secret):
    runner = CliRunner()
    listed = runner.invoke(token_command, ["list"]).output
    assert "switch-1" in listed
    assert secret not in listed
    assert feed("post", "/telephony/ring", {"line": "110-1"}).status_code == 201
    runner.invoke(token_command, ["revoke", str(ApiToken.objects.get().pk)])
    assert feed("post", "/telephony/ring", {"line": "110-2"}).status_code == 401


def test_a_feed_has_an_account_of_its_own_and_no_password(secret, county):
    assert not Person.objects.get(username="switch-1").has_usable_password()
    refused = CliRunner().invoke(token_command, ["feed", "ada"])
    assert refused.exit_code == 1
    assert "holds other roles" in refused.output
