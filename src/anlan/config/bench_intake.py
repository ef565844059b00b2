"""One size of ``anlan bench intake``: a store with that past, a server on the loopback, a bounded load on it.

It takes its turns with the other sizes (``anlan.drills.bench.turns``).
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.db import connections  # noqa: E402
from django.db.models import Max, Min  # noqa: E402

from anlan.citizen.handlers import NAME as CITIZEN  # noqa: E402
from anlan.config.lanes import WEB_THREADS  # noqa: E402 - Django must be set up first
from anlan.config.server import Centre, prepare  # noqa: E402 - Django must be set up first
from anlan.core.clock import now  # noqa: E402
from anlan.core.models import HandlerCursor  # noqa: E402
from anlan.core.selectors import cursor_latest  # noqa: E402
from anlan.dispatch.handlers import NAME as MERGES  # noqa: E402
from anlan.disputes.closing_handlers import NAME as CLOSINGS  # noqa: E402
from anlan.disputes.handlers import NAME as DISPUTES  # noqa: E402
from anlan.drills.bench.figures import Line, latencies  # noqa: E402
from anlan.drills.bench.load import Ask, Outcome, calls_ask, closed_loop, get_ask, listen, open_loop  # noqa: E402
from anlan.drills.bench.past import BOX, past_build  # noqa: E402
from anlan.drills.bench.processor import cpu_s  # noqa: E402
from anlan.drills.bench.store import small_centre, units_report  # noqa: E402
from anlan.drills.bench.turns import CREATE, READY, Turn, turn_told, turns_asked  # noqa: E402
from anlan.intake.models import Incident  # noqa: E402
from anlan.ledger.services import checkpoint_sign, rows_append  # noqa: E402

PER_S = 20.0
LISTENERS = 30
SHOWN = 25
TEXTS = [
    "报警人称楼上邻居半夜装修噪声扰民，已经多次沟通",
    "两辆小轿车在路口刮擦，无人受伤，占用车道",
    "电动车停在小区楼下被偷，车锁被剪断",
    "有人在烧烤店门口打架，还在动手",
    "钥匙锁在屋里，家里没人，求助开锁",
    "接到自称客服的电话，已转账三千元，怀疑被骗",
    "工地拖欠工资，十几个人在项目部门口讨要说法",
    "车子被人堵住出不去，联系不上车主",
]
FOLLOWERS = (MERGES, DISPUTES, CLOSINGS, CITIZEN)
LEDGER_AT_ONCE = 10_000


class Bench:
    """The server under load and where the lines go."""

    def __init__(self, token: str, *, workers: int, threads: int = WEB_THREADS) -> None:
        self.centre = Centre(port=_free_port(), workers=workers, threads=threads)
        self.centre.start()
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "zh-hans"}
        self._until_up()

    def _until_up(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.centre.url}/sign-in", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SystemExit("the server did not come up within 60 s")

    def run(self, ask: Ask, *, clients: int, count: int) -> Outcome:
        work = closed_loop(self.centre.port, ask, clients=clients, count=count, headers=self.headers)
        return asyncio.run(work)

    def open(self, ask: Ask, *, count: int) -> tuple[Outcome, int]:
        """The open loop beside thirty listeners; also how many changes they were told of."""

        async def both() -> tuple[Outcome, int]:
            stop = asyncio.Event()
            live = self.centre.port + 1
            ears = asyncio.create_task(listen(live, self.headers, listeners=LISTENERS, stop=stop))
            await asyncio.sleep(1.0)
            outcome = await open_loop(self.centre.port, ask, per_s=PER_S, count=count, headers=self.headers)
            await asyncio.sleep(1.0)
            stop.set()
            return outcome, await ears

        return asyncio.run(both())


def main(job: dict[str, Any]) -> int:
    """Build the past (or take the kept one as it lies in ANLAN_HOME), then ask what one is told to, turn by turn.

    The open loop comes last: what it opens must not lengthen the lists of one size and not of another.
    """
    prepare()
    token = kept_store("intake", job["size"], job["keep"], past_build)
    units_report(at=now())
    bench = Bench(token, workers=job["workers"], threads=job["threads"])
    try:
        print(READY, flush=True)  # noqa: T201 - who asks reads it
        _answer(bench)
        if job["seconds"]:
            _accept(bench, job["seconds"])
    finally:
        bench.centre.stop()
    return 0


def kept_store(bench: str, size: int, keep: str, build: Callable[..., None]) -> str:
    """The token of a centre with what ``build`` gives it: built where it isn't there yet, put by in ``keep``."""
    home = Path(settings.HOME)
    note = home / "token"
    if not note.exists():
        began = time.perf_counter()
        token = small_centre(at=now())
        build(size, until=now())
        note.write_text(token, encoding="ascii")
        say([Line(bench, f"past={size}", "build", round(time.perf_counter() - began, 1), "s", size)])
    if past_is_followed() and keep:
        for store in connections.all():
            store.close()
        shutil.copytree(home, keep, dirs_exist_ok=True)
    return note.read_text(encoding="ascii")


