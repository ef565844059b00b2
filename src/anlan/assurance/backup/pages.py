"""Is the store on its disk still what was written to it? A whole copy is held against the one before and the logs.

A page that nobody wrote and that is another all the same was changed by the disk (or by somebody past SQLite). The
store itself can't tell: SQLite keeps no checksum of a page.
"""

from __future__ import annotations

import struct
from pathlib import Path

from anlan.core.sqlite_backend.wal import frames_committed


def pages_differing(folder: Path, chain: list[str], copy: Path) -> list[int]:
    """Numbers of the pages of ``copy`` that are not what the generations of ``chain`` make of them.

    The first of ``chain`` has the whole copy that all others stand on.
    """
    whole = folder / f"{chain[0]}.sqlite3"
    written: dict[int, tuple[Path, int]] = {}
    size = _page_size(whole)
    for generation in chain:
        log = folder / f"{generation}.wal"
        if log.exists():
            written |= {page: (log, place) for page, place in frames_committed(log)}
    differing = []
    with whole.open("rb") as before, copy.open("rb") as after:
        logs = {log: log.open("rb") for log in {log for log, _ in written.values()}}
        try:
            for number in range(1, copy.stat().st_size // size + 1):
                source, place = (before, (number - 1) * size)
                if number in written:
                    log, place = written[number]
                    source = logs[log]
                source.seek(place)
                if source.read(size) != after.read(size):
                    differing.append(number)
        finally:
            for log_file in logs.values():
                log_file.close()
    return differing


def _page_size(store: Path) -> int:
    """As the store's own head says it; 1 stands for 65536."""
    with store.open("rb") as file:
        (size,) = struct.unpack(">H", file.read(18)[16:18])
    return 65536 if size == 1 else int(size)
