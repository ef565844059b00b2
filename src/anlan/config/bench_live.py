"""``anlan bench live``: many consoles and moving units on one centre, then a crowd that comes back at once."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
django.setup()

from django.db import transaction  # noqa: E402 - Django must be set up first

from anlan.config.bench_intake import TEXTS, Bench, past_is_followed, say  # noqa: E402
from anlan.config.server import prepare  # noqa: E402
from anlan.console.live_door import files_allow  # noqa: E402
from anlan.core.clock import now  # noqa: E402
from anlan.drills.bench.crowd import Heard, crowd_join, fixes  # noqa: E402
from anlan.drills.bench.figures import Line, latencies  # noqa: E402
from anlan.drills.bench.load import Connection, calls_ask  # noqa: E402
from anlan.drills.bench.pages import Load, NoBrowser, Smooth, browsers, cold_load, second_screen, smoothness  # noqa: E402
from anlan.drills.bench.past import BOX, past_build  # noqa: E402
from anlan.drills.bench.processor import cpu_s  # noqa: E402
from anlan.drills.bench.store import desks, gateway, small_centre  # noqa: E402
from anlan.units.models import Unit  # noqa: E402

PAST = 500
SETTLED_AFTER_S = 10
EVERY_S = 5
"""Each unit tells its position this often; one request a second carries those whose turn it is."""
CALLS_PER_S = 1.0
WRITES = 30
ONE_BY_ONE_LINES = 8
MAP_DRAWN = "#isl-map canvas"
PAGES = (
    ("map console", "/console/map", "body[data-island=ready] #isl-rows [data-number]", MAP_DRAWN),
    ("queue page", "/console", "#queue [data-row]", ""),
)


@dataclass
class Spent:
    """Processor seconds of the centre's three parts."""

    web: float
    live: float
    work: float

    def since(self, before: Spent, wall_s: float) -> dict[str, float]:
        shares = {
            "web": (self.web - before.web) / wall_s,
            "live": (self.live - before.live) / wall_s,
            "worker": (self.work - before.work) / wall_s,
        }
        return {**shares, "whole": sum(shares.values())}


def main(job: dict[str, Any]) -> int:
    """A centre on the loopback; consoles listen, units move, calls come; then all lines break and come back."""
    files_allow()
    prepare()
    with transaction.atomic():  # thousands of rows, one commit
        dispatcher = small_centre(at=now(), units=job["units"])
        cookies = desks(job["consoles"], sessions=max(4, job["consoles"], job["back"]), at=now())
        feed = gateway(at=now())
    past_build(PAST, until=now())
    past_is_followed()
    bench = Bench(dispatcher, workers=job["workers"])
    try:
        asyncio.run(_whole(bench, cookies, feed, job))
        _pages(bench, cookies, feed, job)
    finally:
        bench.centre.stop()
    return 0


