"""The application in this process on a copy of the made centre's store, for faults that need no server of their own.

Requests go through all middleware to the same services, backend and settings as in service.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from django.db import connections

from anlan.assurance.chaos.fault import Outcome, Setting
from anlan.assurance.findings import Look
from anlan.assurance.history import POSITIONS, SEND, Entry, History, marked
from anlan.assurance.power.rig import AT_EACH_CUT, Line
from anlan.assurance.stores import store_at
from anlan.assurance.traffic import Command, Traffic
from anlan.assurance.verify import broken, store_verify
from anlan.core.clock import now

MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, stores that are to be broken lie in memory
STEP = "step"
"""Any other command than a call, a sending or positions."""
WHOLE_EVERY = 10


class NotPrepared(Exception):
    """What a trial stands on was itself refused."""


@dataclass
class Inside:
    """A small centre to be broken: its store, a client's line to it, and what that client was told."""

    store: Path
    history: History
    line: Line
    traffic: Traffic
    units: list[int]
    gateway: Line
    sent: dict[str, Command] = field(default_factory=dict)
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    def send(self, command: Command) -> tuple[int, Any]:
        """Send it, and remember it for sending again."""
        self.sent[command.key] = command
        status, answer = self.line.post(command)
        self.traffic.heard(command.kind, status, answer)
        return status, answer

    def sure(self, command: Command) -> Any:
        """The answer of something that must be taken. Raises ``NotPrepared``."""
        status, answer = self.send(command)
        if status >= 300:
            raise NotPrepared(f"{command.path} was answered with {status}: {answer}")
        return answer

    def key(self) -> str:
        return f"{self.traffic.salt}-i{next(self._number)}"

    def feed(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """What a gateway of positions sends; it is not part of the history."""
        return self.gateway.post(Command(POSITIONS, self.key(), path, body))

    def call(self) -> Command:
        return self.traffic.call(self.key())

    def sending(self, incident_id: int, unit_id: int) -> Command:
        key = self.key()
        path = f"/api/incidents/{incident_id}/assignments"
        return Command(SEND, key, path, {"unit_id": unit_id, "reason": marked("最近", key)})

    def step(self, path: str, **body: Any) -> Command:
        return Command(STEP, self.key(), path, body)

    def command(self) -> Command:
        """The next of mixed traffic; positions lie in another file and are left out."""
        while True:
            command = self.traffic.next(now())
            if command.kind != POSITIONS:
                return command

    def again(self) -> list[str]:
        """Send again what had no definite answer; what still has none afterwards."""
        for entry in self.history.unanswered():
            self.send(self.sent[entry.key])
        return [f"{_named(e)} has no answer after sending again" for e in self.history.unanswered()]

    def judge(self, outcome: Outcome, name: str, also: list[str]) -> None:
        """Hold the store to what a crash may break; to all sixteen sentences at every tenth trial."""
        only = AT_EACH_CUT if outcome.trials % WHOLE_EVERY else ()
        wrong = broken(store_verify(Look(at=now(), history=self.history), only=only))
        outcome.trials += 1
        told = [f"{finding.invariant.id} {finding.verdict.broken[0]}" for finding in wrong]
        if told or also:
            outcome.failed += 1
            outcome.examples.append(f"{name}: " + "; ".join([*told, *also]))


def _named(entry: Entry) -> str:
    return f"{entry.kind} {entry.key}"


@contextmanager
def inside(setting: Setting) -> Iterator[Inside]:
    """A copy of the setting's store, which is gone afterwards; the setting's own home stays as it is."""
    scratch = Path(tempfile.mkdtemp(prefix="anlan-inside-", dir=MEMORY if MEMORY.is_dir() else None))
    centre, store = setting.centre, scratch / "anlan.sqlite3"
    shutil.copyfile(setting.home / "anlan.sqlite3", store)
    history = History()
    traffic = Traffic(setting.seed, units=centre["units"], box=tuple(centre["box"]), salt=f"in-{setting.seed}")
    try:
        with store_at(store):
            line, gateway = Line(centre["token"], history.take), Line(centre["feed"], lambda _line: None)
            yield Inside(store, history, line, traffic, centre["units"], gateway)
    finally:
        connections.close_all()
        shutil.rmtree(scratch, ignore_errors=True)
