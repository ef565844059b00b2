"""One round of the messages that are due: claimed, sent with no transaction open, written down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import connection

from anlan.core.actor import SYSTEM, Actor
from anlan.core.asking import any_due
from anlan.notices.models import OutboundMessage
from anlan.notices.selectors import messages_due
from anlan.notices.services import MessagePort, Outgoing, message_claim, message_not_sent, message_sent

log = logging.getLogger("anlan.messages")
A_ROUND = 50


def messages_deliver(
    *, port: MessagePort, clock: Callable[[], datetime], by: Actor = SYSTEM, limit: int = A_ROUND
) -> int:
    """Try every message that is due once; returns how many the channels took.

    Raises ``RuntimeError`` inside a transaction: a receiver that is slow to answer would hold up every call.
    """
    if connection.in_atomic_block:
        raise RuntimeError("messages go out with no transaction open")
    at = clock()
    if not any_due(OutboundMessage, "next_at", at=at):
        return 0
    return sum(_deliver(row, port, clock, by) for row in messages_due(at=at, limit=limit))


def _deliver(row: OutboundMessage, port: MessagePort, clock: Callable[[], datetime], by: Actor) -> bool:
    outgoing = message_claim(message=row, by=by, at=clock())
    if outgoing is None:
        return False
    problem = _sent(port, outgoing)
    if problem:
        message_not_sent(message=row, attempt=outgoing.attempt, problem=problem, by=by, at=clock())
        return False
    message_sent(message=row, by=by, at=clock())
    return True


def _sent(port: MessagePort, outgoing: Outgoing) -> str:
    """What the port says; a port that breaks is a channel that is down."""
    try:
        return port.send(outgoing)
    except Exception as problem:
        # The kind of trouble only: its text may hold the address.
        log.warning("%s broke with %s", outgoing, type(problem).__name__)
        return "port_broke"
