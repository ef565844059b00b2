"""Pages and API, as granian's own command line starts them: built once, then shared by all its processes.

Each process is a fork of this one. What takes seconds to build - pages, the text engine, areas, roads - is there
before the first of them begins, in memory they all share; a process that died is there again at once.
"""

import sys
from collections.abc import Sequence

from granian.cli import cli

from anlan.config import wsgi

__all__ = ["serve", "wsgi"]


def serve(words: Sequence[str]) -> None:
    """Serve until told to stop; ``words`` are those of granian's command line, threads first."""
    threads, *words = words
    wsgi.door.threads = int(threads)
    cli(args=list(words), prog_name="anlan", auto_envvar_prefix="GRANIAN")


if __name__ == "__main__":
    serve(sys.argv[1:])
