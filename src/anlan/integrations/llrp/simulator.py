"""A reader that isn't there: speaks LLRP over a socket and tells what a simulated door heard.

For tests and for trying the whole way without hardware. Like the real ones it serves one client, wants a rule
(ROSpec) added, enabled and started before it tells anything, and stops telling when the line is gone; what
is heard meanwhile is lost, as with a reader without memory.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from anlan.engines.rfid import Beam, Event, Sighting
from anlan.integrations.llrp import frames as f
from anlan.integrations.llrp.reports import greeting_of, notice_of, report_of

IN_A_REPORT = 8
HELD = 2


@dataclass(slots=True)
class SimulatedReader:
    """``events`` are told once, from START on; with ``speed`` 1 as slowly as they happened, 0 at once."""

    events: Iterable[Event]
    speed: float = 0.0
    keepalive_s: float = 5.0
    asked: list[int] = field(default_factory=list)
    kept_alive: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    _server: socket.socket = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _is_held: bool = False
    _state: str = "none"

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.2)

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    @contextlib.contextmanager
    def running(self) -> Iterator[SimulatedReader]:
        """Serve in a thread of its own until left."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join(timeout=5)
            self._server.close()

    def _serve(self) -> None:
        stream = iter(self.events)
        while not self._stop.is_set():
            try:
                line, _ = self._server.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self._is_held:
                with line, contextlib.suppress(OSError):
                    line.sendall(f.Frame(f.READER_EVENT_NOTIFICATION, 0, greeting_of(HELD, _now_us())).bytes())
                continue
            self._is_held = True
            threading.Thread(target=self._hold, args=(line, stream), daemon=True).start()

    def _hold(self, line: socket.socket, stream: Iterator[Event]) -> None:
        self._state = "none"
        try:
            with line:
                line.sendall(f.Frame(f.READER_EVENT_NOTIFICATION, 0, greeting_of(0, _now_us())).bytes())
                self._talk(line, stream)
        except (OSError, f.BadFrame):
            pass
        finally:
            self._is_held = False

    def _talk(self, line: socket.socket, stream: Iterator[Event]) -> None:
        line.settimeout(0.02)
        coming, alive = f.Frames(), time.monotonic()
        while not self._stop.is_set():
            try:
                content = line.recv(65_536)
                if not content:
                    return
                for frame in coming.take(content):
                    if not self._answer(line, frame):
                        return
            except TimeoutError:
                pass
            if self._state == "started":
                self._tell(line, stream)
            if time.monotonic() - alive > self.keepalive_s:
                line.sendall(f.Frame(f.KEEPALIVE, 0, b"").bytes())
                alive = time.monotonic()

    def _answer(self, line: socket.socket, frame: f.Frame) -> bool:
        self.asked.append(frame.kind)
        if frame.kind == f.KEEPALIVE_ACK:
            self.kept_alive += 1
            return True
        if frame.kind not in f.RESPONSE:
            line.sendall(f.Frame(f.ERROR_MESSAGE, frame.number, f.status(109, "unsupported message")).bytes())
            return True
        steps = {f.ADD_ROSPEC: ("none", "added"), f.ENABLE_ROSPEC: ("added", "enabled"),
                 f.START_ROSPEC: ("enabled", "started"), f.STOP_ROSPEC: ("started", "added"),
                 f.DELETE_ROSPEC: (self._state, "none")}  # fmt: skip
        before, after = steps.get(frame.kind, (self._state, self._state))
        if self._state == before:
            self._state, told = after, f.status()
        else:
            told = f.status(402, f"the rule is {self._state}")
        line.sendall(f.Frame(f.RESPONSE[frame.kind], frame.number, told).bytes())
        return frame.kind != f.CLOSE_CONNECTION

    def _tell(self, line: socket.socket, stream: Iterator[Event]) -> None:
        together: list[Sighting] = []
        last_us: int | None = None
        for event in stream:
            if self.speed and last_us is not None:
                self._stop.wait(max(0.0, (event.t_us - last_us) / 1e6 / self.speed))
            last_us = event.t_us
            if isinstance(event, Sighting):
                together.append(event)
            elif isinstance(event, Beam):
                _send(line, together)
                together = []
                line.sendall(f.Frame(f.READER_EVENT_NOTIFICATION, 0, notice_of(event)).bytes())
            if len(together) >= (1 if self.speed else IN_A_REPORT):
                _send(line, together)
                together = []
            if self._stop.is_set():
                return
        _send(line, together)
        self.done.set()


def _send(line: socket.socket, sightings: list[Sighting]) -> None:
    if sightings:
        line.sendall(f.Frame(f.RO_ACCESS_REPORT, 0, report_of(sightings)).bytes())


def _now_us() -> int:
    return round(time.time() * 1e6)
