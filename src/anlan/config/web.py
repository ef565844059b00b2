"""Pages and API, as granian's own command line starts them: built once, then shared by all its processes.

Each process is a fork of this one. What takes seconds to build - pages, the text engine, areas, roads - is there
before the first of them begins, in memory they all share; a process that died is there again at once.
"""

from granian.cli import entrypoint

from anlan.config import wsgi

__all__ = ["wsgi"]

if __name__ == "__main__":
    entrypoint()
