"""The live stream: server-sent events over ASGI, fed by one tail of the event table for all consoles.

A durable event carries its place in the stream as ``id:``; a browser that lost the line asks again
from there and misses nothing. Unit positions are gathered into one frame a second and carry no id:
the next frame replaces the last. The ORM is touched by the tail's thread alone, never by a stream.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.db.models import Count, Max
from django.http import parse_cookie

from anlan.accounts.selectors import ANONYMOUS, actor_by_person, actor_by_token, person_by_session
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.models import Event
from anlan.core.permissions import permitted
from anlan.core.selectors import Cursor, cursor_latest, event_visible, events_after
from anlan.core.snapshot import Snapshot
from anlan.units.models import Unit, UnitPosition

log = logging.getLogger("anlan.live")

TAIL_S = 0.2
FRAME_S = 1.0
COMMITTED_WITHIN = timedelta(seconds=3)
"""A batch bears the moment it came in and is seen when it is committed: each frame looks back this far again."""
BEAT_S = 10.0
RIGHTS_S = 30.0
"""An open stream asks anew this often who is listening: a sign-out or an ended role closes it."""
QUEUE_MAX = 2000
REPLAY_MAX = 5000
BATCH = 500

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(eq=False)
class Listener:
    """One open stream. A full queue means the reader is too slow: it is told to load anew."""

    actor: Actor
    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(QUEUE_MAX))
    overrun: bool = False

    def offer(self, message: bytes) -> None:
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.overrun = True


@dataclass(frozen=True)
class Encoded:
    """An event ready to send, with what decides who may see it."""

    cursor: Cursor
    org_ids: tuple[int, ...]
    message: bytes


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a unit is, as a frame's row, with what decides who may see it and whether it was told."""

    unit_id: int
    org_id: int
    received_at: datetime
    row: list[Any]


