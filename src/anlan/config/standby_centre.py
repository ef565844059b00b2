"""The centre of a second machine, waiting: all modules are read, the store is opened when somebody takes over.

To read them takes six seconds of a processor, a minute and more on a machine with ten times as much to do. So the
process they are read into is started with the receiving one, and bears the centre when the button is pressed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.conf import settings

from anlan.config.server import web_workers

ANSWER_BYTES = 64
NURSERY = [sys.executable, "-m", "anlan.config.nursery"]


class Waiting:
    """The centre of ``home`` that will serve at ``address``; its words go to ``centre.log``."""

    def __init__(self, home: Path, address: tuple[str, int]) -> None:
        self.home, self.host, self.port = home, *address
        self._bearer = self._begun()

    def start(self) -> str:
        """Start it; returns the address people come to. Its group's number stands in ``centre.pid``."""
        if self._bearer.poll() is not None or not keys_are_the_same(self.home):
            # One that has ended, or read keys that were laid here anew since.
            self._bearer.kill()
            self._bearer = self._begun()
        assert self._bearer.stdin is not None
        assert self._bearer.stdout is not None
        self._bearer.stdin.write(f"{self.port} {self.host} {web_workers()}\n")
        self._bearer.stdin.flush()
        (self.home / "centre.pid").write_text(self._bearer.stdout.readline(), encoding="ascii")
        return f"http://{self.host}:{self.port}"

    def end(self) -> None:
        """Nobody is waiting any more; a centre that was started goes on."""
        self._bearer.kill()
        self._bearer.wait()

    def _begun(self) -> subprocess.Popen[str]:
        with (self.home / "centre.log").open("ab") as log:
            pipe = subprocess.PIPE
            # A group of its own: what stops the receiving process does not stop a centre that was born here.
            return subprocess.Popen(NURSERY, stdin=pipe, stdout=pipe, stderr=log, text=True, start_new_session=True)


def keys_are_the_same(home: Path) -> bool:
    """Whether the keys this process began with are those that lie here now: they are carried by hand, maybe late."""
    told = {"secret_key": settings.SECRET_KEY, "event_hash_key": settings.EVENT_HASH_KEY}
    found = {name: home / "secrets" / name for name in told}
    return all(
        not path.exists() or path.read_text(encoding="ascii").strip() == told[name] for name, path in found.items()
    )
