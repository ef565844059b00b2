"""Many consoles at the live stream at once: who heard what, when, and how much came down the line.

Each console is one connection that reads like a browser does, but only counts: a client that parsed
everything would burden the cores it shares with the server.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

CHANGE, FRAME, HELLO = b"event: change\n", b"event: positions\n", b"event: hello\n"
REACTION = "disputes."
"""What a file does because of a call bears the moment of that call, and is done at the worker's next tick: how long
that took says nothing of the stream."""


@dataclass
class Heard:
    """What the whole crowd heard: seconds from the record to the reader, reactions apart; frames and their bytes."""

    delays_s: list[float] = field(default_factory=list)
    reactions_s: list[float] = field(default_factory=list)
    frames: int = 0
    frame_bytes: int = 0
    greeted_s: list[float] = field(default_factory=list)
    lost: int = 0


class Console(asyncio.Protocol):
    """One reader of the stream."""

    def __init__(self, port: int, cookie: str, heard: Heard, *, after: str = "") -> None:
        path = f"/live?after={after}" if after else "/live"
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: {cookie}", "", ""]
        self._ask = "\r\n".join(lines).encode()
        self._heard, self._rest, self._began = heard, b"", time.perf_counter()
        self.transport: asyncio.Transport | None = None
        self.greeted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.place = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._ask)

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        for message in whole:
            self._take(message + b"\n")

    def _take(self, message: bytes) -> None:
        if CHANGE in message:
            text = message.partition(b"data: ")[2].decode()
            told = json.loads(text)
            delay_s = time.time() - datetime.fromisoformat(told["at"]).timestamp()
            is_reaction = told["kind"].startswith(REACTION)
            (self._heard.reactions_s if is_reaction else self._heard.delays_s).append(delay_s)
        elif FRAME in message:
            self._heard.frames += 1
            self._heard.frame_bytes += len(message) + 1
        elif HELLO in message and not self.greeted.done():
            self.place = message.partition(b"id: ")[2].partition(b"\n")[0].decode()
            self._heard.greeted_s.append(time.perf_counter() - self._began)
            self.greeted.set_result(True)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.greeted.done():
            self._heard.lost += 1
            self.greeted.set_result(False)

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()


async def crowd_join(
    port: int,
    cookies: Sequence[str],
    count: int,
    heard: Heard,
    *,
    within_s: float = 0.0,
    after: str = "",
    make: Callable[..., Console] = Console,
) -> list[Console]:
    """Open ``count`` streams, each with its own cookie and spread evenly over ``within_s``.

    ``make`` is called like ``Console`` for each. Returns when each was greeted or refused.
    """
    loop, began = asyncio.get_running_loop(), time.perf_counter()

    async def one(k: int) -> Console:
        await asyncio.sleep(max(0.0, began + within_s * k / count - time.perf_counter()))
        console = make(port, cookies[k % len(cookies)], heard, after=after)
        try:
            await loop.create_connection(lambda: console, "127.0.0.1", port)
        except OSError:
            console.connection_lost(None)
        await console.greeted
        return console

    return list(await asyncio.gather(*(one(k) for k in range(count))))


def fixes(
    units: Sequence[int], *, seq: int, boot: str, at: datetime, box: Sequence[float]
) -> list[Mapping[str, object]]:
    """One report of each unit: all of them move, on a course of their own."""
    west, south, east, north = box
    return [
        {
            "unit_id": unit,
            "boot": boot,
            "seq": seq,
            "lon": west + (east - west) * ((unit * 0.618034 + seq * 0.0004) % 1),
            "lat": south + (north - south) * ((unit * 0.414214 + seq * 0.0003) % 1),
            "speed_mps": 8.0,
            "heading_deg": float(unit * 37 % 360),
            "fixed_at": at.isoformat(),
        }
        for unit in units
    ]