def encode(event: Event) -> Encoded:
    body = {
        "id": str(Cursor.of(event)),
        "kind": event.kind,
        "at": event.at.isoformat(),
        "subject": event.subject_type,
        "subject_id": event.subject_id,
        "incident_id": event.incident_id,
        "data": event.data,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    cursor = Cursor.of(event)
    return Encoded(cursor, tuple(event.org_ids), f"id: {cursor}\nevent: change\ndata: {text}\n\n".encode())


class Told:
    """Which positions of the last moments have gone out, so that looking back twice says nothing twice."""

    def __init__(self) -> None:
        self._last: dict[int, datetime] = {}

    def news(self, found: list[Fix]) -> list[Fix]:
        """What of ``found`` has not been told; all of it counts as told from now on."""
        fresh = [fix for fix in found if self._last.get(fix.unit_id) != fix.received_at]
        self._last = {fix.unit_id: fix.received_at for fix in found}
        return fresh


class Hub:
    """Reads the event table once for everybody and hands each event to those entitled to it."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.cursor: Cursor | None = None
        self._since: Cursor | None = None
        self._recent: deque[Encoded] = deque()
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, listener: Listener) -> None:
        """Hand everything from this moment on to the listener.

        The tail's place is fixed first: what the listener reads afterwards by itself then reaches at least as
        far, and nothing is written into a gap between the two.
        """
        if self.cursor is None:
            latest = await _read(cursor_latest)
            if self.cursor is None:
                self.cursor = self._since = latest
                self._recent.clear()
        self.listeners.add(listener)
        if not self._tasks or any(task.done() for task in self._tasks):
            for task in self._tasks:
                task.cancel()
            self._tasks = [asyncio.create_task(self._tail()), asyncio.create_task(self._frames())]

    async def _tail(self) -> None:
        while True:
            try:
                fresh = await _read(_events_encoded, self.cursor)
            except Exception:
                log.exception("the event table can't be read; tried again")
                fresh = []
            for event in fresh:
                for actor, listeners in self._by_reach():
                    if event_visible(event.org_ids, actor):
                        for listener in listeners:
                            listener.offer(event.message)
                self._keep(event)
                self.cursor = event.cursor
            await asyncio.sleep(0 if len(fresh) == BATCH else TAIL_S)

    def _keep(self, event: Encoded) -> None:
        self._recent.append(event)
        if len(self._recent) > REPLAY_MAX:
            self._since = self._recent.popleft().cursor

    def missed(self, since: Cursor) -> list[Encoded] | None:
        """What the tail has read after ``since``, from memory; None where memory doesn't reach back so far.

        When all lines break at once, all come back at once: the store is not to be asked by each of them.
        """
        if self._since is None or since < self._since:
            return None
        later = []
        for event in reversed(self._recent):
            if not event.cursor > since:
                break
            later.append(event)
        return later[::-1]

    async def _frames(self) -> None:
        since, told = now(), Told()
        while True:
            await asyncio.sleep(FRAME_S)
            if not self.listeners:
                since, told = now(), Told()
                continue
            try:
                until, found = await _read(_positions_encoded, since - COMMITTED_WITHIN)
            except Exception:
                log.exception("positions can't be read; tried again")
                continue
            since = until
            rows = told.news(found)
            if rows:
                for actor, listeners in self._by_reach():
                    if frame := _frame(actor, rows):
                        for listener in listeners:
                            listener.offer(frame)

    def _by_reach(self) -> list[tuple[Actor, list[Listener]]]:
        """The listeners by what they may see, each kind with one of its actors: desks are many, reaches few."""
        kinds: dict[tuple[bool, frozenset[int]], tuple[Actor, list[Listener]]] = {}
        for listener in self.listeners:
            actor = listener.actor
            kinds.setdefault((actor.sees_all, actor.org_ids), (actor, []))[1].append(listener)
        return list(kinds.values())


def _frame(actor: Actor, fixes: list[Fix]) -> bytes:
    """The positions of the units in the actor's reach; empty where none has moved."""
    seen = [fix.row for fix in fixes if event_visible((fix.org_id,), actor)]
    return f"event: positions\ndata: {json.dumps(seen, separators=(',', ':'))}\n\n".encode() if seen else b""


def _events_encoded(cursor: Cursor) -> list[Encoded]:
    return [encode(event) for event in events_after(cursor, limit=BATCH)]


_unit_orgs = Snapshot(
    lambda: dict(Unit.objects.values_list("id", "organisation_id")),
    lambda: tuple(Unit.objects.aggregate(n=Count("id"), last=Max("id")).values()),
)


def _positions_encoded(since: datetime) -> tuple[datetime, list[Fix]]:
    """Positions taken in after ``since``, and until when.

    A row is ``[unit, lon·1e6, lat·1e6, speed·10, heading, fixed]``, whole numbers all: metres a second times ten,
    degrees, seconds since 1970.
    """
    until, orgs = now(), _unit_orgs.get()
    rows = UnitPosition.objects.filter(received_at__gt=since, received_at__lte=until).values_list(
        "unit_id", "lon", "lat", "speed_mps", "heading_deg", "fixed_at", "received_at"
    )
    found = [
        Fix(
            unit,
            orgs.get(unit, 0),
            received,
            [unit, *_point(lon, lat), *_moving(speed, heading), int(fixed.timestamp())],
        )
        for unit, lon, lat, speed, heading, fixed, received in rows
    ]
    return until, found


def _point(lon: float, lat: float) -> tuple[int, int]:
    return round(lon * 1e6), round(lat * 1e6)


def _moving(speed_mps: float | None, heading_deg: float | None) -> tuple[int | None, int | None]:
    """Speed in tenths of a metre a second and heading in whole degrees; None where not told."""
    return (
        round(speed_mps * 10) if speed_mps is not None else None,
        round(heading_deg) % 360 if heading_deg is not None else None,
    )


async def _read(function: Callable[..., Any], *args: Any) -> Any:
    def run() -> Any:
        close_old_connections()
        return function(*args)

    return await sync_to_async(run, thread_sensitive=True)()


HUB = Hub()


class LiveStream:
    """ASGI application that serves ``GET /live`` and nothing else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        if scope["type"] != "http":
            return
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["path"] != "/live" or scope["method"] != "GET":
            await _plain(send, 404, b"", headers)
            return
        actor = await _read(_actor, headers)
        if actor.kind == "anonymous":
            await _plain(send, 401, b"", headers)
            return
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        resume = headers.get("last-event-id") or (query.get("after") or [""])[0]
        await _stream(actor, headers, resume, receive, send)


def _actor(headers: dict[str, str]) -> Actor:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        actor = actor_by_token(secret.strip(), at=now())
    else:
        key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
        person = person_by_session(key) if key else None
        actor = actor_by_person(person, at=now()) if person else ANONYMOUS
    # Programs that only hand something in have nothing to listen to.
    return actor if permitted(actor, "console.live") else ANONYMOUS


def _cors(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """The page comes from the neighbouring port of this very host; nobody else may read along."""
    origin = headers.get("origin", "")
    if _host_of(origin) is not None and _host_of(origin) == _host_of(f"//{headers.get('host', '')}"):
        return [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
    return []


def _host_of(url: str) -> str | None:
    """The host of an address without its port; None when there is none or it can't be read."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _plain(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _cors(headers)})
    await send({"type": "http.response.body", "body": body})


async def _stream(actor: Actor, headers: dict[str, str], resume: str, receive: Receive, send: Send) -> None:
    start = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
    start += [(b"x-accel-buffering", b"no"), *_cors(headers)]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    listener = Listener(actor)
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await HUB.join(listener)
        async for message in _messages(listener, resume, headers):
            if gone.done():
                return
            await send({"type": "http.response.body", "body": message, "more_body": True})
    finally:
        HUB.listeners.discard(listener)
        gone.cancel()


async def _until_gone(receive: Receive) -> None:
    async def wait() -> dict[str, Any]:
        return await receive()

    while (await wait())["type"] != "http.disconnect":
        pass


async def _messages(listener: Listener, resume: str, headers: dict[str, str]) -> AsyncIterator[bytes]:
    """First what was missed since ``resume``, then what comes, with a beat in quiet times."""
    yield b"retry: 1000\n\n"
    last = Cursor.parse(resume) if resume else await _read(cursor_latest)
    sent = 0
    while resume:
        held = HUB.missed(last)
        missed = held if held is not None else await _read(_events_encoded, last)
        for event in missed:
            last = event.cursor
            if event_visible(event.org_ids, listener.actor):
                yield event.message
        sent += len(missed)
        if held is not None or len(missed) < BATCH:
            break
        if sent >= REPLAY_MAX:
            yield _notice("reload", last)
            break
    yield _notice("hello", last)
    clock = asyncio.get_running_loop().time
    checked = clock()
    while True:
        if listener.overrun:
            yield _notice("reload", last)
            return
        if clock() - checked >= RIGHTS_S:
            listener.actor, checked = await _read(_actor, headers), clock()
            if listener.actor.kind == "anonymous":
                return
        try:
            async with asyncio.timeout(BEAT_S):
                message = await listener.queue.get()
        except TimeoutError:
            yield _notice("beat", None)
            continue
        place = _place_of(message)
        if place is None or place > last:
            last = place or last
            yield message


def _place_of(message: bytes) -> Cursor | None:
    head, _, _ = message.partition(b"\n")
    return Cursor.parse(head[4:].decode()) if head.startswith(b"id: ") else None


def _notice(name: str, cursor: Cursor | None) -> bytes:
    """A message without a durable event: ``hello`` also sets where a resume would start."""
    mark = f"id: {cursor}\n" if cursor is not None else ""
    return f'{mark}event: {name}\ndata: {{"now":"{now().isoformat()}"}}\n\n'.encode()
