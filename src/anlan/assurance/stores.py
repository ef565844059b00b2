"""Letting the application work on another file for a while, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def store_at(path: Path, *, init_command: str | None = None) -> Iterator[None]:
    """The application's SQLite store is the file at ``path`` meanwhile, opened with ``init_command`` if given."""
    connection = connections[DEFAULT_DB_ALIAS]
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
