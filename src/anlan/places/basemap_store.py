"""Keeping tile archives on disk: written whole or not at all, named by what they hold, checked before use."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from anlan.engines.tiles import ArchiveFacts, archive_check


@dataclass(frozen=True, slots=True)
class StoredArchive:
    """An archive on disk, found whole."""

    file: str
    sha256: str
    size_bytes: int
    facts: ArchiveFacts


def basemaps_dir() -> Path:
    """The folder of all map files, beside that of the road networks."""
    return Path(settings.ROADS_DIR).parent / "basemaps"


def archive_save(write: Callable[[BinaryIO], object]) -> StoredArchive:
    """Let `write` fill a file, check it, and put it beside the others under the name of its contents.

    Raises ArchiveBroken, with nothing left behind, when what was written is no whole archive.
    """
    folder = basemaps_dir()
    folder.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        path = Path(scratch)
        facts = archive_facts(path)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        final = folder / f"{sha256[:16]}.pmtiles"
        path.replace(final)
        _directory_sync(folder)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    return StoredArchive(final.name, sha256, final.stat().st_size, facts)


def archive_facts(path: Path) -> ArchiveFacts:
    """What an archive says of itself. Raises ArchiveBroken, or OSError when it can't be read."""
    with path.open("rb") as file:

        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        return archive_check(read, path.stat().st_size)


def _directory_sync(folder: Path) -> None:
    """Make the rename itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
