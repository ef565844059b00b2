"""The interface: a question is asked, followed, read and given up as on the pages."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from anlan.core import api
from anlan.whatif.jobs import questions_work
from whatif.conftest import DAYS
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
TODAY = timezone.localdate(T0)
ASKED = {
    "organisation": "west",
    "first_day": str(TODAY - timedelta(days=DAYS)),
    "last_day": str(TODAY - timedelta(days=1)),
    "first_policy": "closest",
    "second_policy": "cover+moveup",
    "runs": 2,
}


@pytest.fixture
def jia(county, monkeypatch):
    monkeypatch.setattr(api, "now", lambda: T0)
    client = Client()
    client.cookies["anlan_language"] = "en"
    client.force_login(county.people["jia"])
    return client


def post(client, path, body=None):
    answered = client.post(
        f"/api/whatif/{path}",
        json.dumps(body or {}),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )
    return answered.status_code, answered.json()


def test_a_question_is_asked_followed_and_answered(jia, monkeypatch):
    monkeypatch.setattr("anlan.whatif.jobs.BOUND_RUNS", 1)
    status, asked = post(jia, "questions", ASKED)
    assert (status, asked["state"], asked["runs_done"]) == (201, "waiting", 0)
    assert [row["id"] for row in jia.get("/api/whatif/questions").json()["questions"]] == [asked["id"]]
    waiting = jia.get(f"/api/whatif/questions/{asked['id']}").json()
    assert (waiting["figures"], waiting["by_day"]) == ([], [])
    questions_work(clock=lambda: T0)
    told = jia.get(f"/api/whatif/questions/{asked['id']}").json()
    assert (told["state"], told["runs_done"], told["blocks"], told["calls"]) == ("done", 2, DAYS, 112.0)
    late = next(row for row in told["figures"] if row["key"] == "late")
    assert late["best"]["value"] <= late["found"]["value"] <= late["first"]["value"]
    assert late["difference"]["low"] <= late["difference"]["value"] <= late["difference"]["high"]
    assert late["verdict"]
    assert len(told["by_day"]) == DAYS


def test_a_question_is_given_up_once_and_what_cannot_be_asked_is_refused_by_name(jia):
    _, asked = post(jia, "questions", ASKED)
    status, dropped = post(jia, f"questions/{asked['id']}/drop")
    assert (status, dropped["state"]) == (200, "dropped")
    assert post(jia, f"questions/{asked['id']}/drop")[0] == 409
    for wrong, code in (
        ({"second_policy": "nearest"}, "whatif_policy_unreadable"),
        ({"second_policy": "closest"}, "whatif_policies_alike"),
        ({"runs": 0}, "whatif_runs_out_of_range"),
        ({"last_day": str(TODAY)}, "whatif_span_unreadable"),
    ):
        status, refused = post(jia, "questions", ASKED | wrong)
        assert (status, refused["code"]) == (422, code)
    assert post(jia, "questions", ASKED | {"organisation": "nowhere"})[0] == 404
    assert post(jia, "questions", ASKED | {"seed": 10**30})[0] == 422
