"""Every operation of the interface, asked what its description allows and what it does not, as every role.

A quarter of the requests name a record of the asker's, a quarter one of another organisation.
"""

from __future__ import annotations

import json
import os
from itertools import cycle
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from anlan.api.root import api
from permissions.county import ROLES
from permissions.doors import METHODS
from permissions.knocking import Answer, Knocker

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite, pytest.mark.slow]
FOR_EACH_ROLE = 4 if os.environ.get("ANLAN_RELEASE") else 1
"""Requests for each operation as each role."""
SEED = int(os.environ.get("ANLAN_SEED", "20260302"))
REFUSED = (400, 401, 403, 404, 405, 409, 410, 413, 415, 422)
OPERATIONS = [
    (path, method.upper())
    for path, item in api.get_openapi_schema()["paths"].items()
    for method in item
    if method in METHODS
]
ROOMS = sorted({path.split("/")[2] for path, _method in OPERATIONS})
UNSENT = ("Content-Length", "Content-Type", "Authorization", "Cookie")
SHOWN_TO_ALL = ("/recommendation", "/{incident_id}/response", "/{incident_id}/cover", "/places/points")
"""Where the table of doors says that others' units or points are shown."""


@pytest.fixture(scope="module")
def described():
    return schemathesis.openapi.from_dict(api.get_openapi_schema())


@pytest.mark.parametrize("room", ROOMS)
def test_no_request_breaks_the_interface_or_is_told_what_is_others(knocker, described, room, counted):
    broken: list[str] = []
    asked: list[int] = []
    for path, method in OPERATIONS:
        if path.split("/")[2] == room:
            broken += troubles(described[path][method], knocker, asked)
    counted("hostile requests to the interface", len(asked))
    assert not broken, "\n".join([*broken, f"again: ANLAN_SEED={SEED} pytest {__file__} -k {room}"])


def troubles(operation: Any, knocker: Knocker, asked: list[int]) -> list[str]:
    """What went wrong at one operation: one line for each kind of trouble."""
    found: dict[str, str] = {}
    turn = cycle(ROLES)
    named = [named_records(operation, knocker.county, relation) for relation in ("own", "sister")]

    @seed(SEED)
    @settings(
        max_examples=FOR_EACH_ROLE * len(ROLES) + 2,  # some operations have fewer ways to be asked
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
            *(operation.as_strategy(path_parameters=each) for each in named if each),
        )
    )
    def ask(case: Any) -> None:
        role = next(turn)
        answer = sent(knocker, case, role)
        asked.append(answer.status)
        trouble = trouble_of(case, answer)
        if trouble:
            found.setdefault(trouble[:60], f"{operation.label} as {role}: {trouble}; {case.as_curl_command()[:300]}")

    ask()
    return list(found.values())


def named_records(operation: Any, county: Any, relation: str) -> dict[str, Any]:
    """The parts of an address that name a record, by what the part is called: ``incident_id`` an incident."""
    records = county.records[relation]
    names = [parameter.name for parameter in operation.path_parameters]
    known = {name: records.get({"file_id": "file"}.get(name, name.removesuffix("_id"))) for name in names}
    return {name: value for name, value in known.items() if value is not None}


def sent(knocker: Knocker, case: Any, role: str) -> Answer:
    """The case as it goes over the wire, asked of the program where its server would ask it."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {name: str(value) for name, value in made.headers.items() if name not in UNSENT}
    kind = made.headers.get("Content-Type", "application/octet-stream")
    return knocker.send(made.method, made.path_url, role, data=made.body or b"", content_type=kind, headers=headers)


def trouble_of(case: Any, answer: Answer) -> str:
    """What is wrong with the answer: a fault of ours, another's words, or a refusal in another shape."""
    if answer.status >= 500:
        return f"{answer.status} {answer.body[:200]!r}"
    if answer.foreign and not case.path.endswith(SHOWN_TO_ALL):
        return f"{answer.status} tells of others: {', '.join(answer.foreign)}"
    if answer.status < 400:
        return ""
    if answer.status not in REFUSED:
        return f"{answer.status} is no refusal of ours"
    if answer.status != 405 and {"code", "detail", "detail_i18n", "facts"} - set(_json(answer.body)):
        return f"{answer.status} in another shape: {answer.body[:80]!r}"
    return ""


def _json(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
