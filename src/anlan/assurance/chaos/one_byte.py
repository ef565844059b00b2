"""F15: one bit of one byte is changed in the store, its log, the backup or a file of content.

Each must be refused, told, or make no difference; never may something else than what was written be shown in silence.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from unittest.mock import patch

from django.db import connections

from anlan.assurance.backup import pages, restore
from anlan.assurance.backup.follow import Follower
from anlan.assurance.backup.restore import NothingToRestore
from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.inside import Inside, inside
from anlan.core import files
from anlan.core.clock import now
from anlan.core.errors import DomainError
from anlan.core.sqlite_backend import wal

PLANT = "no sum is looked at"
ROUNDS, COMMANDS_A_ROUND, BEFORE_LOG = 6, 3, 3
CONTENT_BYTES = 20_000
TOLD, SAME, SILENT = "refused or told", "no difference", "shown in silence"


@dataclass
class _Kept:
    """What is going to be damaged, and what each would be without damage."""

    folder: Path
    generations: list[str]
    moments: dict[datetime, str]
    content: str
    logged: str

    @property
    def backup(self) -> Path:
        return self.folder / "backup"


class OneByte(Fault):
    """The store and its log as a crash leaves them, every file of a following backup, and a photo."""

    id, title = "F15", "one bit changed in store, log, backup or file of content"
    plants = (PLANT,)

    def run(self, setting: Setting) -> Outcome:
        outcome, seen, random = Outcome(), Counter[str](), Random(setting.seed)
        folder = Path(tempfile.mkdtemp(prefix="anlan-byte-"))
        try:
            with inside(setting) as centre:
                kept = _made(centre, folder)
            with _blind() if setting.plant == PLANT else _seeing():
                for trial in range(1, setting.count + 1):
                    path = random.choice(_targets(kept))
                    what = f"{path.name.rpartition('.')[2]} of {path.parent.name}"
                    place, came_of = _damaged(kept, path, random)
                    seen[came_of] += 1
                    outcome.trials += 1
                    if came_of == SILENT:
                        outcome.failed += 1
                        outcome.examples.append(f"{what}, byte {place}: {came_of}")
                    setting.on_trial(trial)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        outcome.figures = dict(seen)
        return outcome


def _made(centre: Inside, folder: Path) -> _Kept:
    """Take commands while a backup follows, with a second generation of its log, and keep all files."""
    follower = Follower(centre.store, folder / "backup")
    started = now()
    follower.start(started)
    # A restore may go back to the very beginning, where the line of the first moment was changed.
    moments = [started]
    for number in range(ROUNDS):
        for _ in range(COMMANDS_A_ROUND):
            centre.send(centre.command())
        at = now()
        if number == BEFORE_LOG:
            connections.close_all()
            follower.rotate(at)
            shutil.copyfile(centre.store, folder / "store.sqlite3")
            generations = sorted(path.stem for path in follower.into.glob("*.wal"))
        follower.copy(at)
        moments.append(at)
    # As a crash leaves it: the follower still holds the log.
    for end in ("", "-wal"):
        shutil.copyfile(f"{centre.store}{end}", folder / f"crashed.sqlite3{end}")
    follower.stop()
    expected = {}
    for at in moments:
        target = folder / "expected.sqlite3"
        point = restore.restore(folder / "backup", target, at=at)
        expected[point.at] = _image(target)
        target.unlink()
    content = files.content_put(Random(0).randbytes(CONTENT_BYTES))
    shutil.copytree(folder / "backup", folder / "whole")
    return _Kept(folder, generations, expected, content, _logged(folder))


def _targets(kept: _Kept) -> list[Path]:
    """Every file that may be damaged; each sort as often, whatever its size."""
    backup = [p for p in sorted(kept.backup.iterdir()) if p.is_file() and p.stat().st_size]
    own = [kept.folder / "store.sqlite3", kept.folder / "crashed.sqlite3-wal", files.content_path(kept.content)]
    return [*own, *backup]


def _damaged(kept: _Kept, path: Path, random: Random) -> tuple[int, str]:
    """Change one bit of the file, look, and change it back; the place, and what came of it."""
    place = random.randrange(path.stat().st_size)
    bit = 1 << random.randrange(8)
    _flip(path, place, bit)
    try:
        if path.parent == kept.backup:
            return place, _restored(kept, random)
        if path.name == "store.sqlite3":
            found = pages.pages_differing(kept.backup, kept.generations, path)
            return place, TOLD if found else SILENT
        if path.name.endswith("-wal"):
            return place, TOLD if wal.hole(path) else SAME if _logged(kept.folder) == kept.logged else SILENT
        return place, _shown(kept.content)
    finally:
        _flip(path, place, bit)


def _flip(path: Path, place: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ bit]))


def _restored(kept: _Kept, random: Random) -> str:
    """A restore to a moment: refused, or exactly what stood there at the moment it says it restored to."""
    target = kept.folder / "restored.sqlite3"
    try:
        point = restore.restore(kept.backup, target, at=random.choice(list(kept.moments)))
        return SAME if kept.moments.get(point.at) == _image(target) else SILENT
    except (NothingToRestore, sqlite3.DatabaseError):
        return TOLD
    finally:
        for end in ("", "-wal", "-shm"):
            Path(f"{target}{end}").unlink(missing_ok=True)


def _logged(folder: Path) -> str:
    """What a start after the crash would read out of store and log."""
    target = folder / "read.sqlite3"
    for end in ("", "-wal"):
        shutil.copyfile(folder / f"crashed.sqlite3{end}", f"{target}{end}")
    try:
        return _image(target)
    except sqlite3.DatabaseError as problem:
        return str(problem)
    finally:
        for end in ("", "-wal", "-shm"):
            Path(f"{target}{end}").unlink(missing_ok=True)


def _image(store: Path) -> str:
    """A digest of all pages as SQLite reads them."""
    with closing(sqlite3.connect(store)) as line:
        return hashlib.sha256(line.serialize()).hexdigest()


def _shown(digest: str) -> str:
    try:
        found = files.content_open(digest)
    except DomainError:
        return TOLD
    assert found is not None
    with found:
        return SAME if hashlib.sha256(found.read()).hexdigest() == digest else SILENT


@contextmanager
def _blind() -> Iterator[None]:
    """A fault put in on purpose: the sums are there and nobody looks at them."""
    with (
        patch.object(restore, "digest_holds", lambda _folder, _generation: True),
        patch.object(pages, "pages_differing", lambda _folder, _chain, _copy: []),
        patch.object(wal, "hole", lambda _log: None),
    ):
        yield


@contextmanager
def _seeing() -> Iterator[None]:
    yield
