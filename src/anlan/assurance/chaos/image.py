"""F4: the power goes under the whole application, which lies on a disk of its own: an image file, mounted.

Everything stands still, the image is copied (what the system holds of its files in memory is not in it), and
the copy is mounted: that is what a machine finds when the power is back. Needs the right to mount.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

from django.db import connections

from anlan.assurance.chaos.fault import Fault, NotPossible, Outcome, Setting
from anlan.assurance.chaos.inside import MEMORY
from anlan.assurance.chaos.kills import LEAST_S, MOST_S, site_of
from anlan.assurance.chaos.site import Clients, Site
from anlan.assurance.history import History
from anlan.assurance.power.rig import PLANT_EARLY, PLANT_NORMAL, Line
from anlan.assurance.stores import store_at
from anlan.assurance.traffic import Command

IMAGE_MB = 192
STILL_WITHIN_S = 5.0
STORE, POSITIONS = "anlan.sqlite3", "positions.sqlite3"


class PowerOff(Fault):
    """Cut after cut under the same running centre; each leaves a disk, on which the store is opened and judged."""

    id, title = "F4", "power cut under the whole application, on a disk of its own (an image)"
    needs_server = True
    plants = (PLANT_EARLY, PLANT_NORMAL)

    def run(self, setting: Setting) -> Outcome:
        outcome, resent, told = Outcome(), 0, 0
        with _disk_under(setting.home) as (image, scratch):
            # What clients remember must not lie on the disk that is cut.
            site, clients = site_of(setting, is_history_kept=False)
            try:
                site.start()
                for trial in range(1, setting.count + 1):
                    clients.start()
                    time.sleep(clients.traffic.random.uniform(LEAST_S, MOST_S))
                    left, history = _cut(site, clients, image, scratch)
                    clients.stop()
                    resent += self._judge(setting, outcome, trial, left, history)
                    left.unlink()
                    clients.again()
                    setting.on_trial(trial)
                told = sum(e.outcome == "acknowledged" for e in clients.recorder.history.entries.values())
            finally:
                site.kill()
                connections.close_all()
        outcome.figures = {"acknowledged": told, "resent": resent}
        return outcome

    def _judge(self, setting: Setting, outcome: Outcome, trial: int, left: Path, history: History) -> int:
        """Open what was left; look; let clients send again what they know nothing of; look once more."""
        before = outcome.failed
        with _mounted(left) as folder, store_at(folder / STORE):
            outcome.judge(f"power cut {trial}", _without_positions(history))
            again = deepcopy(history)
            line = Line(setting.centre["token"], again.take)
            waiting = [entry for entry in again.unanswered() if entry.kind != "positions"]
            for entry in waiting:
                line.post(Command.again(entry))
            unclear = [entry.key for entry in waiting if again.entries[(entry.kind, entry.key)].outcome == "unknown"]
            also = [f"{key} has no answer after sending again" for key in unclear]
            outcome.judge(f"power cut {trial}, sent again", _without_positions(again), also=also)
            # One cut, looked at twice.
            outcome.trials -= 1
            outcome.failed = min(outcome.failed, before + 1)
            connections.close_all()
        return len(waiting)


def _without_positions(history: History) -> History:
    """Their file syncs less on purpose: devices send them again."""
    return History({place: entry for place, entry in history.entries.items() if entry.kind != "positions"})


def _cut(site: Site, clients: Clients, image: Path, scratch: Path) -> tuple[Path, History]:
    """All processes stand still; what clients had been told by then, and the disk as it is; then they go on."""
    assert site.group is not None
    site.signal(signal.SIGSTOP)
    _until_still(site.group)
    history = clients.recorder.copy()
    left = scratch / "left.img"
    subprocess.run(["cp", "--sparse=always", str(image), str(left)], check=True)
    site.signal(signal.SIGCONT)
    return left, history


def _until_still(group: int) -> None:
    """Until each process of the group has stopped."""
    until = time.monotonic() + STILL_WITHIN_S
    while time.monotonic() < until:
        if all(state in "TZ" for state in _states(group)):
            return
        time.sleep(0.001)
    raise NotPossible("the centre did not stand still")


def _states(group: int) -> Iterator[str]:
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                fields = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                yield fields[0]


@contextmanager
def _disk_under(home: Path) -> Iterator[tuple[Path, Path]]:
    """``home`` lies on an image meanwhile, with all that was in it; gives the image and a folder beside it."""
    connections.close_all()
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="anlan-image-", dir=where) as beside:
        scratch = Path(beside)
        image, aside = scratch / "disk.img", scratch / "aside"
        shutil.copytree(home, aside, ignore=shutil.ignore_patterns("reserve"))
        with image.open("wb") as file:
            file.truncate(IMAGE_MB * 1024**2)
        _do("mkfs.ext4", "-q", "-F", str(image))
        _do("mount", "-o", "loop", str(image), str(home))
        try:
            shutil.copytree(aside, home, dirs_exist_ok=True)
            os.sync()
            yield image, scratch
        finally:
            subprocess.run(["umount", "-l", str(home)], check=False)


@contextmanager
def _mounted(image: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="anlan-left-"))
    _do("mount", "-o", "loop", str(image), str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()


def _do(*words: str) -> None:
    """Raises ``NotPossible`` where this machine has no such program, or does not let it."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise NotPossible(f"there is no {words[0]} here") from missing
    if done.returncode:
        raise NotPossible(f"{words[0]} is not let here: {done.stderr.strip()}")
