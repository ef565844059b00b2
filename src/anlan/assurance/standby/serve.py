"""The standby's ear: takes what the other machine sends, one message after the other."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from anlan.assurance.standby.copy import CONTENT, FILES, Copy
from anlan.assurance.standby.kept import NotSound
from anlan.assurance.standby.looker import Looker
from anlan.core.sqlite_backend.sealed import LineBroken, SealedLine

log = logging.getLogger("anlan.standby")
SHAKE_HANDS_S = 10.0


class Ear(socketserver.ThreadingTCPServer):
    """Listens at ``address`` and keeps what comes in ``copy``; whoever lacks ``key`` is not heard."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, address: tuple[str, int], copy: Copy, key: bytes, *, clock: Callable[[], datetime]) -> None:
        self.copy, self.key, self.clock = copy, key, clock
        self.files_turn = threading.Lock()
        self.looker = Looker(copy, clock=clock)
        self.callers: dict[str, datetime] = {}
        """Who is on a line now, and since when."""
        self.trouble = ""
        """Why the copy could not be kept, last."""
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Heard)

    def about(self) -> dict[str, Any]:
        """What the other machine is told of this one when it greets."""
        seen, files = self.looker.seen, self.copy.files
        return {
            "checked_at": seen.at.isoformat() if seen.at else None,
            "is_sound": seen.is_sound,
            "files_known": files.known,
            "files_held": files.held,
        }

    def answer(self, head: dict[str, Any], data: bytes) -> dict[str, Any]:
        """Do what a message asks, of each store in its turn."""
        if head["kind"] in (FILES, CONTENT):
            with self.files_turn:
                return self.copy.take_file(head, data, at=self.clock())
        told = self.copy.take(head, data, at=self.clock())
        return {**told, "about": self.about()} if head["kind"] == "hello" else told


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
            self.server.callers[self._name] = self.server.clock()
            while True:
                line.send(self.server.answer(head, data))
                head, data = line.hear()
        except LineBroken as problem:
            log.debug("a line ended: %s", problem)
        except (OSError, NotSound) as problem:
            # Not held, so not said to be; the other side hears nothing and takes nothing more.
            self.server.trouble = str(problem)
            log.error("the copy can't be kept: %s", problem)
        finally:
            self.server.callers.pop(self._name, None)

    @property
    def _name(self) -> str:
        return f"{self.client_address[0]}:{self.client_address[1]}"
