"""The real server in a process group of its own, and clients that write down what they were told."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from anlan.assurance.history import POSITIONS, Recorder
from anlan.assurance.traffic import Command, Traffic
from anlan.core.clock import now

READY_WITHIN_S = 240.0
ANSWER_WITHIN_S = 20.0
CLIENTS = 4
PROGRAM = (sys.executable, "-m", "anlan.config.cli")
NURSERY = (sys.executable, "-m", "anlan.config.nursery")


class NotUp(Exception):
    """The server did not answer in time, or ended."""


@dataclass
class Site:
    """A server on ``home``. ``program`` is how it is called; another one is put there to plant a fault.

    ``start`` is a start as an operator makes it; ``start_warm`` spares reading the modules again.
    """

    home: Path
    tokens: dict[str, str]
    program: Sequence[str] = PROGRAM
    port: int = 0
    workers: int = 1
    group: int | None = None
    nursery: subprocess.Popen[str] | None = None
    process: subprocess.Popen[bytes] | None = None
    ready_s: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start everything as an operator would, and wait until it answers."""
        self.port = self.port or free_port()
        words = [*self.program, "run", "--port", str(self.port), "--workers", str(self.workers)]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(words, env=self._env, stdout=log, stderr=log, start_new_session=True)
        self.group = self.process.pid
        self.ready_s.append(self.until_up())

    def start_warm(self) -> None:
        """Start everything out of a process that has read all modules; the store is opened and prepared anew."""
        self.port = self.port or free_port()
        if self.nursery is None:
            with (self.home / "server.log").open("ab") as log:
                self.nursery = subprocess.Popen(
                    NURSERY, env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
                )
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(f"{self.port}\n")
        self.nursery.stdin.flush()
        answer = self.nursery.stdout.readline()
        if not answer:
            raise NotUp(f"the process that bears servers ended: {self._last_words()}")
        self.group = int(answer)
        self.until_up()

    @property
    def _env(self) -> dict[str, str]:
        return {**os.environ, "ANLAN_HOME": str(self.home), "ANLAN_FORECASTS": "off"}

    def until_up(self) -> float:
        """Wait for an answer; returns after how many seconds it came."""
        began = time.monotonic()
        while time.monotonic() - began < READY_WITHIN_S:
            if self._answers():
                return round(time.monotonic() - began, 2)
            if not self.is_running:
                raise NotUp(f"the server ended: {self._last_words()}")
            time.sleep(0.02)
        raise NotUp(f"no answer within {READY_WITHIN_S:g} s: {self._last_words()}")

    @property
    def is_running(self) -> bool:
        """Whether the first of its processes is there."""
        if self.process is not None:
            return self.process.poll() is None
        try:
            os.kill(self.group or 0, 0)
        except ProcessLookupError:
            return False
        return bool(self.group)

    def _last_words(self) -> str:
        """The end of the server's log: its folder will be gone."""
        return (self.home / "server.log").read_text(encoding="utf-8", errors="replace")[-1500:]

    def _answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            line.request("GET", "/sign-in")
            return line.getresponse().status < 500
        except OSError:
            return False
        finally:
            line.close()

    def signal(self, number: int) -> None:
        """To every process of the group at once."""
        assert self.group is not None
        os.killpg(self.group, number)

    def kill(self) -> None:
        """As if the machine had pulled the plug on the processes: nobody may tidy up."""
        if self.group is not None:
            with suppress(ProcessLookupError):
                self.signal(signal.SIGKILL)
            if self.process is not None:
                self.process.wait()
            self._until_gone()
            self.group = self.process = None

    def end(self) -> None:
        """Kill it, and let go of the process that bears it."""
        try:
            self.kill()
        finally:
            if self.nursery is not None:
                self.nursery.kill()
                self.nursery.communicate()
                self.nursery = None

    def _until_gone(self) -> None:
        """Until nobody of the group is left: what is started next must not meet a ghost at the port."""
        assert self.group is not None
        while True:
            try:
                os.killpg(self.group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)


class Clients:
    """Several clients that send one command after another and stop when their line breaks.

    ``via`` is the port they reach the server through, where that is another than its own; whoever has no answer
    ``within_s`` gives up waiting.
    """

    def __init__(self, site: Site, traffic: Traffic, recorder: Recorder) -> None:
        self.site, self.traffic, self.recorder = site, traffic, recorder
        self.via, self.within_s = 0, ANSWER_WITHIN_S
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._stop.clear()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def line(self) -> http.client.HTTPConnection:
        """A line of one's own to the server."""
        return http.client.HTTPConnection("127.0.0.1", self.via or self.site.port, timeout=self.within_s)

    def key(self, command: Command) -> str:
        """The key a command goes out under, however often it is sent."""
        return command.key

    def _run(self) -> None:
        line = self.line()
        while not self._stop.is_set():
            with self._lock:
                command = self.traffic.next(now())
            if self.send(line, command) is None:
                return
        line.close()

    def send(self, line: http.client.HTTPConnection, command: Command) -> int | None:
        """Send one command; None where the line broke before the answer had come whole."""
        self.recorder.sent(command.kind, command.key, command.told)
        token = self.site.tokens["feed" if command.kind == POSITIONS else "token"]
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": self.key(command),
            "Content-Type": "application/json",
        }
        status: int | None = None
        answer: Any = None
        try:
            line.request("POST", command.path, json.dumps(command.body, ensure_ascii=False).encode(), headers)
            got = line.getresponse()
            text = got.read()
            status, answer = got.status, json.loads(text)
        except (OSError, http.client.HTTPException, ValueError):
            line.close()
        self.recorder.told(command.kind, command.key, status, answer)
        with self._lock:
            self.traffic.heard(command.kind, status, answer)
        return status

    def again(self) -> int:
        """Send what had no definite answer once more, under the same keys; returns how many there were."""
        waiting = self.recorder.history.unanswered()
        line = self.line()
        for entry in waiting:
            self.send(line, Command.again(entry))
        line.close()
        return len(waiting)


def free_port(*, but: int = 0) -> int:
    """A port that is free together with its neighbour, which the live stream takes; not ``but``, spoken for."""
    random = Random(os.getpid())
    for _ in range(200):
        port = random.randrange(20_000, 30_000, 2)
        if port == but:
            continue
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(("127.0.0.1", port))
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise NotUp("no free port on the loopback")
