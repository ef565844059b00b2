"""Who listens under load: consoles at the live stream, some slow, some gone in the middle and back at once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from anlan.assurance.load.profiles import SLOW_BYTES_PER_S, Profile
from anlan.drills.bench.crowd import Console, Heard, crowd_join

TIMED_EVERY, MAP_EVERY = 10, 25
"""One console in so many is timed, and one in so many reads the frames of positions: a client that read every word of
hundreds of them would be late itself, and burden the cores measured. The others only note how far they have read."""
ROW_FIXED = 5
SLOW_EVERY_S = 0.5


class Reader(Console):
    """A console that also knows which changes it was told, and how old a frame's youngest position was."""

    def __init__(
        self,
        port: int,
        cookie: str,
        heard: Ears,
        *,
        after: str = "",
        is_timed: bool = False,
        reads_map: bool = False,
    ) -> None:
        super().__init__(port, cookie, heard, after=after)
        self._ears, self._is_timed, self._reads_map = heard, is_timed, reads_map
        self.seen: set[bytes] = set()

    def _take(self, message: bytes) -> None:
        is_change = b"event: change\n" in message
        if self._is_timed or not is_change:
            super()._take(message)
        if message.startswith(b"id: ") and is_change:
            place = message[4 : message.index(b"\n")]
            self.place = place.decode()
            self.seen.add(place)
        elif self._reads_map and b"event: positions\n" in message:
            rows = json.loads(message.partition(b"data: ")[2])
            # Whole seconds: it was at most so long ago.
            self._ears.map_s.append(time.time() - max(row[ROW_FIXED] for row in rows))


@dataclass
class Ears(Heard):
    """What the audience heard; ``map_s`` is the age of the youngest position in a frame, at most."""

    map_s: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)
    until_all_s: float = 0.0
    missed: int = 0
    compared: int = 0
    slow_told: int = 0

    def as_json(self) -> dict[str, Any]:
        names = ("delays_s", "map_s", "back_s", "until_all_s", "missed", "compared", "slow_told", "frames", "lost")
        return {name: getattr(self, name) for name in names}


async def listened(
    port: int, cookies: Sequence[str], profile: Profile, stop: asyncio.Event, *, half_s: float
) -> Ears:
    """Consoles listen until ``stop``. Says ``ready`` on standard output when all were greeted.

    After ``half_s`` those leave who are to, and come back.
    """
    ears = Ears()
    slow = [
        asyncio.create_task(_slowly(port, cookies[k % len(cookies)], stop, ears)) for k in range(profile.slow_readers)
    ]
    here = await _joined(port, cookies, profile.consoles - profile.slow_readers, ears)
    print("ready", flush=True)  # noqa: T201 - who started this reads it
    if profile.leave:
        await asyncio.sleep(half_s)
        await _all_drop(port, cookies, profile, here, ears)
    await stop.wait()
    if profile.leave:
        _compared(here, ears)
    for console in here:
        console.close()
    await asyncio.gather(*slow)
    return ears


async def _joined(port: int, cookies: Sequence[str], count: int, ears: Ears) -> list[Reader]:
    made = iter(range(count))

    def reader(at: int, cookie: str, heard: Heard, *, after: str = "") -> Reader:
        assert isinstance(heard, Ears)
        k = next(made)
        return Reader(at, cookie, heard, after=after, is_timed=k % TIMED_EVERY == 0, reads_map=k % MAP_EVERY == 0)

    joined = await crowd_join(port, cookies, count, ears, within_s=count / 200, make=reader)
    return [console for console in joined if isinstance(console, Reader)]


async def _all_drop(port: int, cookies: Sequence[str], profile: Profile, here: list[Reader], ears: Ears) -> None:
    """The last ``leave`` lose their line at one moment; each comes back from where it had read to."""
    left = here[-profile.leave :]
    for console in left:
        console.close()
    began, loop = time.perf_counter(), asyncio.get_running_loop()

    async def back(k: int, was: Reader) -> None:
        await asyncio.sleep(profile.within_s * k / len(left))
        again = Reader(port, cookies[(len(here) - len(left) + k) % len(cookies)], ears, after=was.place)
        again.seen = was.seen
        asked = time.perf_counter()
        try:
            await loop.create_connection(lambda: again, "127.0.0.1", port)
        except OSError:
            again.connection_lost(None)
        if await again.greeted:
            ears.back_s.append(time.perf_counter() - asked)
        here[len(here) - len(left) + k] = again

    await asyncio.gather(*(back(k, was) for k, was in enumerate(left)))
    ears.until_all_s = time.perf_counter() - began


def _compared(here: list[Reader], ears: Ears) -> None:
    """Whoever sees all of the bureau must have heard what those heard who never left."""
    bureau = here[::3]
    reference = bureau[0].seen
    ears.compared = len(reference) * (len(bureau) - 1)
    ears.missed = sum(len(reference - console.seen) for console in bureau[1:])


async def _slowly(port: int, cookie: str, stop: asyncio.Event, ears: Ears) -> None:
    """Read a kilobyte a second; being cut off, or told to load anew, is what should happen to such a one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
    told = False
    while not stop.is_set():
        data = await reader.read(int(SLOW_BYTES_PER_S * SLOW_EVERY_S))
        if not data or b"event: reload" in data or b"event: resync" in data:
            told = True
            if not data:
                break
        await asyncio.sleep(SLOW_EVERY_S)
    ears.slow_told += told
    writer.close()
