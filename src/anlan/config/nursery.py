"""Centres one after another out of one process that has loaded everything: ``python -m anlan.config.nursery``.

For drills that kill a centre many times: each is a process group of its own that opens the store anew, prepares
it and serves as ``anlan run`` does; only reading Python's modules is spared. A line on standard input, a port,
starts one; its group's number is the answer.
"""

from __future__ import annotations

import os
import signal
import sys

from anlan.config import live, web, worker  # noqa: F401 - loaded once, for all that are born here
from anlan.config.server import Centre, prepare


def main() -> None:
    """Bear a centre for each line until there are no more."""
    # Nobody waits for those that were killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _serve(int(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _serve(port: int) -> None:
    """In the child; never returns."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        prepare()
        centre = Centre(port=port, workers=1)
        centre.start_copies()
        code = centre.wait()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
