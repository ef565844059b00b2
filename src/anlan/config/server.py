"""Starting and stopping what a centre runs: pages and API, the live stream, and timed work.

A server for pages and API (`door`; streams would cost it twice the processor time) in one process or
more, one of its own for ``/live`` alone, one worker for clocks and reactions. If one ends, all end, so
that a supervisor sees it and starts the centre again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.db import connections

from anlan.config.lanes import WEB_THREADS
from anlan.config.not_fit import NotFit
from anlan.config.ready import is_behind, tables_make
from anlan.config.standby_begin import (
    standby_agreed,
    standby_begin,
    standby_is_not_served,
    takeover_finish,
    takeover_record,
)
from anlan.config.static import copies_make
from anlan.config.store_log import log_look
from anlan.core.clock import now
from anlan.core.disk import reserve_make

POLL_S = 0.25
STOP_WITHIN_S = 8.0
LINES_AT_MOST = 4096
"""Of each web process: one that waits for its body costs a few kilobytes and no thread."""


def web_workers() -> int:
    """How many processes serve pages and API: one core each, two at most unless asked for more.

    Python runs one thread at a time in a process; a second process lets a page be made while a call is
    taken. Each holds the text model, the areas and the road network, so more of them cost memory.
    """
    return max(1, min(2, os.cpu_count() or 1))


def prepare() -> None:
    """Bring the tables up to date and refuse to serve from a store that could lose a call."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    standby_is_not_served()
    takeover_finish()
    standby_agreed()
    for alias in settings.DATABASES:
        log_look(alias, at=now())
        standby_begin(alias)
        # The command looks through every app even where nothing is left to do; most starts are such.
        if is_behind(alias):
            tables_make(alias)
    takeover_record(now())
    # What concerns the store. The rest says nothing of it, is held by tests, and loads every page to be asked.
    found = checks.run_checks(tags=[checks.Tags.database], databases=list(settings.DATABASES))
    wrong = [m for m in found if m.is_serious()]
    if wrong:
        raise NotFit("\n".join(f"{m.id}: {m.msg} {m.hint or ''}" for m in wrong))
    copies_make()
    reserve_make()


class Copied:
    """A copy of this process that does one thing and ends; handled like what ``subprocess`` starts.

    What takes seconds to load is loaded once and then shared by all copies. There may be no other thread, and no
    line to a store may be open.
    """

    def __init__(self, act: Callable[[], object]) -> None:
        self.returncode: int | None = None
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._act(act)

    def _act(self, act: Callable[[], object]) -> None:
        """In the copy; never returns."""
        code = 1
        try:
            act()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(code)

    def poll(self) -> int | None:
        """How it ended (as ``subprocess`` tells it); None while it runs."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """How it ended. Raises ``subprocess.TimeoutExpired``."""
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(["anlan"], timeout)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


@dataclass
class Centre:
    """The processes of one running centre."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = WEB_THREADS
    extra: Sequence[Sequence[str]] = ()
    processes: list[subprocess.Popen[bytes] | Copied] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Start everything."""
        self.start_doors()
        self.start_work()

    def start_copies(self) -> None:
        """Start everything as copies of this process: what they share is loaded once, before the first of them.

        A centre that has to come back after a cut answers in half the time: Python, Django and the pages are read
        by one process and not by four that take the processors from each other.
        """
        from anlan.config import live, web, worker

        connections.close_all()
        self.processes.append(Copied(lambda: web.serve(self._web())))
        self.processes.append(Copied(lambda: live.main(self._live())))
        self.processes.append(Copied(worker.main))

    def start_doors(self) -> None:
        """Start what answers: pages, API and the live stream."""
        python = [sys.executable, "-m"]
        self._run([*python, "anlan.config.web", *self._web()], [*python, "anlan.config.live", *self._live()])

    def _web(self) -> list[str]:
        words = [str(self.threads), "--host", self.host, "--log-level", "warning", "--no-ws"]
        words += ["--interface", "rsgi", "--port", str(self.port), "--backlog", "1024"]
        words += ["--workers", str(self.workers), "--backpressure", str(LINES_AT_MOST)]
        return [*words, "anlan.config.wsgi:door"]

    def _live(self) -> list[str]:
        return ["--host", self.host, "--port", str(self.port + settings.LIVE_PORT_OFFSET)]

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
