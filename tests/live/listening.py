"""A browser at the live stream, without a network: the door is driven directly, over a line in memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction

from anlan.accounts.models import Organisation
from anlan.console import live
from anlan.console.live_door import Door
from anlan.core.actor import SYSTEM
from anlan.core.services import event_record
from world import T0

PATIENCE_S = 60.0
"""Only an upper end for a run that hangs; nothing is measured by it."""


@dataclass(frozen=True)
class Message:
    """One message of the stream."""

    event: str
    id: str
    data: Any


class Wire(asyncio.Transport):
    """The server's end of a line. ``is_blocked``: the reader takes nothing, and what is written piles up."""

    def __init__(self, taken: Callable[[bytes], None], closed: Callable[[], None]) -> None:
        super().__init__()
        self._taken, self._closed = taken, closed
        self._pile = b""
        self._is_blocked = self._is_closing = False

    def block(self, is_blocked: bool) -> None:
        self._is_blocked = is_blocked
        self._pass_on()

    def write(self, data: Any) -> None:
        self._pile += bytes(data)
        self._pass_on()

    def get_write_buffer_size(self) -> int:
        return len(self._pile)

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True
        self._pass_on()

    def abort(self) -> None:
        self._pile, self._is_closing = b"", True
        self._pass_on()

    def _pass_on(self) -> None:
        if not self._is_blocked or not self._pile:
            pile, self._pile = self._pile, b""
            if pile:
                self._taken(pile)
            if self._is_closing:
                closed, self._closed = self._closed, lambda: None
                asyncio.get_running_loop().call_soon(closed)


@dataclass
class Browser:
    """One open stream."""

    headers: dict[str, str] = field(default_factory=dict)
    path: str = "/live"
    method: str = "GET"
    query: str = ""
    status: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    retry_ms: int = 0
    inbox: asyncio.Queue[Message | None] = field(default_factory=asyncio.Queue)
    _text: bytes = b""

    async def __aenter__(self) -> Browser:
        self.door = Door(set())
        self.wire = Wire(self._take, self._end)
        self.door.connection_made(self.wire)
        target = f"{self.path}?{self.query}" if self.query else self.path
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers.items())]
        self.door.data_received("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return self

    async def __aexit__(self, *failure: object) -> None:
        self.wire.abort()
        self.door.connection_lost(None)
        work = self.door._work
        if work is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await work

    def _end(self) -> None:
        self.door.connection_lost(None)
        self.inbox.put_nowait(None)

    def _take(self, data: bytes) -> None:
        self._text += data
        if not self.status:
            head, found, rest = self._text.partition(b"\r\n\r\n")
            if not found:
                return
            first, *lines = head.decode().split("\r\n")
            self.status, self._text = int(first.split(" ")[1]), rest
            self.answered = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        *whole, self._text = self._text.split(b"\n\n")
        for block in whole:
            told = dict(line.split(": ", 1) for line in block.decode().splitlines() if ": " in line)
            self.retry_ms = int(told.get("retry", self.retry_ms))
            if "event" in told:
                self.inbox.put_nowait(Message(told["event"], told.get("id", ""), json.loads(told["data"])))

    async def next(self, kind: str = "") -> Message | None:
        """The next message (of a kind); None when the stream has ended."""
        while True:
            message = await asyncio.wait_for(self.inbox.get(), PATIENCE_S)
            if message is None or not kind or message.event == kind:
                return message

    async def changes(self, count: int) -> list[Message]:
        """The next so many changes."""
        return [message for _ in range(count) if (message := await self.next("change")) is not None]


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario in a loop of its own, and leave no thread's connection open behind it."""

    async def whole() -> None:
        try:
            await scenario()
        finally:
            for task in live.HUB._tasks:
                task.cancel()
            await asyncio.gather(*live.HUB._tasks, return_exceptions=True)
            live.HUB._tasks = []
            live.HUB.listeners.clear()
            await live.read(connections.close_all)

    live.HUB.cursor = live.HUB.mark = None
    asyncio.run(whole())


async def elsewhere(act: Callable[[], Any]) -> Any:
    """Do something in another thread, as a request of somebody else would."""

    def run() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


def happen(organisation: Organisation, **data: Any) -> int:
    """Something is put on the record of an organisation; returns the event's id."""
    with transaction.atomic():
        return event_record(
            "tests.happened", subject=organisation, by=SYSTEM, at=T0, org_ids=[organisation.pk], **data
        ).pk
