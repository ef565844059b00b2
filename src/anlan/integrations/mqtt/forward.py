"""From the journal beside a door to the centre: over a broker or straight by HTTP, in order, until acknowledged."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import requests
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from anlan.integrations.mqtt.journal import EdgeJournal
from anlan.integrations.mqtt.listen import Broker

log = logging.getLogger("anlan.gate_forward")
IDLE_S = 0.1
LINES = 4_000
ANSWER_S = 10.0


class LineDown(Exception):
    """The other side didn't acknowledge."""


class Way(Protocol):
    """How lines go: :meth:`send` returns when they are acknowledged, or raises :class:`LineDown`."""

    may_forget: bool
    """Whether what was acknowledged can be lost: a broker is killed before it wrote."""

    def send(self, lines: list[str]) -> None:
        """Lines of the journal, in order."""

    def broke(self) -> bool:
        """Whether what was acknowledged may be lost: the line was down since this was asked last."""


@dataclass(slots=True)
class OverHttp:
    """To ``POST /api/gates/<reader>/sightings`` of the centre at ``url``, with an interface token."""

    url: str
    reader: str
    token: str
    may_forget: bool = False  # The centre answers after its commit.

    def send(self, lines: list[str]) -> None:
        try:
            answer = requests.post(
                f"{self.url.rstrip('/')}/api/gates/{self.reader}/sightings",
                json={"lines": "\n".join(lines)},
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=ANSWER_S,
            )
        except requests.RequestException as problem:
            raise LineDown(str(problem)) from problem
        if answer.status_code != 200:
            raise LineDown(f"{answer.status_code} {answer.text[:200]}")

    def broke(self) -> bool:
        return False


class OverBroker:
    """To the broker's ``topic``, QoS 1: acknowledged when the broker has it."""

    may_forget = True

    def __init__(self, broker: Broker, topic: str) -> None:
        self._topic, self._broker = topic, broker
        self._is_down = threading.Event()
        self._client = self._made()

    def _made(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._broker.client_id,
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,
        )
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.ca_file:
            client.tls_set(self._broker.ca_file)
        return client

    def send(self, lines: list[str]) -> None:
        try:
            if self._is_down.is_set():
                raise LineDown("the broker hung up")
            if not self._client.is_connected():
                self._connect()
            told = self._client.publish(self._topic, "\n".join(lines).encode(), qos=1)
            told.wait_for_publish(timeout=ANSWER_S)
            if not told.is_published():
                raise LineDown("no acknowledgement")
        except (OSError, ValueError, RuntimeError) as problem:
            raise LineDown(str(problem)) from problem
        except LineDown:
            # What waits in the client is in the journal: a new one begins without it.
            self.close()
            raise

    def broke(self) -> bool:
        if not self._is_down.is_set():
            return False
        # Only a broker that answers has forgotten, or hasn't: until then there is nothing to tell again.
        try:
            self._connect()
        except (OSError, LineDown):
            return False
        return True

    def _connect(self) -> None:
        self.close()
        self._client = self._made()
        connected = threading.Event()
        self._client.on_connect = lambda *_: connected.set()
        self._client.connect(self._broker.host, self._broker.port, 20)
        self._client.loop_start()
        if not connected.wait(ANSWER_S):
            self.close()
            raise LineDown("no answer to the greeting")
        self._is_down.clear()
        self._client.on_disconnect = lambda *_: self._is_down.set()

    def close(self) -> None:
        """End the line."""
        self._client.on_disconnect = None
        self._client.disconnect()
        self._client.loop_stop()


def forward(
    journal: EdgeJournal,
    way: Way,
    stop: threading.Event,
    *,
    is_done: Callable[[], bool] = lambda: False,
    again_after_s: float = 1.0,
) -> int:
    """Send on what the journal holds until ``stop``, or until all is sent and ``is_done``; gives the lines sent.

    Where the other side may have forgotten what it acknowledged, a break makes it begin some lines earlier
    (:meth:`EdgeJournal.before`).
    """
    place, count = journal.place(), 0
    if way.may_forget:
        place = journal.before(place)
    while not stop.is_set():
        if way.broke():
            place = journal.before(place)
        lines, after = journal.waiting(place, LINES)
        if not lines:
            if is_done():
                break
            stop.wait(IDLE_S)
            continue
        try:
            way.send(lines)
        except LineDown as problem:
            log.warning("the line is down, what is heard is kept: %s", problem)
            stop.wait(again_after_s)
            continue
        count += len(lines)
        if after > journal.place():
            journal.sent(after)
        place = after
    return count
