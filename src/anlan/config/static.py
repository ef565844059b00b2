"""Scripts and styles go out compressed: a copy of each is made once, named by what is in the file.

Because the name is the content's, a copy can't be out of date, whoever changed the file in whatever way.
Pages and JSON are left as they are, see docs/decisions/compression.md.
"""

from __future__ import annotations

import gzip
import os
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

TEXTS = {".js", ".css", ".svg", ".json", ".txt", ".webmanifest"}
WORTH = 0.9
"""A copy that isn't smaller than this share of the file is not kept."""
BUILT = re.compile(r"/console/island/[\w.-]+-[\w-]{8}\.(js|css)$")
"""What the map console's build wrote: its name changes with its content, so it may be kept for good."""


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise tells no types
    """WhiteNoise with its compressed files in the centre's own folder instead of beside the sources."""

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, os.stat_result] | None = None) -> StaticFile:
        found = super().get_static_file(path, url, stat_cache)
        stat = stat_cache[path] if stat_cache is not None else os.stat(path)
        digest = _digest(path, stat.st_mtime_ns, stat.st_size)
        copy = _copy(path, digest) if Path(path).suffix in TEXTS else None
        headers = {name: value for name, value in _headers(found) if name != "Content-Length"}
        # Weak: the same page for the reader, not the same bytes, whether compressed or not.
        headers["ETag"] = f'W/"{digest}"'
        return StaticFile(path, list(headers.items()), encodings={"gzip": copy} if copy else None)

    def immutable_file_test(self, path: str, url: str) -> bool:
        return bool(BUILT.search(url))


def _headers(found: StaticFile) -> list[tuple[str, str]]:
    """The headers of the file as it is, without what concerns its form on the line."""
    _pattern, _path, headers = found.alternatives[-1]
    return [(name, value) for name, value in headers if name not in ("Content-Encoding", "Vary")]


@lru_cache(maxsize=4096)
def _digest(path: str, _changed_ns: int, _size: int) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()[:32]


def _folder() -> Path:
    return Path(settings.HOME) / "compressed"


@lru_cache(maxsize=4096)
def _copy(path: str, digest: str) -> str | None:
    """The compressed copy of a file, made where it isn't there yet; None where it isn't worth one."""
    copy = _folder() / f"{digest}.gz"
    try:
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            draft = copy.with_name(f"{digest}.{os.getpid()}")
            draft.write_bytes(gzip.compress(Path(path).read_bytes(), compresslevel=9, mtime=0))
            draft.replace(copy)
        return str(copy) if copy.stat().st_size < WORTH * Path(path).stat().st_size else None
    except OSError:
        return None  # a folder that can't be written to costs weight, not the page


def copies_make() -> None:
    """Make all copies before the first request asks for one, and let go of those nobody names any more."""
    files: Any = StaticFiles(lambda _request: None).files.values()
    named = {path for file in files for _pattern, path, _headers in file.alternatives}
    for copy in _folder().glob("*"):
        if str(copy) not in named:
            copy.unlink(missing_ok=True)
