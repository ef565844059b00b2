"""Ports for servers that tests start, out of the way of everything else that takes ports on this machine.

A port the system gives out by itself may be an outgoing connection's a moment later, before the server has begun;
and two workers may be given the same. Servers take theirs beneath that range, each worker in a part of its own.
"""

from __future__ import annotations

import os
import random
import socket

FIRST, LAST = 20_000, 32_000
PARTS = 8
TRIES = 200


def free_port(neighbours: int = 0) -> int:
    """A port nobody listens at, nor at so many next to it.

    :raises RuntimeError: everything that was tried is taken.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    size = (LAST - FIRST) // PARTS
    begin = FIRST + int(worker) % PARTS * size
    chance = random.SystemRandom()
    for _try in range(TRIES):
        port = chance.randrange(begin, begin + size - neighbours)
        if all(_is_free(port + step) for step in range(neighbours + 1)):
            return port
    raise RuntimeError(f"no port between {begin} and {begin + size} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
