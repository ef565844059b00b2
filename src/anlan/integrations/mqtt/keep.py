"""What readers told over the broker goes into the store, in one transaction for as many messages as came together."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import close_old_connections

from anlan.core.actor import SYSTEM
from anlan.equipment.services import Heard, batches_take, heard_in
from anlan.integrations.mqtt.listen import Message
from anlan.integrations.mqtt.shapes import sightings_of

log = logging.getLogger("anlan.mqtt")


def heard_of(message: Message) -> Heard:
    """The events of a message that bear its reader's name, and the lines that tell none."""
    at = datetime.fromtimestamp(message.received_us / 1e6, tz=UTC)
    return heard_in(message.reader, sightings_of(message.reader, message.content, message.received_us), at)


def messages_keep(messages: Sequence[Message]) -> None:
    """Keep all or none; what no door can take is put aside with its reader, line and reason, and told in the log."""
    close_old_connections()
    heard = [heard_of(message) for message in messages]
    said = batches_take(heard=heard, by=SYSTEM, at=max(one.at for one in heard))
    if said["nobody"]:
        log.warning("%d messages of readers that nobody has entered are put aside", said["nobody"])
    if bad := sum(len(one.bad) for one in heard):
        log.warning("%d lines that tell no event are put aside", bad)
