"""The standby's ear: takes what the other machine sends, one message after the other."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from datetime import datetime

from anlan.assurance.standby.copy import Copy, NotSound
from anlan.core.sqlite_backend.sealed import LineBroken, SealedLine

log = logging.getLogger("anlan.standby")
SHAKE_HANDS_S = 10.0


class Ear(socketserver.ThreadingTCPServer):
    """Listens at ``address`` and keeps what comes in ``copy``; whoever lacks ``key`` is not heard."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, address: tuple[str, int], copy: Copy, key: bytes, *, clock: Callable[[], datetime]) -> None:
        self.copy, self.key, self.clock = copy, key, clock
        self.turn = threading.Lock()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Heard)


class _Heard(socketserver.BaseRequestHandler):
    server: Ear
    request: socket.socket

    def handle(self) -> None:
        """One process of the other machine, until it leaves."""
        try:
            self.request.settimeout(SHAKE_HANDS_S)
            line = SealedLine(self.request, self.server.key, is_caller=False)
            head, data = line.hear()
            # Proven to have the key; a quiet night may last.
            self.request.settimeout(None)
            while True:
                with self.server.turn:
                    told = self.server.copy.take(head, data, at=self.server.clock())
                line.send(told)
                head, data = line.hear()
        except LineBroken as problem:
            log.info("a line ended: %s", problem)
        except (OSError, NotSound) as problem:
            # Not held, so not said to be; the other side hears nothing and takes nothing more.
            log.error("the copy can't be kept: %s", problem)
