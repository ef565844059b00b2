"""The live stream: one tail of the event table and one frame of positions, handed to all who listen.

A durable event carries its place in the stream as ``id:``; a browser that lost the line asks again
from there and misses nothing. Unit positions are gathered into one frame a second and carry no id:
the next frame replaces the last. The ORM is touched by one thread alone, never by a stream. What is
told is encoded once for all of the same reach; an open stream has no task of its own, it is written to.
How a browser gets here over HTTP is the matter of ``live_door``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import Any, Protocol

from django.db import close_old_connections

from anlan.console.live_frames import Fix, Pace, Told, frame_of, positions_new
from anlan.console.live_places import place_of, place_told
from anlan.console.live_rights import rights_mark, sessions_open
from anlan.console.live_stir import Stir
from anlan.console.live_who import Porter, actor_of_headers, actors_of_headers, session_key
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.models import Event
from anlan.core.selectors import Cursor, cursor_latest, event_visible, events_read
from anlan.core.shut import Row, rows_named, rows_shut, shut_may_change

log = logging.getLogger("anlan.live")

TAIL_S = 0.1
"""How often it is looked whether anything was written, where looking costs next to nothing."""
ASK_S = 0.2
"""How often elsewhere: each look is a question to the store."""
FRAME_S = 1.0
BEAT_S = 10.0
RIGHTS_S = 4.0
"""An open stream asks anew this often who is listening: a sign-out or an ended role closes it."""
UNSENT_MAX = 512 * 1024
"""Bytes a line may be behind: over a minute of frames. Who is further behind loads anew."""
REPLAY_MAX = 5000
RETRY_FROM_MS, RETRY_SPAN_MS = 500, 4000
"""A browser whose line broke comes back after so long; spread, because most often all lines break at once."""
BATCH = 500


class Line(Protocol):
    """What a stream is written to."""

    def write(self, data: bytes) -> None:
        """Send it, now or as soon as the line takes it."""

    def unsent(self) -> int:
        """Bytes the line has not taken yet."""

    async def drained(self) -> None:
        """Wait until little is left unsent."""

    def end(self) -> None:
        """Close it when what was written has gone out."""


@dataclass(frozen=True)
class Encoded:
    """An event ready to send, with what decides who may see it: whose it is, and the rows it tells of."""

    cursor: Cursor
    org_ids: tuple[int, ...]
    message: bytes
    kind: str = ""
    rows: tuple[Row, ...] = ()


@dataclass(eq=False)
class Listener:
    """One open stream: who listens, and how far it was told."""

    actor: Actor
    line: Line
    headers: dict[str, str]
    place: Cursor = field(default_factory=Cursor)
    waiting: list[Encoded] | None = field(default_factory=list)
    """What happens while it is still told what it missed; None from its greeting on."""
    wrote_at: float = 0.0

    def tell(self, events: Sequence[Encoded], whole: bytes, frame: bytes = b"") -> None:
        """Send ``events`` and a ``frame``, of which ``whole`` is the text; what it has been told is left out."""
        if self.waiting is not None:
            self.waiting += events
            if len(self.waiting) > REPLAY_MAX:
                self.overrun()
                return
            whole = frame
        elif events:
            if events[0].cursor <= self.place:
                events = [event for event in events if event.cursor > self.place]
                whole = b"".join(event.message for event in events) + frame
            if events:
                self.place = events[-1].cursor
        if whole:
            self.send(whole)

    def send(self, message: bytes) -> None:
        """Write to the line; a reader too slow is told to load anew, and holds up nobody."""
        if self.line.unsent() > UNSENT_MAX:
            self.overrun()
            return
        self.wrote_at = time.monotonic()
        self.line.write(message)

    def overrun(self) -> None:
        HUB.listeners.discard(self)
        self.line.write(notice("reload", self.place))
        self.line.end()

    def greet(self) -> None:
        """From here on it is told what happens when it happens; first what happened meanwhile."""
        waiting, self.waiting = self.waiting or [], None
        self.send(notice("hello", self.place))
        self.tell(waiting, b"".join(event.message for event in waiting))


def encode(event: Event) -> Encoded:
    cursor = Cursor.of(event)
    place = place_told(cursor)
    body = {
        "id": place,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "subject": event.subject_type,
        "subject_id": event.subject_id,
        "incident_id": event.incident_id,
        "data": event.data,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    message = f"id: {place}\nevent: change\ndata: {text}\n\n".encode()
    return Encoded(cursor, tuple(event.org_ids), message, event.kind, rows_named(event))


def notice(name: str, cursor: Cursor | None) -> bytes:
    """A message without a durable event: ``hello`` also sets where a resume would start."""
    mark = f"id: {place_told(cursor)}\n" if cursor is not None else ""
    return f'{mark}event: {name}\ndata: {{"now":"{now().isoformat()}"}}\n\n'.encode()


class Hub:
    """Reads the event table once for everybody and hands each event to those entitled to it."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.cursor: Cursor | None = None
        self.mark: Hashable = None
        """What everybody's rights hung on when they were last looked at."""
        self._shut: dict[int, frozenset[Row]] | None = None
        """Rows that a rule shuts to somebody for a while, by person; None until somebody listens."""
        self._since: Cursor | None = None
        self._too_far: Cursor | None = None
        """From here, or before, there is more to tell than memory takes."""
        self._looking: asyncio.Task[None] | None = None
        self._recent: deque[Encoded] = deque()
        self._retold: dict[Hashable, bytes] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, listener: Listener) -> None:
        """Hand everything from this moment on to the listener.

        The tail's place is fixed first: what the listener reads afterwards by itself then reaches at least as
        far, and nothing is written into a gap between the two.
        """
        if self.cursor is None:
            latest = await read(cursor_latest)
            if self.cursor is None:
                self.cursor = self._since = latest
                self._too_far = None
                self._recent.clear()
        if self._shut is None:
            self._shut = await read(rows_shut)
        self.listeners.add(listener)
        if not self._tasks or any(task.done() for task in self._tasks):
            for task in self._tasks:
                task.cancel()
            work = (self._tail, self._beats, self._rights)
            self._tasks = [asyncio.create_task(each()) for each in work]

    async def _tail(self) -> None:
        stir, pace, since, told, is_more = Stir(), Pace(), now(), Told(), False
        while True:
            fresh: list[Encoded] = []
            if is_more or stir.felt():
                try:
                    fresh, shut = await read(_news, self.cursor)
                    self._shut = shut if shut is not None else self._shut
                except Exception:
                    log.exception("the event table can't be read; tried again")
                    stir.forget()
            fixes: list[Fix] = []
            if not self.listeners:
                since, told = now(), Told()
            elif pace.is_due(time.monotonic(), every_s=FRAME_S, rides=bool(fresh)):
                try:
                    since, fixes = await read(positions_new, since, told)
                except Exception:
                    log.exception("positions can't be read; tried again")
            if fresh or fixes:
                self._hand_out(fresh, fixes)
            if fresh:
                self.cursor = fresh[-1].cursor
            is_more = len(fresh) == BATCH
            await asyncio.sleep(0 if is_more else TAIL_S if stir.is_cheap else ASK_S)

    def _hand_out(self, fresh: list[Encoded], fixes: list[Fix]) -> None:
        """What happened and where units are, to each in one piece: writing to a line is what a listener costs."""
        for actor, listeners in self._by_reach():
            seen = self.seen_by(actor, fresh)
            frame = frame_of(actor, fixes)
            whole = b"".join([*(event.message for event in seen), frame])
            for listener in listeners if whole else ():
                listener.tell(seen, whole, frame)
        for event in fresh:
            self._keep(event)

    def seen_by(self, actor: Actor, events: Sequence[Encoded]) -> list[Encoded]:
        """Of these events those the actor may see: in their reach, and of no row that is shut to them."""
        shut = self._shut_to(actor)
        return [e for e in events if event_visible(e.org_ids, actor) and shut.isdisjoint(e.rows)]

    def _shut_to(self, actor: Actor) -> frozenset[Row]:
        is_person = actor.kind == "person" and actor.id is not None
        return (self._shut or {}).get(actor.id or 0, frozenset()) if is_person else frozenset()

    def _keep(self, event: Encoded) -> None:
        self._recent.append(event)
        self._retold.clear()
        if len(self._recent) > REPLAY_MAX:
            self._since = self._recent.popleft().cursor

    def missed(self, since: Cursor) -> list[Encoded] | None:
        """What the tail has read after ``since``, from memory; None where memory doesn't reach back so far.

        When all lines break at once, all come back at once: the store is not to be asked by each of them.
        """
        if not self._reaches(since):
            return None
        return list(takewhile(lambda event: event.cursor > since, reversed(self._recent)))[::-1]

    def _reaches(self, since: Cursor) -> bool:
        return self._since is not None and since >= self._since

    def retold(self, since: Cursor, actor: Actor) -> tuple[Cursor, bytes]:
        """What the actor missed after ``since``, made once for all of this reach: up to where, and its text."""
        key = since, actor.sees_all, actor.org_ids, self._shut_to(actor)
        if key not in self._retold:
            if len(self._retold) >= 16:
                self._retold.clear()
            seen = self.seen_by(actor, self.missed(since) or [])
            self._retold[key] = b"".join(event.message for event in seen)
        return max(since, self._recent[-1].cursor) if self._recent else since, self._retold[key]

    async def reach_back(self, since: Cursor) -> bool:
        """Bring into memory what was written after ``since``; False where that is more than it takes.

        After a restart memory is empty and everybody comes back with a place from before it: one asks the
        store, the others wait for what that brings.
        """
        while not self._reaches(since):
            if self._too_far is not None and since <= self._too_far:
                return False
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look_back(since))
            await asyncio.shield(self._looking)
        return True

    async def _look_back(self, since: Cursor) -> None:
        until, last, found = self._since or Cursor(), since, list[Encoded]()
        while True:
            older = [event for event in await read(_events_encoded, last) if event.cursor <= until]
            found += older
            if len(found) + len(self._recent) > REPLAY_MAX:
                self._too_far = since
                return
            if len(older) < BATCH:
                break
            last = older[-1].cursor
        if self._since == until:  # else memory has let go of its oldest meanwhile, and the two do not meet
            self._recent.extendleft(reversed(found))
            self._since = since

    async def _beats(self) -> None:
        """In quiet times a line is kept alive, and the reader told that nothing is amiss."""
        while True:
            await asyncio.sleep(min(1.0, BEAT_S))
            quiet_since, beat = time.monotonic() - BEAT_S, notice("beat", None)
            for listener in list(self.listeners):
                if listener.waiting is None and listener.wrote_at <= quiet_since:
                    listener.send(beat)

    async def _rights(self) -> None:
        """Look at everybody's rights again where anybody's have changed; else only whether they have signed out."""
        while True:
            await asyncio.sleep(RIGHTS_S)
            listeners = [(listener, session_key(listener.headers)) for listener in self.listeners]
            try:
                mark = await read(rights_mark, at=now())
                held = await read(sessions_open, [key for _, key in listeners], at=now())
                self._shut = await read(rows_shut)
                for listener, key in listeners:
                    if mark != self.mark or (key and key not in held):
                        await self._look_again(listener)
                self.mark = mark
            except Exception:
                log.exception("rights can't be read; tried again")

    async def _look_again(self, listener: Listener) -> None:
        listener.actor = await read(actor_of_headers, listener.headers)
        if listener.actor.kind == "anonymous":
            self.listeners.discard(listener)
            listener.line.end()

    def _by_reach(self) -> list[tuple[Actor, list[Listener]]]:
        """The listeners by what they may see, each kind with one of its actors: desks are many, reaches few."""
        kinds: dict[Hashable, tuple[Actor, list[Listener]]] = {}
        for listener in self.listeners:
            actor = listener.actor
            reach = (actor.sees_all, actor.org_ids, self._shut_to(actor))
            kinds.setdefault(reach, (actor, []))[1].append(listener)
        return list(kinds.values())


