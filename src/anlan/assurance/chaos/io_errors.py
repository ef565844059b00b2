"""F6: a read, write, truncation or sync beneath the store fails, once or for a while."""

from __future__ import annotations

from contextlib import nullcontext

from django.db import connections

from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.inside import Inside, inside
from anlan.assurance.power.rig import PLANT_EARLY, told_early
from anlan.assurance.power.tape import SYNC, TRUNCATE, WRITE, Tape
from anlan.assurance.power.vfs import READ, Recording

CODES = {READ: 266, WRITE: 778, SYNC: 1034, TRUNCATE: 1546}
"""What SQLite calls each of them: ``SQLITE_IOERR_READ``, ``_WRITE``, ``_FSYNC``, ``_TRUNCATE``."""
FURTHEST = 12
FOR_GOOD_SHARE = 0.3
AFTERWARDS = 2


class Breaking:
    """Lets the ``nth`` operation of a ``kind`` fail, and where it ``stays`` all after it."""

    def __init__(self) -> None:
        self.kind, self.left, self.stays, self.failed = "", 0, False, 0

    def arm(self, kind: str, nth: int, *, stays: bool) -> None:
        self.kind, self.left, self.stays, self.failed = kind, nth, stays, 0

    def disarm(self) -> None:
        self.kind = ""

    def code(self, kind: str, name: str) -> int:
        """What the operation returns instead of being done; 0 lets it be done."""
        if kind != self.kind or name.endswith("-shm"):
            return 0
        self.left -= 1
        if self.left == 0 or (self.stays and self.left < 0):
            self.failed += 1
            return CODES[kind]
        return 0


class BrokenDisk(Fault):
    """A command meets the error, a few come after it; then the disk works again, without a restart."""

    id, title = "F6", "I/O error at the n-th read, write, sync or truncation, once or lasting"
    plants = (PLANT_EARLY,)

    def run(self, setting: Setting) -> Outcome:
        outcome, breaking = Outcome(), Breaking()
        figures = dict.fromkeys(("met an error", "told 503"), 0)
        with Recording(Tape(), breaking.code), inside(setting) as centre:
            with told_early(centre.line) if setting.plant == PLANT_EARLY else nullcontext():
                for trial in range(1, setting.count + 1):
                    name = self._trial(centre, breaking)
                    figures["met an error"] += breaking.failed > 0
                    centre.judge(outcome, f"{name} (trial {trial})", centre.again())
                    setting.on_trial(trial)
            figures["told 503"] = sum(entry.statuses.count(503) for entry in centre.history.entries.values())
            connections.close_all()
        outcome.figures = figures
        return outcome

    def _trial(self, centre: Inside, breaking: Breaking) -> str:
        random = centre.traffic.random
        kind = random.choice(list(CODES))
        nth, stays = random.randint(1, FURTHEST), random.random() < FOR_GOOD_SHARE
        if kind == READ or random.random() < 0.5:
            # A line that has just been opened reads what others hold in memory.
            connections.close_all()
        breaking.arm(kind, nth, stays=stays)
        try:
            for _ in range(AFTERWARDS):
                centre.send(centre.command())
        finally:
            breaking.disarm()
        return f"{kind} {nth}{' and on' if stays else ''}"
