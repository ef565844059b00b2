"""Travel tables of cover on disk: worked out once, by the worker ahead of time, and read by every process."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

KEPT = 6
"""So many tables stay: those of this part of the day, the next, and a few before."""

Table = NDArray[np.uint16]


def table_kept(parts: tuple[bytes, ...], shape: tuple[int, int], make: Callable[[], Table]) -> Table:
    """The table that belongs to ``parts`` (network, places asked for), read if it is there, else made and kept.

    A file that can't be read or has another shape is made anew. Where nothing can be written the table is made and
    not kept.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    path = _folder() / f"{digest.hexdigest()[:32]}.npy"
    try:
        found: Table = np.load(path, mmap_mode="r", allow_pickle=False)
        if found.shape == shape and found.dtype == np.uint16:
            os.utime(path)
            return found
    except (OSError, ValueError, EOFError):
        pass
    table = make()
    try:
        _write(path, table)
    except OSError:
        return table
    return table


def tables_forget() -> int:
    """Delete all but the ``KEPT`` tables used last; returns how many went."""
    files = sorted(_folder().glob("*.npy"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[KEPT:]:
        path.unlink(missing_ok=True)
    return len(files[KEPT:])


def _folder() -> Path:
    return Path(settings.ROADS_DIR).parent / "cover"


def _write(path: Path, table: Table) -> None:
    """Whole or not at all: a reader finds the old file, the new one or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, table, allow_pickle=False)
        os.replace(scratch, path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
