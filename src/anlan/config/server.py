"""Starting and stopping what a centre runs: pages and API, the live stream, and timed work.

A WSGI server for pages and API (streams would cost it twice the processor time) in one process or
more, one of its own for ``/live`` alone, one worker for clocks and reactions. If one ends, all end, so
that a supervisor sees it and starts the centre again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core import checks

from anlan.config.ready import is_behind, tables_make
from anlan.config.static import copies_make
from anlan.core.disk import reserve_make

POLL_S = 0.25
STOP_WITHIN_S = 8.0
WEB_THREADS = 4
"""Threads of each web process: while one waits for its turn to write, others read and work things out."""


def web_workers() -> int:
    """How many processes serve pages and API: one core each, two at most unless asked for more.

    Python runs one thread at a time in a process; a second process lets a page be made while a call is
    taken. Each holds the text model, the areas and the road network, so more of them cost memory.
    """
    return max(1, min(2, os.cpu_count() or 1))


class NotFit(Exception):
    """The store or the settings would not keep the promise; the message says which."""


def prepare() -> None:
    """Bring the tables up to date and refuse to serve from a store that could lose a call."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    for alias in settings.DATABASES:
        # The command looks through every app even where nothing is left to do; most starts are such.
        if is_behind(alias):
            tables_make(alias)
    # What concerns the store. The rest says nothing of it, is held by tests, and loads every page to be asked.
    found = checks.run_checks(tags=[checks.Tags.database], databases=list(settings.DATABASES))
    wrong = [m for m in found if m.is_serious()]
    if wrong:
        raise NotFit("\n".join(f"{m.id}: {m.msg} {m.hint or ''}" for m in wrong))
    copies_make()
    reserve_make()


@dataclass
class Centre:
    """The processes of one running centre."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = WEB_THREADS
    extra: Sequence[Sequence[str]] = ()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Start everything."""
        self.start_doors()
        self.start_work()

    def start_doors(self) -> None:
        """Start what answers: pages, API and the live stream."""
        granian = [sys.executable, "-m", "anlan.config.web", "--host", self.host, "--log-level", "warning"]
        web = [*granian, "--interface", "wsgi", "--port", str(self.port), "--backlog", "1024"]
        web += ["--workers", str(self.workers), "--blocking-threads", str(self.threads)]
        web += ["anlan.config.wsgi:application"]
        live = [sys.executable, "-m", "anlan.config.live", "--host", self.host]
        self._run(web, [*live, "--port", str(self.port + settings.LIVE_PORT_OFFSET)])

    def start_work(self) -> None:
        """Start what acts by itself: clocks, alarms and reactions."""
        self._run([sys.executable, "-m", "anlan.config.worker"], *self.extra)

    def _run(self, *commands: Sequence[str]) -> None:
        for command in commands:
            self.processes.append(subprocess.Popen(list(command), env=os.environ.copy()))

    def wait(self, *, on_poll: Callable[[], None] | None = None) -> int:
        """Until one process ends or a signal comes; then stop all. Returns the exit code."""
        asked: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda got, _frame: asked.append(got))
        code = 0
        while not asked:
            ended = [p for p in self.processes if p.poll() is not None]
            if ended:
                code = ended[0].returncode or 1
                break
            if on_poll:
                on_poll()
            time.sleep(POLL_S)
        self.stop()
        return code

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + STOP_WITHIN_S
        for process in self.processes:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
