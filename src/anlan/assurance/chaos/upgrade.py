"""F16: a change of the tables is killed before or after one of its statements, forward (upgrade) or back (downgrade).

What is left must be the tables of one version or of the next, never something between, with every record in them;
and the next start must bring them to where they belong.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from anlan.assurance.chaos.fault import Fault, NotPossible, Outcome, Setting
from anlan.assurance.chaos.inside import Inside, inside
from anlan.core.selectors import event_log_hash
from anlan.core.whole_migrations import WholeExecutor

PLANT = "tables are changed outside a transaction"
COMMANDS = 12
LEAST_ROOMS, TRIALS_A_ROOM = 2, 4
"""To walk a room's last change there and back takes as long as some trials: a short run looks at a few rooms."""
Key = tuple[str, str]
Version = tuple[str, frozenset[Key]]


class KilledUpgrade(Fault):
    """The last migrations, one after another: each is taken back and done again, and killed somewhere within."""

    id, title = "F16", "upgrade or downgrade of the tables killed before or after any statement"
    plants = (PLANT,)

    def run(self, setting: Setting) -> Outcome:
        outcome, random = Outcome(), Random(setting.seed)
        figures = dict.fromkeys(("upgrades killed", "downgrades killed", "ran to their end"), 0)
        with inside(setting) as centre:
            for _ in range(COMMANDS):
                centre.send(centre.command())
            wanted = event_log_hash()
            ways, whole = _ways(centre, random, max(LEAST_ROOMS, setting.count // TRIALS_A_ROOM))
            for trial in range(1, setting.count + 1):
                way = random.choice(ways)
                _put(way.begin, centre.store)
                at = _killed(way, random.randint(1, 2 * way.statements), setting.plant)
                figures["ran to their end" if at is None else f"{way.name.split()[0]}s killed"] += 1
                also = [] if _version(centre.store) in way.versions else ["the tables are of no version"]
                if also:
                    outcome.trials += 1
                    outcome.failed += 1
                    outcome.examples.append(f"{way.name}, killed {at}: {also[0]}")
                else:
                    centre.judge(outcome, f"{way.name}, killed {at}", _goes_on(centre.store, whole, wanted))
                setting.on_trial(trial)
        outcome.figures = figures
        return outcome


@dataclass
class _Way:
    """From a store at one version to another: so many ``statements``, through these ``versions``."""

    name: str
    begin: Path
    targets: list[Key]
    statements: int
    versions: list[Version]


def _ways(centre: Inside, random: Random, rooms: int) -> tuple[list[_Way], list[Version]]:
    """To the version before the last change of some rooms, and from there to the newest; and how the newest looks.

    Made again, a table may have its columns in another order.
    """
    connections.close_all()
    folder = centre.store.parent
    leaves: list[Key] = list(WholeExecutor(connection).loader.graph.leaf_nodes())
    found: list[_Way] = []
    newest = folder / "newest.sqlite3"
    # A centre that was kept may be of a version before this one.
    _migrate(leaves)
    _keep(centre.store, newest)
    for app, name in random.sample(leaves, len(leaves)):
        before = _one_back(app, name)
        if before is None or len(found) >= 2 * rooms:
            continue
        try:
            _migrate([before])
        except Exception:
            # Not every change can be taken back; those are not tried here.
            _put(newest, centre.store)
            continue
        older = folder / f"before-{app}-{name}.sqlite3"
        _keep(centre.store, older)
        ways = [
            _Way(f"{word} {app} {name}", begin, targets, *_walk(centre.store, begin, targets))
            for word, begin, targets in (("upgrade", older, leaves), ("downgrade", newest, [before]))
        ]
        found += ways if all(way.statements for way in ways) else []
        _put(newest, centre.store)
    if not found:
        raise NotPossible("no migration of this version can be taken back")
    return found, [_version(newest), *(way.versions[-1] for way in found if way.begin != newest)]


def _one_back(app: str, name: str) -> Key | None:
    """The migration of the same app before this one."""
    node = WholeExecutor(connection).loader.graph.node_map[(app, name)]
    return next((parent.key for parent in node.parents if parent.key[0] == app), None)


def _migrate(targets: list[Key], on_step: Callable[[], None] = lambda: None) -> None:
    def told(act: str, *_: Any) -> None:
        if act.endswith("_success"):
            on_step()

    WholeExecutor(connection, told).migrate(targets)


def _walk(store: Path, begin: Path, targets: list[Key]) -> tuple[int, list[Version]]:
    """How many statements lead from ``begin`` to ``targets``, and each version on the way."""
    _put(begin, store)
    steps, met = _Steps(0, lambda _at: None), [_version(begin)]
    with connection.execute_wrapper(steps.statement):
        _migrate(targets, lambda: met.append(_version(store)))
    return steps.done, met


class _Steps:
    """Counts what changes the store; kills this process before (odd) or after (even) one of them."""

    def __init__(self, last: int, tell: Any) -> None:
        self.last, self.tell, self.done = last, tell, 0

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip()[:6].upper() in ("SELECT", "PRAGMA"):
            return execute(sql, params, many, context)
        self.done += 1
        self._end_at(2 * self.done - 1, f"before {sql[:60]}")
        done = execute(sql, params, many, context)
        self._end_at(2 * self.done, f"after {sql[:60]}")
        return done

    def _end_at(self, step: int, what: str) -> None:
        if step == self.last:
            self.tell(what)
            os.kill(os.getpid(), signal.SIGKILL)


def _killed(way: _Way, last: int, plant: str) -> str | None:
    """A child begins the change and ends at that step; where, or None where there were fewer."""
    connections.close_all()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            steps = _Steps(last, lambda at: os.write(write, json.dumps(at).encode()))
            with _loose() if plant == PLANT else nullcontext(), connection.execute_wrapper(steps.statement):
                _migrate(way.targets)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as told:
        said = told.read()
    os.waitpid(child, 0)
    return str(json.loads(said)) if said else None


@contextmanager
def _loose() -> Iterator[None]:
    """A fault put in on purpose: each statement of a change is kept by itself."""
    usual = BaseDatabaseSchemaEditor.__init__

    def without(self: Any, line: Any, collect_sql: bool = False, atomic: bool = True) -> None:
        usual(self, line, collect_sql, False)

    with patch.object(BaseDatabaseSchemaEditor, "__init__", without):
        yield


def _goes_on(store: Path, whole: list[Version], wanted: str) -> list[str]:
    """What the next start does: bring the tables up to date. Everything is there as before."""
    call_command("migrate", verbosity=0, interactive=False)
    wrong = [] if _version(store) in whole else ["the next start led to other tables"]
    return wrong if event_log_hash() == wanted else [*wrong, "the record of events is another than before"]


def _version(store: Path) -> Version:
    """Every table, index and trigger as one text, and the migrations noted as done."""
    with closing(sqlite3.connect(store)) as line:
        rows = line.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql <> '' ORDER BY type, name"
        ).fetchall()
        done = line.execute("SELECT app, name FROM django_migrations").fetchall()
    return json.dumps(rows), frozenset(done)


def _keep(store: Path, into: Path) -> None:
    """A whole copy of a store that nobody has open."""
    connections.close_all()
    with closing(sqlite3.connect(store)) as line, closing(sqlite3.connect(into)) as copy:
        line.backup(copy)


def _put(kept: Path, store: Path) -> None:
    connections.close_all()
    for end in ("-wal", "-shm"):
        Path(f"{store}{end}").unlink(missing_ok=True)
    shutil.copyfile(kept, store)
