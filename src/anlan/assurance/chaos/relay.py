"""A bad line between clients and a server on this machine: everything passes through here, or does not.

It works on whole connections, not on packets: what a lost packet does to one is that it comes later.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from random import Random
from typing import Any

OPEN, SLOW, CUT, ANSWERS_LOST, RESET, TWICE = "open", "slow", "cut", "answers lost", "reset", "sent twice"
WAYS = (SLOW, CUT, ANSWERS_LOST, RESET, TWICE)
SLOW_LEAST_S, SLOW_MOST_S = 0.2, 0.6
CHUNK = 1 << 16


class Relay:
    """Listens on ``port`` and passes on to ``to``. Whoever sets ``way`` decides how it fares from then on.

    ``SLOW``: each part waits. ``CUT``: nothing comes through in either direction, and nobody is told.
    ``ANSWERS_LOST``: requests arrive, answers don't. ``RESET``: each line breaks as soon as anything is sent.
    ``TWICE``: what is sent arrives again on a line of its own, whose answer nobody hears.
    """

    def __init__(self, to: int, *, seed: int) -> None:
        self.to, self.way, self.port, self.passed = to, OPEN, 0, 0
        self._random = Random(seed)
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()

    def start(self) -> None:
        """Begin to listen; ``port`` says where."""
        self._thread.start()
        self._up.wait()

    def drop(self) -> None:
        """Break every connection that is open now."""

        def all_break() -> None:
            for end in self._ends:
                end.transport.abort()

        self._loop.call_soon_threadsafe(all_break)

    def stop(self) -> None:
        """Break every line, and listen no more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._met, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._up.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        for end in self._ends:
            end.transport.abort()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, onward = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.transport.abort()
            return
        both = (
            self._pass(reader, onward, is_request=True, other=writer),
            self._pass(there, writer, is_request=False, other=onward),
        )
        self._ends |= {writer, onward}
        await asyncio.gather(*both, return_exceptions=True)
        self._ends -= {writer, onward}
        for end in (writer, onward):
            end.transport.abort()

    async def _pass(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        *,
        is_request: bool,
        other: asyncio.StreamWriter,
    ) -> None:
        while data := await source.read(CHUNK):
            way = self.way
            self.passed += way != OPEN
            if way == RESET:
                other.transport.abort()
                break
            if way == CUT or (way == ANSWERS_LOST and not is_request):
                continue
            if way == SLOW:
                await asyncio.sleep(self._random.uniform(SLOW_LEAST_S, SLOW_MOST_S))
            if way == TWICE and is_request:
                data = await _whole(data, source)
                self._beside(self._again(data))
            target.write(data)
            await target.drain()
        target.transport.abort()

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _again(self, data: bytes) -> None:
        """The same request once more; its answer is read by nobody else."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.to)
        writer.write(data)
        await writer.drain()
        await reader.read(CHUNK)
        writer.close()


async def _whole(data: bytes, source: asyncio.StreamReader) -> bytes:
    """The request that begins with ``data``: its head may come before its body, and half a one is no second one."""
    while b"\r\n\r\n" not in data and (more := await source.read(CHUNK)):
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0) and (more := await source.read(CHUNK)):
        data, body = data + more, body + more
    return data
