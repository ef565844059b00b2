"""The standby's folder, which will be a home: a copy of each store (``kept``), the files of content, and its role.

``role.json`` says whether it is a standby or has taken over, since when, by whom and why. What came of a store is
taken by who holds that store's lock of the folder; who takes over holds them all.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.assurance.standby.files import Files
from anlan.assurance.standby.kept import Kept, NotSound
from anlan.core.files import folder_sync
from anlan.core.sqlite_backend.notes import STORE, STORES

ROLE, SEEN = "role.json", "heard.json"
STANDBY, PRIMARY = "standby", "primary"
FILES, CONTENT = "files", "content"


@dataclass(frozen=True)
class Role:
    """What this home is, under which epoch; ``taken`` tells of the take-over: at, by, reason."""

    role: str
    epoch: int
    taken: dict[str, str] | None = None


def role_of(home: Path) -> Role | None:
    """None for a home that never was a standby."""
    try:
        return Role(**json.loads((home / ROLE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


class Copy:
    """The copy under ``home``, in the one process that receives: one of each of ``STORES``, each under its lock."""

    def __init__(self, home: Path) -> None:
        self.home, self.store = home, home / STORE
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.locked():
            if role_of(home) is None:
                if self.store.exists():
                    raise NotSound(f"{home} holds a store of its own; a standby begins with an empty folder")
                role_put(home, Role(STANDBY, 0))
            self.stores = {name: Kept(home / name, is_synced=name == STORE) for name in STORES}
        self.files = Files(home)
        self.came_at: datetime | None = None
        self.told_at: datetime | None = None
        """When the machine that was replaced was told so, last."""

    @property
    def main(self) -> Kept:
        """The store that holds what was accepted."""
        return self.stores[STORE]

    @property
    def behind_bytes(self) -> int:
        """How much the other machine said, when it greeted last, that is not here."""
        return sum(kept.behind_bytes for kept in self.stores.values())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes anything of this folder meanwhile."""
        with home_locked(self.home):
            yield

    def take(self, head: dict[str, Any], data: bytes, *, at: datetime) -> dict[str, Any]:
        """Do what a message asks, and say what is held, on disk, afterwards."""
        name = head.get("store", STORE)
        kept = self.stores[name]
        with store_locked(self.home, name):
            role = role_of(self.home) or Role(STANDBY, 0)
            if self.is_refused(role, head["epoch"]):
                self.told_at = at
                return {"replaced": {**(role.taken or {}), "epoch": role.epoch}}
            lacks = not kept.take(head, data)
            if name == STORE:
                self._noted(head, role, at)
            return {"salt": kept.salt.hex(), "frames": kept.frames, "lacks": lacks}

    def _noted(self, head: dict[str, Any], role: Role, at: datetime) -> None:
        """What the first machine's own store brought: its epoch, and that it was heard."""
        if head["epoch"] > role.epoch:
            role_put(self.home, Role(STANDBY, head["epoch"]))
        if head["kind"] == "hello":
            _write(self.home / SEEN, json.dumps({"at": at.isoformat(), "mode": head.get("mode", "")}))
        else:
            os.utime(self.home / SEEN)
            self.came_at = at

    def take_file(self, head: dict[str, Any], data: bytes, *, at: datetime) -> dict[str, Any]:
        """As ``take``, of the contents of files: nothing of the store is touched, and no commit waits for it."""
        role = role_of(self.home) or Role(STANDBY, 0)
        if self.is_refused(role, head["epoch"]):
            self.told_at = at
            return {"replaced": {**(role.taken or {}), "epoch": role.epoch}}
        return self.files.folder(head, at=at) if head["kind"] == FILES else self.files.content(head, data)

    def is_refused(self, role: Role, epoch: int) -> bool:
        """Whether what comes under ``epoch`` is of a machine that was replaced."""
        return role.role == PRIMARY or epoch < role.epoch


@contextmanager
def home_locked(home: Path) -> Iterator[None]:
    """The locks of a standby's folder, between processes: all of them, in one order."""
    with ExitStack() as held:
        for name in STORES:
            held.enter_context(store_locked(home, name))
        yield


@contextmanager
def store_locked(home: Path, name: str) -> Iterator[None]:
    """The lock of one store's copy: a batch of positions that is written does not hold up a call."""
    descriptor = os.open(home / ("standby.lock" if name == STORE else f"{name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def role_put(home: Path, role: Role) -> None:
    """Write down what this home is, on stable storage."""
    _write(home / ROLE, json.dumps(role.__dict__, ensure_ascii=False))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    folder_sync(path.parent)