async def _whole(bench: Bench, cookies: list[str], feed: str, job: dict[str, Any]) -> None:
    consoles, seconds, live = job["consoles"], job["seconds"], bench.centre.port + 1
    await asyncio.sleep(SETTLED_AFTER_S)
    idle = await _share(bench, seconds / 4)
    heard = Heard()
    crowd = await crowd_join(live, cookies, consoles, heard)
    stop = asyncio.Event()
    work = [asyncio.create_task(_units_move(bench, feed, stop))]
    await asyncio.sleep(2)  # not the first seconds: what is built once is built by now
    quiet = await _share(bench, seconds)
    work.append(asyncio.create_task(_calls_come(bench, stop)))
    await asyncio.sleep(2)
    heard.delays_s.clear()
    heard.reactions_s.clear()
    heard.frames = heard.frame_bytes = 0
    share = await _share(bench, seconds)
    case = f"{consoles} consoles, {job['units']} units every {EVERY_S} s"
    _say_share("nobody listens, nothing moves", idle, seconds // 4)
    _say_share(f"{case}, no calls", quiet, seconds)
    case += f", {CALLS_PER_S:g} call/s"
    _say_share(case, share, seconds)
    say(latencies("live", case, heard.delays_s, (50, 95, 99)))
    if heard.reactions_s:
        own = f"{case}: what the worker makes of a call, since that call"
        say(latencies("live", own, heard.reactions_s, (50, 99)))
    size = heard.frame_bytes / max(1, heard.frames) / 1000
    say([Line("live", case, "frame", round(size, 2), "kB", heard.frames)])
    places = sorted(console.place for console in crowd)
    for console in crowd:
        console.close()
    await _come_back(bench, cookies, places[0], job["back"])
    stop.set()
    await asyncio.gather(*work)
    await _one_by_one(bench, feed, job)


def _say_share(case: str, share: dict[str, float], seconds: int) -> None:
    for part, value in share.items():
        say([Line("live", case, f"cpu_share_{part}", round(value * 100, 2), "% of a core", seconds)])


async def _come_back(bench: Bench, cookies: list[str], place: str, count: int) -> None:
    """All lines were cut; so many clients come back within ten seconds, each from where it had read to."""
    live, heard = bench.centre.port + 1, Heard()
    before, began = _spent(bench), time.perf_counter()
    back = await crowd_join(live, cookies, count, heard, within_s=10.0, after=place)
    wall = time.perf_counter() - began
    share = _spent(bench).since(before, wall)
    case = f"{count} come back within 10 s"
    say(latencies("live", case, heard.greeted_s, (50, 95, 99)))
    say([Line("live", case, "greeted", len(heard.greeted_s), "1", count)])
    say([Line("live", case, "until_all", round(wall, 2), "s", count)])
    say([Line("live", case, "cpu_share_live", round(share["live"] * 100, 1), "% of a core", count)])
    for console in back:
        console.close()


async def _one_by_one(bench: Bench, feed: str, job: dict[str, Any]) -> None:
    """The same units without a gateway: each sends its own position, nobody listens and no call comes."""
    stop, seconds = asyncio.Event(), min(15, job["seconds"])
    work = asyncio.create_task(_units_move(bench, feed, stop, lines=ONE_BY_ONE_LINES))
    await asyncio.sleep(2)
    share = await _share(bench, seconds)
    stop.set()
    await work
    case = f"{job['units']} units every {EVERY_S} s, each in a request of its own"
    say([Line("live", case, "cpu_share_web", round(share["web"] * 100, 1), "% of a core", seconds)])


def _pages(bench: Bench, cookies: list[str], feed: str, job: dict[str, Any]) -> None:
    """What one console costs a browser: weight and time of a first load, frames and keys while units stand and move.

    Then two of them: how long until what is written in one stands in the other.
    """
    desk, other = (dict(zip(("name", "value"), at.split("=", 1), strict=True)) for at in (cookies[0], cookies[3]))
    console, case = bench.centre.url + "/console/map", f"map console, drawn by software, {job['units']} units "
    try:
        with browsers(2) as opened:
            for name, path, ready, also in PAGES:
                seen = [cold_load(opened[0], bench.centre.url + path, desk, ready, also=also) for _ in range(5)]
                _say_load(name, seen)
            _say_smooth(case + "standing", smoothness(opened[0], console, desk, MAP_DRAWN, seconds=10))
            with _moving(bench, feed):
                _say_smooth(case + "moving", smoothness(opened[0], console, desk, MAP_DRAWN, seconds=10))
                took = second_screen(opened, console, (desk, other), MAP_DRAWN, writes=WRITES, every_s=0.7)
            say(latencies("live", f"{case}moving: a write in one browser drawn in another", took, (50, 95)))
    except NoBrowser as missing:
        print(f"not taken, page weight and frame rate: {missing}", file=sys.stderr)  # noqa: T201


def _say_smooth(case: str, ran: Smooth) -> None:
    say([Line("live", case, "frame_rate", round(ran.frames_per_s, 1), "1/s", 10)])
    say([Line("live", case, "longest_pause", round(ran.longest_pause_ms, 1), "ms", 10)])
    say(latencies("live", f"{case}: a key waits", ran.key_waits_s, (50, 95)))


def _say_load(name: str, seen: list[Load]) -> None:
    case = f"first load of the {name}, nothing in the cache"
    last = seen[-1]
    say(latencies("live", f"{case}: queue usable", [load.usable_s for load in seen], (50, 95)))
    say([Line("live", case, "weight", round(last.kilobytes, 1), "kB", len(seen))])
    say([Line("live", case, "script", round(last.script_kilobytes, 1), "kB", len(seen))])
    say([Line("live", case, "requests", last.requests, "1", len(seen))])


@contextmanager
def _moving(bench: Bench, feed: str) -> Iterator[None]:
    """Units keep reporting from a thread of their own."""
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_units_move(bench, feed, stop)))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _share(bench: Bench, seconds: float) -> dict[str, float]:
    before, began = _spent(bench), time.perf_counter()
    await asyncio.sleep(seconds)
    return _spent(bench).since(before, time.perf_counter() - began)


def _spent(bench: Bench) -> Spent:
    web, live, work = (process.pid for process in bench.centre.processes[:3])
    return Spent(cpu_s(web), cpu_s(live), cpu_s(work))


async def _units_move(bench: Bench, feed: str, stop: asyncio.Event, *, lines: int = 0) -> None:
    """Each second those report whose turn it is: in one request, or each in its own over so many ``lines``."""
    units = await asyncio.to_thread(lambda: list(Unit.objects.order_by("id").values_list("id", flat=True)))
    headers = {"Authorization": f"Bearer {feed}", "Content-Type": "application/json"}
    open_lines = [Connection(bench.centre.port, headers) for _ in range(max(1, lines))]
    boot, began, tick = f"{now():%H%M%S}", time.perf_counter(), 0

    async def send(line: Connection, parts: list[list[int]]) -> None:
        for part in parts:
            body = {"fixes": fixes(part, seq=tick // EVERY_S + 1, boot=boot, at=now(), box=BOX)}
            status = await line.request("POST", "/api/positions", json.dumps(body).encode())
            if status != 200:
                raise SystemExit(f"positions were answered with {status}")

    while not stop.is_set():
        turn = [unit for unit in units if unit % EVERY_S == tick % EVERY_S]
        parts = [[unit] for unit in turn] if lines else [turn]
        await asyncio.gather(*(send(line, parts[k :: len(open_lines)]) for k, line in enumerate(open_lines)))
        tick += 1
        await asyncio.sleep(max(0.0, began + tick - time.perf_counter()))
    for line in open_lines:
        line.close()


async def _calls_come(bench: Bench, stop: asyncio.Event) -> None:
    ask, line, k = calls_ask(TEXTS, salt="live", box=BOX), Connection(bench.centre.port, bench.headers), 0
    began = time.perf_counter()
    while not stop.is_set():
        await line.request(*ask(k))
        k += 1
        await asyncio.sleep(max(0.0, began + k / CALLS_PER_S - time.perf_counter()))
    line.close()


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
