"""A load of requests to a server on this machine: a few connections kept open, each timed alone.

Loops are bounded in count and time. The client is a process of its own, so its work is not the
server's; on two cores the two still share the machine, which is why ratios count more than values.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

HEADERS_MAX = 1 << 16


@dataclass
class Outcome:
    """What a load saw: seconds per answer, and answers by status."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    wall_s: float = 0.0

    @property
    def ok(self) -> int:
        return sum(n for status, n in self.statuses.items() if 200 <= status < 400)

    def add(self, other: Outcome) -> None:
        """Another turn of the same load: its answers join these, its time is added."""
        self.seconds += other.seconds
        self.wall_s += other.wall_s
        for status, n in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + n


class Connection:
    """One kept-alive HTTP/1.1 connection to the loopback. ``body`` is that of the last answer."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.port, self.headers = port, headers
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.body = b""

    async def request(self, method: str, path: str, body: bytes = b"", extra: dict[str, str] | None = None) -> int:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{k}: {v}" for k, v in {**self.headers, **(extra or {})}.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await self._answer()

    async def _answer(self) -> int:
        assert self.reader is not None
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head.split("\r\n")[1:]) if k}
        if fields.get("transfer-encoding") == "chunked":
            self.body = b""
            while size := int((await self.reader.readline()).strip() or b"0", 16):
                self.body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        else:
            self.body = await self.reader.readexactly(int(fields.get("content-length", "0")))
        if fields.get("connection", "").lower() == "close":
            self.close()
        return status

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


Ask = Callable[[int], tuple[str, str, bytes, dict[str, str]]]


async def closed_loop(port: int, ask: Ask, *, clients: int, count: int, headers: dict[str, str]) -> Outcome:
    """``clients`` connections, each asking again as soon as it has its answer; ``count`` requests in all."""
    outcome, next_one = Outcome(), iter(range(count))
    began = time.perf_counter()

    async def client() -> None:
        connection = Connection(port, headers)
        for k in next_one:
            await _timed(connection, ask(k), outcome)
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    outcome.wall_s = time.perf_counter() - began
    return outcome


async def open_loop(port: int, ask: Ask, *, per_s: float, count: int, headers: dict[str, str]) -> Outcome:
    """Requests sent at a steady pace whatever the answers do; waiting counts from the planned moment."""
    outcome, idle = Outcome(), [Connection(port, headers) for _ in range(8)]
    began = time.perf_counter()

    async def one(k: int) -> None:
        planned = began + k / per_s
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        connection = idle.pop() if idle else Connection(port, headers)
        await _timed(connection, ask(k), outcome, since=planned)
        idle.append(connection)

    await asyncio.gather(*(one(k) for k in range(count)))
    for connection in idle:
        connection.close()
    outcome.wall_s = time.perf_counter() - began
    return outcome


async def _timed(
    connection: Connection, what: tuple[str, str, bytes, dict[str, str]], outcome: Outcome, since: float | None = None
) -> None:
    started = time.perf_counter() if since is None else since
    try:
        status = await connection.request(*what)
    except (OSError, asyncio.IncompleteReadError):
        connection.close()
        status = 0
    outcome.seconds.append(time.perf_counter() - started)
    outcome.statuses[status] = outcome.statuses.get(status, 0) + 1


async def listen(port: int, headers: dict[str, str], *, listeners: int, stop: asyncio.Event) -> int:
    """Read the live stream over ``listeners`` connections until ``stop``; returns the changes received."""
    received = 0

    async def one() -> None:
        nonlocal received
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = ["GET /live HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        while not stop.is_set():
            try:
                line = await asyncio.wait_for(reader.readline(), 0.5)
            except TimeoutError:
                continue
            if not line:
                return
            received += line.startswith(b"event: change")
        writer.close()

    await asyncio.gather(*(one() for _ in range(listeners)), return_exceptions=True)
    return received


def calls_ask(texts: list[str], *, salt: str, box: tuple[float, float, float, float]) -> Ask:
    """Requests that take a call: one of ``texts`` with words of its own, at a place spread over ``box``."""
    west, south, east, north = box

    def ask(k: int) -> tuple[str, str, bytes, dict[str, str]]:
        body = {
            "narrative": f"{texts[k % len(texts)]}，在{k % 97 + 1}号楼{k % 31 + 1}单元{k % 13 + 1}楼",
            "lon": west + (east - west) * ((k * 0.618034) % 1),
            "lat": south + (north - south) * ((k * 0.414214) % 1),
            "reporter_phone": f"138****{k % 10000:04d}",
        }
        extra = {"Content-Type": "application/json", "Idempotency-Key": f"{salt}-{k}"}
        return "POST", "/api/calls", json.dumps(body, ensure_ascii=False).encode(), extra

    return ask


def get_ask(path: str | Callable[[int], str]) -> Ask:
    """Requests that look at a page."""

    def ask(k: int) -> tuple[str, str, bytes, dict[str, str]]:
        return "GET", path if isinstance(path, str) else path(k), b"", {}

    return ask
