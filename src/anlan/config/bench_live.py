"""``anlan bench live``: many consoles and moving units on one centre, then a crowd that comes back at once."""

from __future__ import annotations

import asyncio
import json
import os
import resource
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

from anlan.accounts.models import Organisation  # noqa: E402
from anlan.accounts.services import person_add, role_grant, token_issue  # noqa: E402
from anlan.config.bench_intake import TEXTS, Bench, say  # noqa: E402
from anlan.config.server import prepare  # noqa: E402
from anlan.core.actor import SYSTEM  # noqa: E402
from anlan.core.clock import now  # noqa: E402
from anlan.drills.bench.crowd import Heard, crowd_join, fixes  # noqa: E402
from anlan.drills.bench.figures import Line, latencies  # noqa: E402
from anlan.drills.bench.load import Connection, calls_ask  # noqa: E402
from anlan.drills.bench.pages import Load, NoBrowser, browser, cold_load, frame_rate, signed_in  # noqa: E402
from anlan.drills.bench.past import BOX, past_build  # noqa: E402
from anlan.drills.bench.processor import cpu_s  # noqa: E402
from anlan.drills.bench.store import small_centre  # noqa: E402
from anlan.units.models import Unit  # noqa: E402

PAST = 500
EVERY_S = 5
"""Each unit tells its position this often; one request a second carries those whose turn it is."""
CALLS_PER_S = 1.0
PASSWORD = "measured-on-the-loopback"
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
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 16_384)), hard))
    prepare()
    dispatcher = small_centre(at=now(), units=job["units"])
    past_build(PAST, until=now())
    tokens, feed = [dispatcher, *_more_dispatchers()], _feed_token()
    bench = Bench(dispatcher, workers=job["workers"])
    try:
        asyncio.run(_whole(bench, tokens, feed, job))
        _pages(bench, feed, job)
    finally:
        bench.centre.stop()
    return 0


def _more_dispatchers() -> list[str]:
    """Desks of other reach: one sees the station alone, one the town room."""
    tokens = []
    for code in ("station", "town"):
        home = Organisation.objects.get(code=code)
        person = person_add(
            username=f"bench-{code}", name="测", organisation=home, password=None, by=SYSTEM, at=now()
        )
        role_grant(person=person, role="dispatcher", by=SYSTEM, at=now())
        tokens.append(token_issue(person=person, label="bench", by=SYSTEM, at=now()))
    return tokens


def _feed_token() -> str:
    """What the positions gateway signs in with."""
    bureau = Organisation.objects.get(code="bureau")
    person = person_add(username="gateway", name="网关", organisation=bureau, password=None, by=SYSTEM, at=now())
    role_grant(person=person, role="integration", by=SYSTEM, at=now())
    return token_issue(person=person, label="positions", by=SYSTEM, at=now())


async def _whole(bench: Bench, tokens: list[str], feed: str, job: dict[str, Any]) -> None:
    consoles, seconds, live = job["consoles"], job["seconds"], bench.centre.port + 1
    idle = await _share(bench, 5)
    heard = Heard()
    crowd = await crowd_join(live, tokens, consoles, heard)
    stop = asyncio.Event()
    work = [asyncio.create_task(_units_move(bench, feed, stop)), asyncio.create_task(_calls_come(bench, stop))]
    await asyncio.sleep(2)  # not the first seconds: what is built once is built by now
    heard.delays_s.clear()
    heard.frames = heard.frame_bytes = 0
    share = await _share(bench, seconds)
    case = f"{consoles} consoles, {job['units']} units every {EVERY_S} s, {CALLS_PER_S:g} call/s"
    say([Line("live", "nobody listens", "cpu_share_whole", round(idle["whole"] * 100, 2), "% of a core", 5)])
    for part, value in share.items():
        say([Line("live", case, f"cpu_share_{part}", round(value * 100, 2), "% of a core", seconds)])
    say(latencies("live", case, heard.delays_s, (50, 95, 99)))
    size = heard.frame_bytes / max(1, heard.frames) / 1000
    say([Line("live", case, "frame", round(size, 2), "kB", heard.frames)])
    places = sorted(console.place for console in crowd)
    for console in crowd:
        console.close()
    await _come_back(bench, tokens, places[0], job["back"])
    stop.set()
    await asyncio.gather(*work)


async def _come_back(bench: Bench, tokens: list[str], place: str, count: int) -> None:
    """All lines were cut; so many clients come back within ten seconds, each from where it had read to."""
    live, heard = bench.centre.port + 1, Heard()
    before, began = _spent(bench), time.perf_counter()
    back = await crowd_join(live, tokens, count, heard, within_s=10.0, after=place)
    wall = time.perf_counter() - began
    share = _spent(bench).since(before, wall)
    case = f"{count} come back within 10 s"
    say(latencies("live", case, heard.greeted_s, (50, 95, 99)))
    say([Line("live", case, "greeted", len(heard.greeted_s), "1", count)])
    say([Line("live", case, "until_all", round(wall, 2), "s", count)])
    say([Line("live", case, "cpu_share_live", round(share["live"] * 100, 1), "% of a core", count)])
    for console in back:
        console.close()


def _pages(bench: Bench, feed: str, job: dict[str, Any]) -> None:
    """What one console costs a browser: weight and time of a first load, frames a second while units move."""
    person = person_add(
        username="desk",
        name="台",
        organisation=Organisation.objects.get(code="bureau"),
        password=PASSWORD,
        by=SYSTEM,
        at=now(),
    )
    role_grant(person=person, role="dispatcher", by=SYSTEM, at=now())
    try:
        with browser() as opened:
            desk = signed_in(opened, bench.centre.url, "desk", PASSWORD)
            for name, path, ready, also in PAGES:
                seen = [cold_load(opened, bench.centre.url + path, desk, ready, also=also) for _ in range(5)]
                _say_load(name, seen)
            with _moving(bench, feed):
                rate, worst = frame_rate(opened, bench.centre.url + "/console/map", desk, MAP_DRAWN, seconds=10)
    except NoBrowser as missing:
        print(f"not taken, page weight and frame rate: {missing}", file=sys.stderr)  # noqa: T201
        return
    case = f"map console, {job['units']} units moving, drawn by software"
    say([Line("live", case, "frame_rate", round(rate, 1), "1/s", 10)])
    say([Line("live", case, "longest_pause", round(worst, 1), "ms", 10)])


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


async def _units_move(bench: Bench, feed: str, stop: asyncio.Event) -> None:
    units = list(await asyncio.to_thread(lambda: list(Unit.objects.order_by("id").values_list("id", flat=True))))
    line = Connection(bench.centre.port, {"Authorization": f"Bearer {feed}", "Content-Type": "application/json"})
    boot, began, tick = f"{now():%H%M%S}", time.perf_counter(), 0
    while not stop.is_set():
        turn = [unit for unit in units if unit % EVERY_S == tick % EVERY_S]
        body = {"fixes": fixes(turn, seq=tick // EVERY_S + 1, boot=boot, at=now(), box=BOX)}
        status = await line.request("POST", "/api/positions", json.dumps(body).encode())
        if status != 200:
            raise SystemExit(f"positions were answered with {status}")
        tick += 1
        await asyncio.sleep(max(0.0, began + tick - time.perf_counter()))
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
