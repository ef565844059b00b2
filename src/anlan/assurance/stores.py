"""Letting the application work on another file for a while, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def store_at(path: Path, *, init_command: str | None = None, positions: Path | None = None) -> Iterator[None]:
    """The application's SQLite store is the file at ``path`` meanwhile, opened with ``init_command`` if given.

    The store of positions is the one at ``positions`` if given, else the application's own.
    """
    with ExitStack() as held:
        held.enter_context(_alias_at(DEFAULT_DB_ALIAS, path, init_command))
        if positions is not None:
            held.enter_context(_alias_at("positions", positions, None))
        yield


@contextmanager
def _alias_at(alias: str, path: Path, init_command: str | None) -> Iterator[None]:
    connection = connections[alias]
    connection.close()
    settings: dict[str, Any] = connection.settings_dict
    kept, options = settings["NAME"], settings["OPTIONS"]
    settings["NAME"] = str(path)
    if init_command is not None:
        settings["OPTIONS"] = {**options, "init_command": init_command}
    try:
        yield
    finally:
        connection.close()
        settings["NAME"], settings["OPTIONS"] = kept, options
