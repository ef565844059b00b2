"""The live stream as a process of its own: ``python -m anlan.config.live --host … --port …``."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
from collections.abc import Sequence

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")


def main(words: Sequence[str] | None = None) -> None:
    """Serve ``/live`` until told to stop; ``words`` are the command line's own unless given."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--host", default="127.0.0.1")
    asked.add_argument("--port", type=int, required=True)
    where = asked.parse_args(words)
    django.setup()
    from anlan.console.live_door import files_allow

    files_allow()
    asyncio.run(_serve(where.host, where.port))


async def _serve(host: str, port: int) -> None:
    from anlan.console.live_door import serve

    until = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, until.set)
    # What was loaded stays for good: no stream waits while it is searched for what is no longer wanted.
    gc.collect()
    gc.freeze()
    await serve(host, port, until=until)


if __name__ == "__main__":
    main()
