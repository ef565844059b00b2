"""The tutorial is true: every request in it is sent, every answer shown is the answer given."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from anlan.accounts.services import token_issue
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from architecture.source import ROOT
from world import build_world

PAGE = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(
    r"```http (?P<who>\w+)\n(?P<verb>[A-Z]+) (?P<path>\S+)\n(?:\n(?P<body>.+?)\n)?```\n\n"
    r"```json (?P<status>\d+)(?: (?P<name>\w+))?\n(?P<answer>.+?)\n```",
    re.DOTALL,
)
GIVEN = re.compile(r"<([\w.]+)>")


def steps() -> list[dict[str, str | None]]:
    return [hit.groupdict() for hit in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def look_up(path: str, given: dict[str, Any]) -> Any:
    node: Any = given
    for part in path.split("."):
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node


def filled(value: Any, given: dict[str, Any]) -> Any:
    """``value`` with what earlier answers gave; a text that is nothing but a reference keeps its kind."""
    if isinstance(value, dict):
        return {key: filled(inner, given) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, given) for inner in value]
    if isinstance(value, str) and (whole := GIVEN.fullmatch(value)):
        return look_up(whole[1], given)
    return GIVEN.sub(lambda hit: str(look_up(hit[1], given)), value) if isinstance(value, str) else value


def shows(part: Any, whole: Any) -> bool:
    """Whether ``part`` is a part of ``whole``: keys that are shown agree, shown rows are among the rows."""
    if part == "…":
        return whole is not None
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and shows(part[key], whole[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and (
            whole == [] if not part else all(any(shows(p, w) for w in whole) for p in part)
        )
    return bool(part == whole)


def test_the_whole_call_is_told():
    assert len(steps()) >= 12
    assert len(steps()) == PAGE.read_text(encoding="utf-8").count("```http"), "a request without its answer"


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_every_request_gets_the_answer_that_is_shown(taxonomy):
    world = build_world(at=now())
    tokens = {
        name: token_issue(person=person, label="tutorial", by=SYSTEM, at=now())
        for name, person in world.people.items()
    }
    given: dict[str, Any] = {}
    for step in steps():
        headers = {"Authorization": f"Bearer {tokens[str(step['who'])]}", "Idempotency-Key": str(uuid4())}
        body = json.dumps(filled(json.loads(step["body"] or "{}"), given))
        path = filled(step["path"], given)
        got = Client(headers=headers).generic(str(step["verb"]), path, body, content_type="application/json")
        told = f"{step['who']}: {step['verb']} {path} answered {got.status_code}: {got.content.decode()[:4000]}"
        assert got.status_code == int(str(step["status"])), told
        answer = got.json()
        assert shows(filled(json.loads(str(step["answer"])), given), answer), told
        if step["name"]:
            given[step["name"]] = answer


def test_an_answer_that_is_not_given_is_seen():
    assert shows({"a": [{"b": 1}], "c": "…"}, {"a": [{"b": 1, "x": 2}, {"b": 3}], "c": 5, "d": 6})
    assert not shows({"a": 1}, {"a": 2})
    assert not shows({"a": "…"}, {})
    assert not shows({"a": "…"}, {"a": None})
    assert not shows([], [1])
    assert not shows([{"b": 4}], [{"b": 1}])
