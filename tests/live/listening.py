"""A browser at the live stream, without a network: the ASGI application is driven directly."""

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


@dataclass
class Browser:
    """One open stream. ``gate`` closed means it reads nothing: the line is slow."""

    headers: dict[str, str] = field(default_factory=dict)
    path: str = "/live"
    method: str = "GET"
    query: str = ""
    status: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    inbox: asyncio.Queue[Message | None] = field(default_factory=asyncio.Queue)
    _leave: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Browser:
        self.gate.set()
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *failure: object) -> None:
        self._leave.set()
        self.gate.set()
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        scope = {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "query_string": self.query.encode(),
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in self.headers.items()],
        }
        await live.LiveStream()(scope, self._receive, self._send)
        await self.inbox.put(None)

    async def _receive(self) -> dict[str, Any]:
        await self._leave.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        await self.gate.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.answered = {k.decode(): v.decode() for k, v in message["headers"]}
            return
        for block in message["body"].decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in lines:
                await self.inbox.put(Message(lines["event"], lines.get("id", ""), json.loads(lines["data"])))

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
            await live._read(connections.close_all)

    live.HUB.cursor = None
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
