"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from anlan.core.clock import now


def page_shell(request: HttpRequest) -> dict[str, Any]:
    """Actor, server time (the one clock of all ages) and the address of the live stream."""
    return {
        "actor": getattr(request, "actor", None),
        "server_now": now(),
        "live_url": settings.LIVE_URL,
        "live_port_offset": settings.LIVE_PORT_OFFSET,
        "theme": request.COOKIES.get("anlan_theme", ""),
    }
