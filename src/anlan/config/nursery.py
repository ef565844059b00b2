"""Centres one after another out of one process that has loaded everything: ``python -m anlan.config.nursery``.

For a standby, whose centre must serve soon after a take-over, and for drills that kill a centre many times. Each is
a process group of its own that opens the store anew, prepares it and serves as ``anlan run`` does; only reading
Python's modules, some seconds of a processor, is spared. A line on standard input starts one:
``PORT [HOST [WORKERS]]``; its group's number is the answer.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback

from anlan.config import live, web, worker, wsgi  # noqa: F401 - loaded once, for all that are born here

# isort: split
# The modules above set Django up.
from anlan.config import jobs  # noqa: F401
from anlan.config.server import Centre, prepare
from anlan.console import live_door  # noqa: F401


def main() -> None:
    """Bear a centre for each line until there are no more."""
    # Nobody waits for those that were killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _serve(*line.split())
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _serve(port: str, host: str = "127.0.0.1", workers: str = "1") -> None:
    """In the child; never returns."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        prepare()
        # Here it may not have been opened before.
        wsgi.store_read()
        centre = Centre(host=host, port=int(port), workers=int(workers))
        centre.start_copies()
        code = centre.wait()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
