"""A small centre that takes calls and sends units through its own HTTP interface, with a history of what it said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from anlan.accounts.services import person_add, role_grant, token_issue
from anlan.assurance.history import CALL, POSITIONS, SEND, Recorder, marked
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from world import T0, World, build_world


class Desk:
    """A dispatcher's program: sends, and writes down what it sent and was told."""

    def __init__(self, world: World) -> None:
        self.world, self.recorder = world, Recorder()
        self.client = Client(raise_request_exception=False)
        self.token = token_issue(person=world.people["ada"], label="desk", by=SYSTEM, at=T0)
        feed = person_add(
            username="feed", name="feed", organisation=world.orgs["bureau"], password=None, by=SYSTEM, at=T0
        )
        role_grant(person=feed, role="integration", by=SYSTEM, at=T0)
        self.feed = token_issue(person=feed, label="positions", by=SYSTEM, at=T0)

    def post(self, kind: str, key: str, path: str, body: dict[str, Any]) -> Any:
        self.recorder.sent(kind, key, body)
        answer = self.client.post(
            path,
            data=json.dumps(body),
            content_type="application/json",
            headers={
                "Authorization": f"Bearer {self.feed if kind == POSITIONS else self.token}",
                "Idempotency-Key": key,
            },
        )
        self.recorder.told(kind, key, answer.status_code, answer.json())
        return answer.json()

    def call(self, key: str, **more: Any) -> Any:
        words = marked("有人在路口打架", key)
        body = {"narrative": words, "lon": 120.065, "lat": 28.9, "reporter_phone": "13800138000", **more}
        return self.post(CALL, key, "/api/calls", body)

    def send(self, key: str, incident_id: int, call_sign: str = "P-01") -> Any:
        body = {"unit_id": self.world.units[call_sign].pk, "reason": marked("最近", key)}
        return self.post(SEND, key, f"/api/incidents/{incident_id}/assignments", body)

    def positions(self, key: str, call_sign: str = "P-01", seqs: tuple[int, ...] = (1, 2)) -> Any:
        unit = self.world.units[call_sign].pk
        at = now().isoformat()
        fixes = [
            {"unit_id": unit, "boot": key, "seq": seq, "lon": 120.06, "lat": 28.9, "fixed_at": at} for seq in seqs
        ]
        return self.post(POSITIONS, key, "/api/positions", {"fixes": fixes})


@pytest.fixture
def desk(taxonomy):
    return Desk(build_world(at=T0))
