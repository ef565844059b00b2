"""Calls taken and units sent through the whole application, and every store a power cut could have left of it.

The application runs here, in one thread, on the files beneath the recorder. Nothing of it is a stand-in: requests go
through all middleware to the same services, backend and settings as in service. Then the cuts: for each a store
is made and every invariant held against it and what clients had been told by then.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client

from anlan.assurance.findings import Look
from anlan.assurance.history import POSITIONS, History
from anlan.assurance.power.tape import Disk, Tape
from anlan.assurance.power.vfs import Recording
from anlan.assurance.stores import store_at
from anlan.assurance.traffic import Command, Traffic
from anlan.assurance.verify import broken, store_verify
from anlan.core import idempotency
from anlan.core.clock import now

OURS, PLANT_NORMAL, PLANT_EARLY = "ours", "synchronous=NORMAL", "acknowledge before commit"
PLANTS = (OURS, PLANT_NORMAL, PLANT_EARLY)
AT_EACH_CUT = ("I1", "I2", "I3", "I7", "I9")
"""What a power cut may break is asked at each cut; the whole list, which takes five times as long, at every tenth."""
WHOLE_EVERY = 10
RESEND_EVERY = 50
EXAMPLES = 3


@dataclass
class PowerRun:
    """What came of the cuts of one tape. ``lost`` cuts broke a promise, ``damaged`` ones left no sound file.

    After ``resent`` of them clients sent again what they knew nothing of; ``unresolved`` of those came to no
    one answer.
    """

    plant: str
    seed: int
    cuts: int = 0
    lost: int = 0
    damaged: int = 0
    resent: int = 0
    unresolved: int = 0
    acknowledged: int = 0
    operations: int = 0
    syncs: int = 0
    manners: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return self.lost + self.damaged + self.unresolved

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "manners": dict(self.manners), "failed": self.failed}


class Line:
    """A client's line to the application in this process; what it is told goes onto the tape."""

    def __init__(self, token: str, tell: Callable[[dict[str, Any]], None]) -> None:
        self.client, self.token, self.tell = Client(raise_request_exception=False), token, tell
        self.is_told_early = False
        self.asked: Command | None = None

    def post(self, command: Command) -> tuple[int, Any]:
        self.asked = command
        self.tell({"line": "sent", "kind": command.kind, "key": command.key, "sent": command.told})
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": command.key}
        body = json.dumps(command.body, ensure_ascii=False)
        got = self.client.post(command.path, data=body, content_type="application/json", headers=headers)
        answer = got.json()
        if not (self.is_told_early and got.status_code < 300):
            self.told(got.status_code, answer)
        return got.status_code, answer

    def told(self, status: int, answer: Any) -> None:
        assert self.asked is not None
        line = {"line": "told", "kind": self.asked.kind, "key": self.asked.key, "status": status, "answer": answer}
        self.tell(line)


def power_run(
    *,
    store: Path,
    scratch: Path,
    token: str,
    units: list[int],
    box: tuple[float, float, float, float],
    commands: int,
    cuts: int,
    seed: int,
    plant: str = OURS,
    on_cut: Callable[[int], None] = lambda _done: None,
) -> PowerRun:
    """Take ``commands`` on a copy of ``store`` and cut the power ``cuts`` times at random moments of it.

    ``store`` is a closed SQLite file with a small centre, ``scratch`` an empty folder (in memory if it is to be
    quick). ``plant`` is a fault put in on purpose. The same arguments give the same cuts.
    """
    live, shown = scratch / "live", scratch / "cut"
    for folder in (live, shown):
        folder.mkdir()
    shutil.copyfile(store, live / store.name)
    base = scratch / "base"
    shutil.copytree(live, base)
    tape = Tape()
    with store_at(live / store.name, init_command=_settings_of(plant)), Recording(tape):
        _take(tape, token, units, box, commands, seed, plant)
    # The tape names files of ``live``; it is played over them as they were before.
    shutil.rmtree(live)
    base.rename(live)
    result = PowerRun(plant, seed, operations=len(tape.ops), syncs=tape.syncs)
    random = Random(seed)
    moments = sorted(random.randint(1, len(tape.ops)) for _ in range(cuts))
    disk, history = Disk(tape, live), History()
    with store_at(shown / store.name):
        for done, moment in enumerate(moments, 1):
            for line in disk.play_until(moment):
                history.take(line)
            for path in shown.iterdir():
                path.unlink()
            manner = disk.cut(shown, random)
            _judge(result, history, manner, moment)
            if done % RESEND_EVERY == 0:
                _resent(result, history, token)
            connections[DEFAULT_DB_ALIAS].close()
            on_cut(done)
    result.acknowledged = sum(entry.outcome == "acknowledged" for entry in history.entries.values())
    return result


def _take(
    tape: Tape,
    token: str,
    units: list[int],
    box: tuple[float, float, float, float],
    commands: int,
    seed: int,
    plant: str,
) -> None:
    """Traffic on the tape. Positions are left out: their file syncs less on purpose, devices send them again."""
    traffic = Traffic(seed, units=units, box=box, salt=f"power-{seed}")
    line = Line(token, tape.told)
    with told_early(line) if plant == PLANT_EARLY else _as_it_is():
        sent = 0
        while sent < commands:
            command = traffic.next(now())
            if command.kind != POSITIONS:
                traffic.heard(command.kind, *line.post(command))
                sent += 1
    connections.close_all()


def _judge(result: PowerRun, history: History, manner: str, moment: int) -> None:
    result.cuts += 1
    only = AT_EACH_CUT if result.cuts % WHOLE_EVERY else ()
    wrong = broken(store_verify(Look(at=now(), history=history), only=only))
    result.manners[manner] += 1
    if not wrong:
        return
    if any(finding.invariant.id == "I9" for finding in wrong):
        result.damaged += 1
    else:
        result.lost += 1
    if len(result.examples) < EXAMPLES:
        named = "; ".join(f"{finding.invariant.id} {finding.verdict.broken[0]}" for finding in wrong)
        result.examples.append(f"operation {moment}, disk did {manner}: {named}")


def _resent(result: PowerRun, history: History, token: str) -> None:
    """Start on what is left, let clients send again what they know nothing of, and look once more."""
    after = deepcopy(history)
    line = Line(token, after.take)
    for entry in after.unanswered():
        line.post(Command.again(entry))
    result.resent += 1
    wrong = broken(store_verify(Look(at=now(), history=after)))
    if wrong or after.unanswered():
        result.unresolved += 1
        result.examples.append(f"after sending again: {[finding.invariant.id for finding in wrong]}")


def _settings_of(plant: str) -> str | None:
    """The statements that open a store, weakened if that is the fault put in; None for those of service."""
    if plant != PLANT_NORMAL:
        return None
    usual: str = connections[DEFAULT_DB_ALIAS].settings_dict["OPTIONS"]["init_command"]
    weaker = usual.replace("synchronous=FULL", "synchronous=NORMAL")
    if weaker == usual:
        raise RuntimeError("nothing was planted: the settings name no synchronous=FULL")
    return weaker


@contextmanager
def told_early(line: Line) -> Iterator[None]:
    """A fault put in on purpose: the client hears of it when the work is done and not yet committed."""
    acted = idempotency._acted

    def early(row: Any, act: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        status, response = acted(row, act)
        line.told(status, json.loads(json.dumps(response)))
        return status, response

    idempotency._acted, line.is_told_early = early, True
    try:
        yield
    finally:
        idempotency._acted, line.is_told_early = acted, False


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield
