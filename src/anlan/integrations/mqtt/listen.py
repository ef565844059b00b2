"""Readers' messages from a broker, acknowledged after they are safe.

At least once (QoS 1), in a session that the broker keeps while we are away. A message is acknowledged when ``keep``
has returned, that is after our commit: killed before, it comes again; killed after, it comes again and is known. The
broker never has more than :data:`IN_FLIGHT` messages under way to us, so memory has a bound whatever comes.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

log = logging.getLogger("anlan.mqtt")
IN_FLIGHT = 2_000
SESSION_S = 7 * 24 * 3600
"""So long the broker keeps what comes while nobody listens."""
TOGETHER = 500
GATHER_S = 0.03
WAIT_S = 0.2
KEEPALIVE_S = 20


@dataclass(frozen=True, slots=True)
class Message:
    """What came: ``reader`` is the level of the topic where the filter has its ``+``."""

    reader: str
    content: bytes
    received_us: int
    number: int = 0
    connection: int = 0
    qos: int = 1


@dataclass(frozen=True, slots=True)
class Broker:
    """Where and as whom; ``filters`` like ``anlan/gates/+``: the one ``+`` stands for the reader's name."""

    host: str
    port: int = 1883
    client_id: str = "anlan-gates"
    filters: tuple[str, ...] = ("anlan/gates/+",)
    user: str = ""
    password: str = ""
    ca_file: str = ""


@dataclass(slots=True)
class Listener:
    """``keep`` makes messages safe, all or none; it may raise, then none is acknowledged and all come again."""

    broker: Broker
    keep: Callable[[Sequence[Message]], None]
    clock: Callable[[], float] = time.time
    kept: int = 0
    failed: int = 0
    _came: queue.Queue[Message] = field(default_factory=queue.Queue)
    _connection: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop; a line that breaks is taken up again."""
        client = self._client()
        client.connect_async(
            self.broker.host, self.broker.port, KEEPALIVE_S, clean_start=False, properties=_session()
        )  # fmt: skip
        client.loop_start()
        try:
            while not stop.is_set():
                messages = self._gathered()
                if messages:
                    self._kept(client, messages, stop)
        finally:
            client.disconnect()
            client.loop_stop()

    def _kept(self, client: paho.Client, messages: list[Message], stop: threading.Event) -> None:
        try:
            self.keep(messages)
        except Exception:
            self.failed += 1
            log.exception("%d messages could not be kept; the broker is asked for them again", len(messages))
            self._ask_again(client)
            stop.wait(1.0)
            return
        self.kept += len(messages)
        with self._lock:
            for one in messages:
                # A number belongs to a connection: on the next it may be another message's.
                if one.connection == self._connection:
                    client.ack(one.number, one.qos)

    def _gathered(self) -> list[Message]:
        """What came, some together: one commit for all of them."""
        try:
            found = [self._came.get(timeout=WAIT_S)]
        except queue.Empty:
            return []
        until = time.monotonic() + GATHER_S
        while len(found) < TOGETHER:
            try:
                found.append(self._came.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        return found

    def _ask_again(self, client: paho.Client) -> None:
        """Only a new connection makes a broker tell again what wasn't acknowledged."""
        self._forget()
        client.reconnect()

    def _forget(self) -> None:
        with self._lock:
            self._connection += 1
            while True:
                try:
                    self._came.get_nowait()
                except queue.Empty:
                    return

    def _client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=self.broker.client_id, protocol=paho.MQTTv5, manual_ack=True
        )
        if self.broker.user:
            client.username_pw_set(self.broker.user, self.broker.password)
        if self.broker.ca_file:
            client.tls_set(self.broker.ca_file)
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: paho.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.warning("the broker refuses: %s", reason)
            return
        client.subscribe([(one, SubscribeOptions(qos=1)) for one in self.broker.filters])

    def _on_disconnect(self, _client: Any, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        log.warning("the line to the broker is down: %s", reason)
        self._forget()

    def _on_message(self, _client: Any, _userdata: Any, message: paho.MQTTMessage) -> None:
        reader = reader_of(message.topic, self.broker.filters)
        with self._lock:
            self._came.put(
                Message(
                    reader,
                    bytes(message.payload),
                    round(self.clock() * 1e6),
                    message.mid,
                    self._connection,
                    message.qos,
                )
            )


def _session() -> Properties:
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = SESSION_S
    properties.ReceiveMaximum = IN_FLIGHT
    return properties


def reader_of(topic: str, filters: Sequence[str]) -> str:
    """The level of ``topic`` where a filter that fits has its first ``+``; empty where none fits."""
    levels = topic.split("/")
    for one in filters:
        wanted = one.split("/")
        if wanted[-1] == "#":
            wanted, told = wanted[:-1], levels[: len(wanted) - 1]
        else:
            told = levels
        if len(wanted) == len(told) and all(w in ("+", t) for w, t in zip(wanted, told, strict=True)):
            return next((t for w, t in zip(wanted, told, strict=True) if w == "+"), "")
    return ""
