"""A real broker (Debian's mosquitto) for tests: started, killed without warning and started again on its port."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from needs import mosquitto


class RealBroker:
    """``folder`` keeps what it was told, so that it survives being killed."""

    def __init__(self, folder: Path) -> None:
        self.program = mosquitto()
        if self.program is None:
            pytest.skip("no mosquitto on this machine, and none could be fetched")
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        (folder / "broker.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\n"
            "max_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\n"
        )
        self.running: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [str(self.program), "-c", str(self.folder / "broker.conf")]
        self.running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
                return
            time.sleep(0.02)
        raise AssertionError("mosquitto doesn't answer")

    def kill(self) -> None:
        """As a power cut would."""
        if self.running is not None:
            self.running.kill()
            self.running.wait(timeout=10)
            self.running = None
