"""Translations: from the rooms' ``.po`` files to the ``.mo`` files Django reads, without GNU gettext.

Compiled files are not kept in the repository. Set-up, the tests and ``anlan run`` call
``translations_compile``; when nothing changed it only compares two times per file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parents[1]


def catalogues(root: Path = PACKAGE) -> Iterator[Path]:
    """Every ``django.po`` beneath ``root``, in a fixed order."""
    yield from sorted(root.glob("**/locale/*/LC_MESSAGES/django.po"))


def translations_compile(root: Path = PACKAGE) -> list[Path]:
    """Bring each ``.mo`` up to its ``.po``; returns the files written.

    A file is replaced in one step, so a server that reads it meanwhile sees the old or the new one.
    Fuzzy entries are left out, as gettext does. Raises ``OSError`` with the file's name when a
    catalogue can't be read.
    """
    written = []
    for source in catalogues(root):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    for path in translations_compile():
        sys.stderr.write(f"compiled {path.relative_to(PACKAGE)}\n")
