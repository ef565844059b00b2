"""What a command at the interface carries when it comes with the cookies of a page."""

from __future__ import annotations

from typing import Any
from uuid import uuid4


def command_headers(page: Any) -> dict[str, str]:
    """A key of its own, and the token by which our own pages are known."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "anlan_csrf")
    return {"Idempotency-Key": str(uuid4()), "X-CSRFToken": token, "Referer": page.url}