def past_is_followed() -> int:
    """Bring those who follow the events to the end: what is built was followed in its own time, not in the measured.

    The ledger writes every row down, for it must not step over one; returns how many it had not.
    """
    end = cursor_latest()
    for name in FOLLOWERS:
        HandlerCursor.objects.update_or_create(handler=name, defaults={"txid": end.txid, "event_id": end.id})
    written = 0
    while batch := rows_append(at=now(), limit=LEDGER_AT_ONCE):
        written += batch
    checkpoint_sign(at=now())
    return written


def _accept(bench: Bench, seconds: int) -> None:
    count, web = int(PER_S * seconds), bench.centre.processes[0].pid
    before = cpu_s(web)
    outcome, heard = bench.open(calls_ask(TEXTS, salt="open", box=BOX), count=count)
    case = f"open loop {PER_S:g}/s, {LISTENERS} readers"
    say(latencies("intake", case, outcome.seconds, (50, 95, 99)))
    say([Line("intake", case, "accepted", outcome.ok, "1", count)])
    say([Line("intake", case, "server_cpu", round((cpu_s(web) - before) * 1000 / count, 2), "ms/call", count)])
    say([Line("intake", case, "changes_heard", heard, "1", LISTENERS)])


def _answer(bench: Bench) -> None:
    """Take each turn that is asked for."""
    web = bench.centre.processes[0].pid
    shown: list[tuple[int, str]] = []
    for turn in turns_asked(sys.stdin):
        if turn.look != CREATE and not shown:
            shown = _shown()
        before = cpu_s(web)
        seen = bench.run(_asks(turn, shown), clients=turn.clients, count=turn.count)
        print(turn_told(seen, cpu_s(web) - before), flush=True)  # noqa: T201 - who asks reads it


def _asks(turn: Turn, shown: list[tuple[int, str]]) -> Ask:
    match turn.look:
        case "create":
            return calls_ask(TEXTS, salt=turn.salt, box=BOX)
        case "queue":
            return get_ask("/api/incidents")
        case "queue page":
            return get_ask("/console")
        case "unit list":
            return get_ask("/api/units")
        case "incident":
            return get_ask(lambda k: f"/api/incidents/{shown[k % len(shown)][0]}")
        case "incident page":
            return get_ask(lambda k: f"/console/incidents/{shown[k % len(shown)][1]}")
    raise SystemExit(f"there is no look {turn.look!r}")


def _shown() -> list[tuple[int, str]]:
    """Incidents to be looked at: half of them the newest, half of them spread over the past."""
    rows = Incident.objects.order_by("id").values_list("id", "number")
    newest, past = list(rows.order_by("-id")[:SHOWN]), rows.filter(source="bench")
    low, high = past.aggregate(low=Min("id"), high=Max("id")).values()
    old = list(past.filter(id__in=[low + (high - low) * k // SHOWN for k in range(SHOWN)]))
    return [pair for two in zip(newest, old, strict=False) for pair in two]


def say(lines: list[Line]) -> None:
    for line in lines:
        print(line.json(), flush=True)  # noqa: T201 - the lines are the output


def _free_port() -> int:
    """A port that is free, and its neighbour for the live stream."""
    for port in range(18400, 19400, 2):
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(("127.0.0.1", port))
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise SystemExit("no free port on the loopback")


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
