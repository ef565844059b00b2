"""Asking at a door as somebody, and what of the answer counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from anlan.core import clock
from permissions.bodies import body_for
from permissions.county import KNOWN_TO_ALL, NOW, County
from permissions.doors import Door

PASSING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a form's key
    r"|(?<=csrfmiddlewaretoken\" value=\")[^\"]+"
    r"|(?<=name=\"csrf-token\" content=\")[^\"]+"
    r"|(?<=X-CSRFToken\": \")[^\"]+"
)
"""What differs from one answer to the next though nothing else does."""
UNSTEADY = {"Content-Length", "Set-Cookie", "Server-Timing"}
# Refusals name the record asked for in none of their words; a page's frame holds the address it was asked at.


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody at the other end can tell apart: status, headers, body. Time is left out."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def verdict(self) -> str:
        """``through``, ``refused`` (the role may not), ``absent`` (no such record) or ``sign_in``."""
        location = dict(self.headers).get("Location", "")
        if self.status == 401 or (self.status == 302 and location.startswith("/sign-in")):
            return "sign_in"
        if self.status == 404 and "not_found" in self.body:
            return "absent"
        return "refused" if self.status == 403 and "not_permitted" in self.body else "through"


class FixedClock(datetime):
    """The county's clock stands still, so that two answers differ only in what was asked."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return NOW


@contextmanager
def time_stands_still() -> Iterator[None]:
    was = clock.datetime
    clock.datetime = FixedClock
    try:
        yield
    finally:
        clock.datetime = was


@contextmanager
def as_if() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards."""
    with transaction.atomic(using="default"):
        try:
            yield
        finally:
            transaction.set_rollback(True, using="default")


class Knocker:
    """Asks at doors of one county, as any of its people, by session for pages and by token for programs."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.clients = {"": Client(raise_request_exception=False)}
        for role in county.tokens:
            client = Client(raise_request_exception=False)
            client.force_login(county.people[role])
            self.clients[role] = client
        self.cookies = {role: client.cookies.output(attrs=[], header="") for role, client in self.clients.items()}

    def ask(self, door: Door, role: str = "", relation: str = "own", *, brief: bool = False) -> Answer:
        """The answer ``role`` (nobody by default) gets at ``door`` about the record in that relation.

        ``brief`` asks for refusals without the page around them, which is what takes the time.
        """

        def name(kind: str) -> Any:
            # Where the record in question is named beside another in the address, that other is one's own.
            apart = kind != door.record and (door.in_body or kind in KNOWN_TO_ALL)
            return self.county.named("own" if apart else relation, kind)

        path = re.sub(r"{=(\w+)}", r"\1", door.path)
        path = re.sub(r"{(\w+)}", lambda found: str(name(found[1])), path)
        sent: dict[str, Any] = {}
        if door.method != "GET":
            sent = body_for(door, name)
        headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": "en"}
        if brief:
            headers["Accept"] = "application/json"
        client = self.clients[role]
        if door.is_api and role:
            headers["Authorization"] = f"Bearer {self.county.tokens[role]}"
            client = self.clients[""]
        cookies = client.cookies.output()
        with as_if():
            response = client.generic(door.method, path, headers=headers, **sent)
            answer = read(response, hidden=(path,))
        if client.cookies.output() != cookies:  # signed out, or another language: as if that had not been either
            client.cookies.clear()
            client.cookies.load(self.cookies[role])
        return answer


def read(response: HttpResponseBase, *, hidden: tuple[str, ...]) -> Answer:
    """The answer with the asker's own words (the address, the number asked for) taken out of it."""
    told: Any = response
    body = b"".join(told.streaming_content) if told.streaming else told.content
    text = PASSING.sub("…", body.decode("utf-8", errors="replace"))
    headers = {name: value for name, value in response.headers.items() if name not in UNSTEADY}
    for word in hidden:
        text = text.replace(word, "‹asked›")
        headers = {name: value.replace(word, "‹asked›") for name, value in headers.items()}
    return Answer(response.status_code, tuple(sorted(headers.items())), text)
