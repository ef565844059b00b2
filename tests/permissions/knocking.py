"""Asking at a door as somebody, and what of the answer counts."""

from __future__ import annotations

import gc
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest import mock
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections, transaction
from django.http import HttpResponseBase
from django.test import Client, RequestFactory

from anlan.core import clock
from anlan.core.snapshot import Snapshot
from permissions.bodies import body_for
from permissions.county import CANARIES, KNOWN_TO_ALL, NOW, County
from permissions.doors import Door

PASSING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a form's key
    r"|(?<=csrfmiddlewaretoken\" value=\")[^\"]+"
    r"|(?<=name=\"csrf-token\" content=\")[^\"]+"
    r"|(?<=X-CSRFToken\": \")[^\"]+"
)
"""What differs from one answer to the next though nothing else does."""
MARKS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
UNSTEADY = {"Content-Length", "Set-Cookie", "Server-Timing"}
# Refusals name the record asked for in none of their words; a page's frame holds the address it was asked at.


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody at the other end can tell apart: status, headers, body. Time is left out.

    ``questions`` to the store take time, which can be measured; ``foreign`` are words found in it that only
    other organisations' records hold.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    questions: int = field(default=0, compare=False)
    foreign: tuple[str, ...] = field(default=(), compare=False)

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


def look_everything_up() -> None:
    """Reference data are held before anybody knocks: what a knock looks up is forgotten with the rest of it, and
    what was written before costs the one who knocks no questions.
    """
    for snapshot in list(Snapshot._made):
        snapshot.get()


@contextmanager
def few_collections() -> Iterator[None]:
    """A knock leaves few cycles behind, and looking for them each few hundred objects takes its time."""
    was = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*was)


@contextmanager
def as_if() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards, in either store or in what is held of them in memory."""
    held = [(snapshot, snapshot._held, snapshot._good_until) for snapshot in Snapshot._made]
    with ExitStack() as stores:
        for alias in connections:
            stores.enter_context(_taken_back(alias))
        yield
    for snapshot, value, good_until in held:
        snapshot._held, snapshot._good_until = value, good_until


@contextmanager
def _taken_back(alias: str) -> Iterator[None]:
    with transaction.atomic(using=alias):
        try:
            yield
        finally:
            transaction.set_rollback(True, using=alias)


class Questions:
    """How many questions the stores were asked; what only marks a place to go back to is none."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: Any, *asked: Any) -> Any:
        self.count += not str(sql).startswith(MARKS)
        return execute(sql, *asked)


class SignIns:
    """Sessions and their people, looked up in the store once: they are the same at each of thousands of knocks."""

    def __init__(self) -> None:
        self.sessions: dict[str, Any] = {}
        self.people: dict[Any, Any] = {}
        self.session_of = SessionStore._get_session_from_db
        self.person_of = ModelBackend.get_user

    @contextmanager
    def held(self) -> Iterator[None]:
        def session(store: Any) -> Any:
            if store.session_key not in self.sessions:
                self.sessions[store.session_key] = self.session_of(store)
            return self.sessions[store.session_key]

        def person(backend: Any, key: Any) -> Any:
            if key not in self.people:
                self.people[key] = self.person_of(backend, key)
            return copy(self.people[key])

        with (
            mock.patch.object(SessionStore, "_get_session_from_db", session),
            mock.patch.object(ModelBackend, "get_user", person),
        ):
            yield


class Knocker:
    """Asks at doors of one county, as any of its people, by session for pages and by token for programs.

    The program is asked where its server would ask it: every middleware, no network.
    """

    def __init__(self, county: County) -> None:
        self.county = county
        self.answered = 0
        self.handler = WSGIHandler()
        self.requests = RequestFactory()
        self.sessions = {}
        for role in county.tokens:
            client = Client()
            client.force_login(county.people[role])
            self.sessions[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.own: dict[tuple[str, str, str], Answer] = {}
        self.sign_ins = SignIns()

    def ask_own(self, door: Door, role: str) -> Answer:
        """What ``role`` is told about their own, asked once: several rows of the table may be about one address."""
        key = (door.method, door.path, role)
        if key not in self.own:
            self.own[key] = self.ask(door, role, brief=True)
        return self.own[key]

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
        sent = body_for(door, name) if door.method != "GET" else {}
        given = f"unit-{name(door.record)}" if door.record == "spare" else path
        return self.send(
            door.method,
            path,
            role,
            hidden=(path, given),
            with_token=door.is_api,
            brief=brief,
            is_named=relation in CANARIES,
            **sent,
        )

    def send(
        self,
        method: str,
        path: str,
        role: str = "",
        *,
        with_token: bool = True,
        brief: bool = False,
        is_named: bool = False,
        hidden: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
        **sent: Any,
    ) -> Answer:
        """The answer to one request. ``is_named``: another organisation's record is named in what is sent."""
        told = {"Idempotency-Key": str(uuid4()), "Accept-Language": "en", **(headers or {})}
        if brief:
            told["Accept"] = "application/json"
        request = self.requests.generic(method, path, headers=told, **sent)
        request._dont_enforce_csrf_checks = True
        if role and with_token:
            request.META["HTTP_AUTHORIZATION"] = f"Bearer {self.county.tokens[role]}"
        elif role:
            request.META["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}={self.sessions[role]}"
        questions = Questions()
        look_everything_up()
        with as_if(), self.sign_ins.held(), ExitStack() as watched:
            for alias in connections:
                watched.enter_context(connections[alias].execute_wrapper(questions))
            response = self.handler.get_response(request)
            answer = read(response, hidden=hidden or (path,), questions=questions, is_named=is_named)
        self.answered += 1
        return answer


def read(
    response: HttpResponseBase, *, hidden: tuple[str, ...], questions: Questions, is_named: bool = False
) -> Answer:
    """The answer with the asker's own words (the address, the number asked for) taken out of it."""
    told: Any = response
    body = b"".join(told.streaming_content) if told.streaming else told.content
    for close in told._resource_closers:
        close()
    text = PASSING.sub("…", unpacked(body))
    headers = {name: value for name, value in response.headers.items() if name not in UNSTEADY}
    for word in hidden:
        text = text.replace(word, "‹asked›")
        headers = {name: value.replace(word, "‹asked›") for name, value in headers.items()}
    foreign = () if is_named else foreign_words(text + str(headers))
    return Answer(response.status_code, tuple(sorted(headers.items())), text, questions.count, foreign)


def unpacked(body: bytes) -> str:
    """The words of an answer; of a workbook or a document those of each part, without when it was packed."""
    if not body.startswith(b"PK\x03\x04"):
        return body.decode("utf-8", errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        told = [(name, parts.read(name)) for name in sorted(parts.namelist()) if not name.startswith("docProps")]
    return "".join(f"{name}\n{part.decode('utf-8', errors='replace')}\n" for name, part in told)


def foreign_words(text: str) -> tuple[str, ...]:
    """Words in it that stand nowhere but in records of other organisations."""
    return tuple(word for words in CANARIES.values() for word in words if word in text)
