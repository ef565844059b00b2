"""Timed work: what happened is gathered, and told beside the clocks."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from anlan.core.clock import now
from anlan.integrations.town_platform.outgoing import deliveries_gather, deliveries_send
from anlan.integrations.town_platform.signing import keys_read
from anlan.integrations.town_platform.webhook import WebhookPlatform


def platform_gather(*, at: datetime) -> int:
    """Put on its way what a platform is told; nothing while none is switched on."""
    if not settings.TOWN_PLATFORM_URL:
        return 0
    return deliveries_gather(keys=keys_read(settings.TOWN_PLATFORM_KEYS), at=at)


def platform_tell(*, at: datetime) -> int:
    """Tell it; nothing while none is switched on."""
    if not settings.TOWN_PLATFORM_URL:
        return 0
    keys = keys_read(settings.TOWN_PLATFORM_KEYS)
    return deliveries_send(port=WebhookPlatform(settings.TOWN_PLATFORM_URL, keys), clock=now)
