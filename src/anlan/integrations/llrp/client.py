"""A client that makes a reader listen at a door and hands on what it hears.

One client holds a reader; it refuses a second, which is told and tried again. Keepalives come every five seconds: a
line without any for three of them is dead, whatever the socket says. A reader that keeps alive and reports nothing
(its reference tags neither) for half a minute has its inventory begun anew.
"""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from anlan.engines.rfid import Event
from anlan.integrations.llrp import frames as f
from anlan.integrations.llrp.reports import connection_refused, events_in

log = logging.getLogger("anlan.llrp")
PORT = 5084
KEEPALIVE_MS = 5_000
DEAD_AFTER_S = 3 * KEEPALIVE_MS / 1000
ANSWER_S = 10.0
STOPPED_AFTER_S = 30.0
ROSPEC_ID = 1
SEEN = 0x1000 | 0x0400 | 0x0200 | 0x0100
"""Of each tag: antenna, strength, when first and last seen."""
SESSION = 0
"""Session 0: a tag answers again at once. The others silence it for seconds, which a door can't use."""
GPI_EVENTS = 3


class ReaderBusy(Exception):
    """Somebody else holds the reader; ``code`` is LLRP's."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the reader is held by another client (code {code})")
        self.code = code


class ReaderRefuses(Exception):
    """The reader answered with an error."""


def rospec(antennas: tuple[int, ...] = (0,)) -> bytes:
    """Listen on these antennas (0: all) till told otherwise, and report each tag at once."""
    singulation = f.parameter(f.SINGULATION, struct.pack(">BHI", SESSION << 6, 32, 0))
    command = f.parameter(f.INVENTORY_COMMAND, b"\0", singulation)
    antenna = f.parameter(f.ANTENNA_CONFIGURATION, struct.pack(">H", 0), command)
    inventory = f.parameter(f.INVENTORY, struct.pack(">HB", 1, 1), antenna)
    stop = f.parameter(f.AI_STOP, struct.pack(">BI", 0, 0))
    listed = struct.pack(f">H{len(antennas)}H", len(antennas), *antennas)
    report = f.parameter(
        f.REPORT_SPEC, struct.pack(">BH", 1, 1), f.parameter(f.CONTENT_SELECTOR, struct.pack(">H", SEEN))
    )
    boundary = f.parameter(
        f.BOUNDARY, f.parameter(f.START_TRIGGER, b"\0"), f.parameter(f.STOP_TRIGGER, struct.pack(">BI", 0, 0))
    )
    return f.parameter(
        f.ROSPEC,
        struct.pack(">IBB", ROSPEC_ID, 0, 0),
        boundary,
        f.parameter(f.AISPEC, listed, stop, inventory),
        report,
    )


def settings() -> bytes:
    """Keepalives, and to be told when an input (a light barrier) changes."""
    alive = f.parameter(f.KEEPALIVE_SPEC, struct.pack(">BI", 1, KEEPALIVE_MS))
    state = f.parameter(f.EVENT_STATE, struct.pack(">HB", GPI_EVENTS, 0x80))
    return b"\0" + f.parameter(f.EVENT_SPEC, state) + alive


@dataclass(slots=True)
class LlrpClient:
    """``tell`` gets the events of each report in turn; it is called before the next is read."""

    reader: str
    host: str
    tell: Callable[[list[Event]], None]
    port: int = PORT
    antennas: tuple[int, ...] = (0,)
    clock: Callable[[], float] = time.time
    _number: int = 0
    _frames: f.Frames = field(default_factory=f.Frames)
    _waiting: list[f.Frame] = field(default_factory=list)

    def run(self, stop: threading.Event, *, again_after_s: float = 2.0) -> None:
        """Hold the reader until told to stop; a line that breaks or a frame that is none is taken up anew."""
        while not stop.is_set():
            try:
                self.listen(stop)
            except (OSError, f.BadFrame, ReaderBusy, ReaderRefuses) as problem:
                log.warning("reader %s: %s", self.reader, problem)
                stop.wait(again_after_s)

    def listen(self, stop: threading.Event) -> None:
        """One connection, from greeting to end; raises what broke it."""
        self._frames, self._waiting = f.Frames(), []
        with socket.create_connection((self.host, self.port), timeout=ANSWER_S) as line:
            self._greeted(line)
            self._ask(line, f.SET_READER_CONFIG, settings())
            self._ask(line, f.DELETE_ROSPEC, struct.pack(">I", 0))
            self._ask(line, f.ADD_ROSPEC, rospec(self.antennas))
            self._begin(line)
            line.settimeout(0.5)
            self._hear(line, stop)
            line.settimeout(2.0)
            self._ask(line, f.CLOSE_CONNECTION, b"")

    def _begin(self, line: socket.socket) -> None:
        self._ask(line, f.ENABLE_ROSPEC, struct.pack(">I", ROSPEC_ID))
        self._ask(line, f.START_ROSPEC, struct.pack(">I", ROSPEC_ID))

    def _greeted(self, line: socket.socket) -> None:
        while True:
            for frame in self._read(line):
                if frame.kind == f.READER_EVENT_NOTIFICATION:
                    code = connection_refused(frame.body)
                    if code == 0:
                        return
                    if code is not None:
                        raise ReaderBusy(code)

    def _hear(self, line: socket.socket, stop: threading.Event) -> None:
        alive = reported = time.monotonic()
        for frame in self._waiting:
            self._take(line, frame)
        self._waiting = []
        while not stop.is_set():
            try:
                for frame in self._read(line):
                    alive = time.monotonic()
                    if self._take(line, frame):
                        reported = alive
            except TimeoutError:
                if time.monotonic() - alive > DEAD_AFTER_S:
                    raise OSError("no sign of life for three keepalives") from None
            if time.monotonic() - reported > STOPPED_AFTER_S:
                log.warning("reader %s reports nothing: its inventory is begun anew", self.reader)
                line.settimeout(ANSWER_S)
                self._ask(line, f.STOP_ROSPEC, struct.pack(">I", ROSPEC_ID), is_vital=False)
                self._begin(line)
                line.settimeout(0.5)
                reported = time.monotonic()

    def _take(self, line: socket.socket, frame: f.Frame) -> bool:
        if frame.kind == f.KEEPALIVE:
            line.sendall(f.Frame(f.KEEPALIVE_ACK, frame.number, b"").bytes())
        events = events_in(self.reader, frame, round(self.clock() * 1e6))
        if events:
            self.tell(events)
        return frame.kind == f.RO_ACCESS_REPORT

    def _read(self, line: socket.socket) -> list[f.Frame]:
        content = line.recv(65_536)
        if not content:
            raise OSError("the reader hung up")
        return list(self._frames.take(content))

    def _ask(self, line: socket.socket, kind: int, body: bytes, *, is_vital: bool = True) -> None:
        """Send and wait for the answer; reports that come in between are kept."""
        self._number += 1
        line.sendall(f.Frame(kind, self._number, body).bytes())
        until = time.monotonic() + ANSWER_S
        while time.monotonic() < until:
            answers: list[f.Frame] = []
            for frame in self._read(line):
                (answers if frame.kind in (f.RESPONSE[kind], f.ERROR_MESSAGE) else self._waiting).append(frame)
            for frame in answers:
                code, words = f.status_of(frame.body)
                if code and is_vital:
                    raise ReaderRefuses(f"{kind}: {code} {words}")
                return
        raise OSError(f"no answer to {kind} in {ANSWER_S:.0f} s")