HUB = Hub()


async def _look(asking: list[dict[str, str]]) -> list[Actor]:
    """Who they are. From before this look on, a change of rights is noticed."""
    if HUB.mark is None:
        HUB.mark = await read(rights_mark, at=now())
    found: list[Actor] = await read(actors_of_headers, asking)
    return found


PORTER = Porter(_look)


async def listen(listener: Listener, resume: str) -> None:
    """Join, be told what was missed since ``resume`` (from now on where it is empty), be greeted."""
    await HUB.join(listener)
    listener.line.write(_retry())
    if not resume:
        listener.place = await read(cursor_latest)
    elif await HUB.reach_back(place := place_of(resume)):
        listener.place, missed = HUB.retold(place, listener.actor)
        if missed:
            listener.line.write(missed)
            await listener.line.drained()
    else:
        listener.place = HUB.cursor or place
        listener.line.write(notice("reload", listener.place))
    if listener in HUB.listeners:
        listener.greet()


_comers = count()


def _retry() -> bytes:
    """How long this browser waits before it comes back: each its own time, so that all do not come at once.

    Multiples of the golden ratio's fraction fill the span evenly, however many have come.
    """
    share = next(_comers) * 0.6180339887498949 % 1
    return b"retry: %d\n\n" % (RETRY_FROM_MS + share * RETRY_SPAN_MS)


def _news(cursor: Cursor) -> tuple[list[Encoded], dict[int, frozenset[Row]] | None]:
    """What was written since, and what is shut from then on where that may have changed it."""
    fresh = _events_encoded(cursor)
    return fresh, rows_shut() if shut_may_change(event.kind for event in fresh) else None


def _events_encoded(cursor: Cursor) -> list[Encoded]:
    return [encode(event) for event in events_read(cursor, limit=BATCH)]


_STORE = ThreadPoolExecutor(1, thread_name_prefix="live-store")
"""All questions to the store stand in one line: none of them is asked by two at once."""


async def read(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Ask the store, in the one thread that does."""

    def run() -> Any:
        close_old_connections()
        return function(*args, **named)

    return await asyncio.get_running_loop().run_in_executor(_STORE, run)
