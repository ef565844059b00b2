"""What readers told over the broker goes into the store, in one transaction for as many messages as came together."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import close_old_connections

from anlan.core.actor import SYSTEM
from anlan.engines.rfid import BadLine, Event
from anlan.equipment.services import Heard, batches_take
from anlan.integrations.mqtt.listen import Message
from anlan.integrations.mqtt.shapes import sightings_of

log = logging.getLogger("anlan.mqtt")


def heard_in(message: Message) -> tuple[Heard, list[BadLine]]:
    """The events of a message that bear its reader's name, and the lines that tell none."""
    good: list[Event] = []
    bad: list[BadLine] = []
    for one in sightings_of(message.reader, message.content, message.received_us):
        if isinstance(one, BadLine):
            bad.append(one)
        elif one.reader != message.reader:
            bad.append(BadLine(0, "another_reader", one.reader))
        else:
            good.append(one)
    return Heard(message.reader, tuple(good), datetime.fromtimestamp(message.received_us / 1e6, tz=UTC)), bad


def messages_keep(messages: Sequence[Message]) -> None:
    """Keep all or none; what can't be read is told in the log with its reader, line and reason, and the rest kept."""
    close_old_connections()
    heard = []
    for message in messages:
        one, bad = heard_in(message)
        heard.append(one)
        for line in bad[:5]:
            log.warning("reader %s, line %s: %s (%s)", message.reader, line.line, line.reason, line.detail[:200])
    said = batches_take(heard=heard, by=SYSTEM, at=max(one.at for one in heard))
    if said["nobody"]:
        log.warning("%d messages of readers that nobody has entered (set up the door first)", said["nobody"])
