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
from contextlib import contextmanager, suppress
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
        with self.on_a_disk(setting) as (image, scratch):
            # What clients remember must not lie on the disk that is cut.
            site, clients = site_of(setting, is_history_kept=False)
            try:
                site.start()
                for trial in range(1, setting.count + 1):
                    clients.start()
                    time.sleep(clients.traffic.random.uniform(LEAST_S, MOST_S))
                    left, history = self._cut(site, clients, image, scratch)
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
        with self.opened(left):
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

    @contextmanager
    def on_a_disk(self, setting: Setting) -> Iterator[tuple[Path, Path]]:
        """What must last lies on an image meanwhile; gives the image and a folder beside it."""
        with disk_under(setting.home) as both:
            yield both

    @contextmanager
    def opened(self, left: Path) -> Iterator[None]:
        """This process works meanwhile on the store that lies on the image ``left``."""
        with mounted(left) as folder, store_at(folder / STORE):
            yield

    def processes(self, site: Site) -> list[int]:
        """Whoever writes to the disk, in the order in which they are stopped."""
        assert site.group is not None
        return [process for process, group, _state in _all() if group == site.group]

    def _cut(self, site: Site, clients: Clients, image: Path, scratch: Path) -> tuple[Path, History]:
        """All processes stand still; what clients had been told by then, and the disk as it is; then they go on."""
        standing = self._still(site)
        history = clients.recorder.copy()
        left = scratch / "left.img"
        subprocess.run(["cp", "--sparse=always", str(image), str(left)], check=True)
        for process in reversed(standing):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
        return left, history

    def _still(self, site: Site) -> list[int]:
        """Until nobody runs, not even whom one of them started meanwhile. Returns whom to let go on."""
        until, stopped = time.monotonic() + STILL_WITHIN_S, list[int]()
        while time.monotonic() < until:
            for process in self.processes(site):
                if process not in stopped:
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGSTOP)
                    stopped.append(process)
            here = set(self.processes(site))
            states = {process: state for process, _group, state in _all() if process in here}
            if here <= set(stopped) and all(state in "TZ" for state in states.values()):
                return stopped
            time.sleep(0.001)
        raise NotPossible("the centre did not stand still")


def _without_positions(history: History) -> History:
    """Their file syncs less on purpose: devices send them again."""
    return History({place: entry for place, entry in history.entries.items() if entry.kind != "positions"})


def _all() -> Iterator[tuple[int, int, str]]:
    """Process, group and state of whoever runs on this machine."""
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                fields = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
            except OSError:
                continue
            yield int(process.name), int(fields[2]), fields[0]


@contextmanager
def disk_under(folder: Path, *, size_mb: int = IMAGE_MB) -> Iterator[tuple[Path, Path]]:
    """``folder`` lies on an image meanwhile, with all that was in it, owners and rights as they are.

    Gives the image and a folder beside it.
    """
    connections.close_all()
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="anlan-image-", dir=where) as beside:
        scratch = Path(beside)
        scratch.chmod(0o755)  # a server of its own must find its way to what lies in it
        image, aside = scratch / "disk.img", scratch / "aside"
        shutil.copytree(folder, aside, ignore=shutil.ignore_patterns("reserve"))
        owner = folder.stat()
        with image.open("wb") as file:
            file.truncate(size_mb * 1024**2)
        _do("mkfs.ext4", "-q", "-F", str(image))
        _do("mount", "-o", "loop", str(image), str(folder))
        try:
            shutil.copytree(aside, folder, dirs_exist_ok=True)
            _do("chown", "-R", f"{owner.st_uid}:{owner.st_gid}", str(folder))
            os.sync()
            yield image, scratch
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=False)


@contextmanager
def mounted(image: Path, at: Path | None = None) -> Iterator[Path]:
    """What is on the image, to read and to write; ``at`` is an empty folder, or one is made."""
    folder = at or Path(tempfile.mkdtemp(prefix="anlan-left-"))
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
