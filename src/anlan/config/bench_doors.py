"""``anlan bench doors``: readers of many doors tell over a real broker; what is kept and how soon a door speaks.

Readers (one process), the broker, who listens and who watches share the machine's cores. Then everything is told
again, cut anew and mixed up, and the books are counted before and after.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
django.setup()

from django.db.models import Max  # noqa: E402 - Django must be set up first

from anlan.accounts.models import Person  # noqa: E402
from anlan.accounts.services import organisation_add, person_add  # noqa: E402
from anlan.config.bench_doors_told import Door, doors_of  # noqa: E402
from anlan.config.server import prepare  # noqa: E402
from anlan.core.actor import SYSTEM  # noqa: E402
from anlan.core.clock import now  # noqa: E402
from anlan.core.models import Event  # noqa: E402
from anlan.drills.bench.figures import Line, latencies  # noqa: E402
from anlan.equipment import events  # noqa: E402
from anlan.equipment.gate_figures import books_count, doors_behind, ends_us, events_kept, messages_kept  # noqa: E402
from anlan.equipment.services import badge_give, gate_set, item_add, loan_issue, model_add  # noqa: E402

WAITS_S = 180


def main(job: dict[str, Any]) -> int:
    """Fill the store, let the doors tell for ``seconds`` in real time, then tell ``again`` messages once more."""
    prepare()
    doors = doors_of(job["doors"], job["seconds"])
    _stored(doors)
    with ExitStack() as standing:
        port = standing.enter_context(_broker(job["broker"]))
        listener = standing.enter_context(_running("listen", port))
        watcher = standing.enter_context(_running("watch", port))
        time.sleep(5)
        heard = _Prompts()
        standing.callback(heard.stop)
        job = {**job, "port": port, "at": time.time() + 3}
        _told(job, heard, {"listener": listener, "watcher": watcher})
        if job["again"]:
            _again(job)
    return 0


def _stored(doors: list[Door]) -> None:
    """Each door its station's, with all that goes through it: what first comes in is lent to whoever brings it."""
    at = now() - timedelta(days=1)
    place = organisation_add(
        code="doors", kind="station", name_zh="装备中心", name_en="Equipment centre", by=SYSTEM, at=at
    )
    model = model_add(code="baton", name="伸缩棍", measure_word="根", by=SYSTEM, at=at)
    for door in doors:
        fixed = sorted(door.reference)
        gate_set(
            reader=door.reader, name=door.reader, place=place, layout="barrier", reference=fixed, by=SYSTEM, at=at
        )
        people: dict[str, Person] = {}
        for badge in door.badges:
            people[badge] = person_add(
                username=badge.lower(), name=badge, organisation=place, password=None, by=SYSTEM, at=at
            )
            badge_give(number=badge, person=people[badge], by=SYSTEM, at=at)
        for epc, badge in door.things.items():
            item = item_add(number=f"N{epc}", model=model, owner=place, epc=epc, by=SYSTEM, at=at)
            if badge:
                loan_issue(item=item, holder=people[badge], by=SYSTEM, at=at)


