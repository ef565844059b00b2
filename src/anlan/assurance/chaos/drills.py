"""F13: commands are taken while a backup follows; then the store as it was at a random copy must be exactly that."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.db import connections

from anlan.assurance.backup import follow
from anlan.assurance.backup.follow import Follower
from anlan.assurance.backup.restore import restore
from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.history import POSITIONS, History
from anlan.assurance.power.rig import Line
from anlan.assurance.stores import store_at
from anlan.assurance.traffic import Traffic
from anlan.core.clock import now
from anlan.core.selectors import event_log_hash

COMMANDS_A_COPY = 4
COPIES = 30
SMALL_GENERATION_BYTES = 2 * 1024**2


class RestoreDrill(Fault):
    """Restores, each to a random moment of a follower's backup; the record of events must be the same to the bit."""

    id, title = "F13", "restore to a random second from the following backup"

    def run(self, setting: Setting) -> Outcome:
        outcome, random = Outcome(), Random(setting.seed)
        folder = Path(tempfile.mkdtemp(prefix="anlan-drill-"))
        # Small ones, so that most restores go through several.
        follow.ROTATE_BYTES = SMALL_GENERATION_BYTES
        try:
            lines, marks = self._taken(setting, folder / "backup")
            for trial in range(1, setting.count + 1):
                at, upto, wanted = random.choice(marks)
                target = folder / f"restored-{trial}.sqlite3"
                restore(folder / "backup", target, at=at + timedelta(milliseconds=1))
                history = History()
                for line in lines[:upto]:
                    history.take(line)
                with store_at(target):
                    also = [] if event_log_hash() == wanted else ["the record of events is another than it was then"]
                    outcome.judge(f"restore {trial}", history, also=also)
                target.unlink()
                setting.on_trial(trial)
            generations = len(list((folder / "backup").glob("*.wal")))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        outcome.figures = {"moments": len(marks), "generations": generations}
        return outcome

    def _taken(self, setting: Setting, into: Path) -> tuple[list[dict], list[tuple[datetime, int, str]]]:
        """What clients were told, and of each copy: its moment, how many lines there were, the record's hash."""
        lines: list[dict] = []
        marks = []
        box = setting.centre["box"]
        traffic = Traffic(setting.seed, units=setting.centre["units"], box=tuple(box), salt=f"drill-{setting.seed}")
        client = Line(setting.centre["token"], lines.append)
        follower = Follower(setting.home / "anlan.sqlite3", into)
        follower.start(now())
        for _ in range(COPIES):
            sent = 0
            while sent < COMMANDS_A_COPY:
                command = traffic.next(now())
                if command.kind != POSITIONS:
                    traffic.heard(command.kind, *client.post(command))
                    sent += 1
            at = now()
            follower.copy(at)
            marks.append((at, len(lines), event_log_hash()))
        follower.stop()
        connections.close_all()
        return lines, marks
