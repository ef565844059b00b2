"""Timed work: messages go out. It waits for others, so the worker runs it beside its clocks."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from anlan.core.clock import now
from anlan.integrations.messages.carrier import AppriseCarrier
from anlan.integrations.messages.delivery import messages_deliver


def messages_go_out(*, at: datetime) -> int:
    """Try what is due; while every channel is off only what ran out of time is ended."""
    return messages_deliver(port=AppriseCarrier(settings.MESSAGE_CHANNELS), clock=now)