@contextmanager
def _broker(program: str) -> Iterator[int]:
    """A mosquitto of our own that writes down what it has."""
    path = shutil.which(program)
    if path is None:
        raise SystemExit(f"没有找到 {program}，请先安装 mosquitto。\n{program} isn't here: install mosquitto first.")
    with (
        tempfile.TemporaryDirectory(prefix="anlan-broker-") as folder,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        port = int(free.getsockname()[1])
        free.close()
        conf = Path(folder) / "broker.conf"
        conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
                        f"persistence_location {folder}/\nmax_inflight_messages 0\nmax_queued_messages 0\n"
                        "set_tcp_nodelay true\n")  # fmt: skip
        running = subprocess.Popen([path, "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 10
            while time.monotonic() < until:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
                    break
                time.sleep(0.05)
            yield port
        finally:
            running.terminate()
            running.wait(timeout=10)


@contextmanager
def _running(part: str, port: int) -> Iterator[int]:
    """The program's own listener, or the watch over the doors as the worker runs it; gives the process."""
    watch = "from anlan.config.bench_doors import watch; watch()"
    commands = {
        "listen": [sys.executable, "-m", "anlan.config.cli", "gate", "listen", "--port", str(port)],
        "watch": [sys.executable, "-c", watch],
    }
    with subprocess.Popen(commands[part]) as running:
        try:
            yield running.pid
        finally:
            running.terminate()


def watch() -> None:
    """What the worker's thread does."""
    from anlan.equipment.jobs import gates_watch

    gates_watch(clock=now)


class _Prompts:
    """When what a door says could be read, by passage."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        self._last = Event.objects.aggregate(last=Max("id"))["last"] or 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._over.wait(0.02):
            for number, passage in Event.objects.filter(id__gt=self._last, kind=events.GATE_PROMPTED).values_list(
                "id", "subject_id"
            ):
                self.seen[int(passage)] = time.time()
                self._last = max(self._last, number)

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=5)


def _told(job: dict[str, Any], heard: _Prompts, parts: dict[str, int]) -> None:
    case = f"doors={job['doors']}"
    readers = subprocess.Popen(
        [sys.executable, "-m", "anlan.config.bench_doors_told", json.dumps({**job, "again": 0})],
        stdout=subprocess.PIPE,
        text=True,
    )
    memory: dict[str, list[float]] = {name: [] for name in parts}
    while readers.poll() is None:
        for name, pid in parts.items():
            memory[name].append(_memory_mb(pid))
        time.sleep(1)
    assert readers.stdout is not None
    sent = json.loads(readers.stdout.read())
    begin = time.monotonic()
    while (kept := events_kept()) < sent["events"] and time.monotonic() - begin < WAITS_S:
        time.sleep(0.1)
    drained_s = time.monotonic() - begin
    _quiet()
    rows = ends_us(heard.seen)
    late = [seen - rows[number] / 1e6 for number, seen in heard.seen.items() if number in rows]
    _say(Line("doors", case, "sightings told", round(sent["events"] / sent["seconds"], 1), "1/s", sent["events"]))
    _say(Line("doors", case, "told and not kept", float(sent["events"] - kept), "1", sent["events"]))
    _say(Line("doors", case, "kept after the last was told", round(drained_s, 2), "s", 1))
    for line in latencies("doors", f"{case}, last read to prompt", late, (50, 95, 99, 100)):
        _say(line)
    within = sum(one <= 1.5 for one in late)
    _say(Line("doors", case, "prompts within 1.5 s", round(within / max(1, len(late)), 4), "1", len(late)))
    for name, seen in memory.items():
        third = max(1, len(seen) // 3)
        for part, values in (("first third", seen[:third]), ("last third", seen[-third:])):
            _say(Line("doors", f"{case}, {name}, {part}", "memory at most", round(max(values), 1), "MB", len(values)))


def _quiet() -> None:
    """Wait until everything kept is judged."""
    until = time.monotonic() + WAITS_S * 20
    while time.monotonic() < until:
        if not doors_behind():
            return
        time.sleep(0.5)


def _again(job: dict[str, Any]) -> None:
    case = f"told again={job['again']}"
    before = books_count()
    begin = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "anlan.config.bench_doors_told", json.dumps(job)], check=True, stdout=subprocess.PIPE
    )
    left = _settled()
    took_s = time.monotonic() - begin
    for name, count in books_count().items():
        _say(Line("doors", case, f"{name} more", float(count - before[name]), "1", before[name]))
    _say(Line("doors", case, "messages", round(job["again"] / took_s, 1), "1/s", job["again"]))
    _say(Line("doors", case, "not judged when it ended", float(left), "1", job["again"]))


def _settled() -> int:
    """Wait until the broker has nothing more for us and all is judged; gives what isn't."""
    count, since = -1, time.monotonic()
    while time.monotonic() - since < 10:
        if (seen := messages_kept()) != count:
            count, since = seen, time.monotonic()
        time.sleep(0.5)
    _quiet()
    return doors_behind()


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _say(line: Line) -> None:
    sys.stdout.write(line.json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
