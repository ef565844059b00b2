"""F5: the disk under the store fills up while calls come in, stays full, and has room again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from django.db import connections

from anlan.assurance.chaos.fault import Fault, NotPossible, Outcome, Setting
from anlan.assurance.chaos.kills import site_of
from anlan.assurance.chaos.site import Clients
from anlan.assurance.history import History

DISK_MB = 96
FULL_S, ROOM_S, ANSWER_WITHIN_S = 2.0, 1.0, 15.0
FILLER = "filler"


class FullDisk(Fault):
    """Refusals are told as 507, nothing acknowledged is lost, and with room again it goes on without a restart."""

    id, title = "F5", "disk full under load, then room again, no restart"
    needs_server = True

    def run(self, setting: Setting) -> Outcome:
        outcome, random = Outcome(), Random(setting.seed)
        with _small_disk(setting.home):
            # What clients remember must not lie on the disk that fills up.
            site, clients = site_of(setting, is_history_kept=False)
            try:
                site.start()
                for trial in range(1, setting.count + 1):
                    also = self._trial(clients, setting.home, random)
                    if not site.is_running:
                        also.append("the server ended")
                    outcome.judge(f"full {trial}", clients.recorder.history, also=also)
                    setting.on_trial(trial)
            finally:
                site.kill()
                connections.close_all()
        entries = clients.recorder.history.entries.values()
        outcome.figures = {
            "acknowledged": sum(entry.outcome == "acknowledged" for entry in entries),
            "refused with 507": sum(507 in entry.statuses for entry in entries),
        }
        return outcome

    def _trial(self, clients: Clients, home: Path, random: Random) -> list[str]:
        """Fill, wait, free, wait; what went otherwise than promised."""
        history = clients.recorder.history
        clients.start()
        time.sleep(random.uniform(0.2, 1.0))
        before = len(history.entries)
        _fill(home / FILLER)
        is_told = _until(lambda: _count(history, 507, before) > 0)
        time.sleep(random.uniform(0.0, FULL_S))
        (home / FILLER).unlink()
        time.sleep(0.1)
        freed = len(history.entries)
        is_back = _until(lambda: _count(history, 201, freed) > 0)
        time.sleep(random.uniform(0.0, ROOM_S))
        clients.stop()
        clients.again()
        also = [] if is_told else ["nobody was told 507 while the disk was full"]
        return also if is_back else [*also, "no call was taken after there was room again"]


def _count(history: History, status: int, after: int) -> int:
    return sum(status in entry.statuses for entry in list(history.entries.values())[after:])


def _until(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False


def _fill(path: Path) -> None:
    """Write until there is no room, then a little more."""
    with path.open("wb", buffering=0) as out:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while out.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


@contextmanager
def _small_disk(home: Path) -> Iterator[None]:
    """``home`` lies on a disk of its own meanwhile, in memory and small. Needs the right to mount."""
    connections.close_all()
    with tempfile.TemporaryDirectory(prefix="anlan-aside-") as aside:
        shutil.copytree(home, aside, dirs_exist_ok=True, ignore=shutil.ignore_patterns("reserve"))
        words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(home)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotPossible(f"no small disk can be made here (it needs the right to mount): {done.stderr.strip()}")
        try:
            shutil.copytree(aside, home, dirs_exist_ok=True)
            os.sync()
            yield
        finally:
            subprocess.run(["umount", "-l", str(home)], check=False)
