"""F2: the process ends right before or after each statement that a use case sends to the store, one after another.

Nothing is drawn by lot: the first statement of a transaction, the second, … its commit, and the moment after it.
A forked child does the command and kills itself there; the parent looks at what is left, sends the command again
under its key, and looks once more.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import count, cycle
from typing import Any

from django.db import connection, connections

from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.inside import Inside, inside
from anlan.assurance.power.rig import PLANT_EARLY, Line, told_early
from anlan.assurance.traffic import Command
from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import ACTIVE
from anlan.units.models import Unit

_TABLE = re.compile(r'(?:INTO|UPDATE|FROM)\s+"?(\w+)"?', re.IGNORECASE)


class Steps:
    """Counts the statements of transactions and their commits; kills this process at the ``last`` one."""

    def __init__(self, last: int, tell: Callable[[str], None]) -> None:
        self.last, self.tell, self.done = last, tell, 0

    def reached(self, name: str) -> None:
        self.done += 1
        if self.done == self.last:
            self.tell(name)
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if connection.in_atomic_block or sql.startswith("BEGIN"):
            self.reached(f"before {_step_of(sql)}")
        return execute(sql, params, many, context)

    @contextmanager
    def counted(self) -> Iterator[None]:
        line: Any = connection
        usual = line._commit

        def commit() -> Any:
            self.reached("before COMMIT")
            done = usual()
            self.reached("after COMMIT")
            return done

        line._commit = commit
        try:
            with connection.execute_wrapper(self.statement):
                yield
        finally:
            del line._commit


def _step_of(sql: str) -> str:
    """``INSERT intake_call``: what a statement does, and to which table."""
    table = _TABLE.search(sql)
    verb = sql.lstrip().split(None, 1)[0].upper()
    return f"{verb} {table[1]}" if table else verb


def free_unit(centre: Inside) -> int:
    """A unit that is on no incident."""
    busy = set(Assignment.objects.filter(state__in=ACTIVE).values_list("unit_id", flat=True))
    return next(unit for unit in centre.units if unit not in busy)


def _fresh(centre: Inside) -> tuple[int, int]:
    """An incident nobody is on, and a unit that is on none."""
    return centre.sure(centre.call())["incident"]["id"], free_unit(centre)


def _sent(centre: Inside, *steps: str) -> int:
    """An assignment that has gone through ``steps``."""
    assignment: int = centre.sure(centre.sending(*_fresh(centre)))["id"]
    for step in steps:
        centre.sure(centre.step(f"/api/assignments/{assignment}/{step}"))
    return assignment


def _call_half_read(centre: Inside) -> Command:
    command = centre.call()
    command.body["priority"] = "at once"
    return command


USE_CASES: dict[str, Callable[[Inside], Command]] = {
    "take a call": lambda c: c.call(),
    "take a call of which a part can't be read": _call_half_read,
    "send a unit": lambda c: c.sending(*_fresh(c)),
    "sign": lambda c: c.step(f"/api/assignments/{_sent(c)}/sign"),
    "set off": lambda c: c.step(f"/api/assignments/{_sent(c, 'sign')}/depart"),
    "arrive": lambda c: c.step(f"/api/assignments/{_sent(c, 'sign', 'depart')}/arrive"),
    "finish": lambda c: c.step(f"/api/assignments/{_sent(c, 'sign', 'depart', 'arrive')}/finish"),
    "call a unit off": lambda c: c.step(f"/api/assignments/{_sent(c)}/cancel", reason="错派"),
    "unit to other work": lambda c: c.step(f"/api/units/{c.units[-1]}/state", state="busy"),
}


class KilledAtSteps(Fault):
    """Use case after use case, statement after statement; after the last it begins anew with other content."""

    id, title = "F2", "kill -9 before and after each statement and commit of each use case"
    plants = (PLANT_EARLY,)

    def run(self, setting: Setting) -> Outcome:
        outcome, names = Outcome(), set()
        # Another seed begins with another use case.
        cases = list(USE_CASES)
        first = (setting.seed - 1) % len(cases)
        with inside(setting) as centre:
            turns = cycle(cases[first:] + cases[:first])
            while outcome.trials < setting.count:
                case = next(turns)
                for number in count(1):
                    at = self._trial(centre, outcome, case, number, setting.plant)
                    if at is None or outcome.trials >= setting.count:
                        break
                    names.add((case, at))
                    setting.on_trial(outcome.trials)
        outcome.figures = {"use cases": len({case for case, _ in names}), "different steps": len(names)}
        return outcome

    def _trial(self, centre: Inside, outcome: Outcome, case: str, number: int, plant: str) -> str | None:
        """Kill at step ``number``; what was to be done there, or None where the use case has fewer steps."""
        command = USE_CASES[case](centre)
        centre.sent[command.key] = command
        at, also = _in_a_child(centre, command, number, plant)
        also += centre.again()
        if centre.history.entries[(command.kind, command.key)].outcome != "acknowledged":
            also.append(f"{command.path} was not taken when it was sent again")
        if at is not None or also:
            centre.judge(outcome, f"{case}, killed {at}", also)
        self._tidy(centre)
        return at

    def _tidy(self, centre: Inside) -> None:
        """Free the units, so that there are some for the next trial."""
        for assignment in Assignment.objects.filter(state__in=ACTIVE).values_list("pk", flat=True):
            centre.sure(centre.step(f"/api/assignments/{assignment}/cancel", reason="试验结束"))
        for unit in Unit.objects.filter(state="busy").values_list("pk", flat=True):
            centre.sure(centre.step(f"/api/units/{unit}/state", state="available"))


def _in_a_child(centre: Inside, command: Command, number: int, plant: str) -> tuple[str | None, list[str]]:
    """Let a child do the command and end at that step; where it ended, and what else went wrong."""
    connections.close_all()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _do_and_die(centre, command, number, plant, write)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as told:
        lines = [json.loads(line) for line in told]
    _, status = os.waitpid(child, 0)
    at = None
    for line in lines:
        if line["line"] == "step":
            at = line["at"]
        else:
            centre.history.take(line)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return at, []
    return None, [] if os.WEXITSTATUS(status) == 0 else [f"the child ended with {status}"]


def _do_and_die(centre: Inside, command: Command, number: int, plant: str, write: int) -> None:
    """In the child: what the client hears goes into the pipe; never returns."""

    def tell(line: dict[str, Any]) -> None:
        os.write(write, (json.dumps(line) + "\n").encode())

    code = 1
    try:
        line = Line(centre.line.token, tell)
        steps = Steps(number, lambda at: tell({"line": "step", "at": at}))
        with told_early(line) if plant == PLANT_EARLY else nullcontext(), steps.counted():
            line.post(command)
        code = 0
    finally:
        os._exit(code)
