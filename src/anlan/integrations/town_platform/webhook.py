"""The one real adapter: a signed JSON body, posted."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anlan.integrations.town_platform.signing import PlatformKey, signed

WAIT_S = 5.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A body signed for one address is not carried to another."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


class WebhookPlatform:
    """Posts to one address; ``wait_s`` is how long an answer may take."""

    def __init__(self, url: str, keys: Mapping[str, PlatformKey], *, wait_s: float = WAIT_S) -> None:
        if not url.startswith(("https://", "http://")):
            raise ValueError("the platform's address must begin with https:// or http://")
        self._url, self._keys, self._wait_s = url, dict(keys), wait_s
        # Never through a proxy of the environment: where it goes is said in one place.
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def send(self, body: bytes, *, key: str, at: datetime) -> str:
        """Post it; empty for an answer of 200 to 299."""
        held = self._keys.get(key)
        if held is None:
            return "key_gone"
        headers = {"Content-Type": "application/json; charset=utf-8", **signed(held, body, at=at)}
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")
        try:
            with self._opener.open(request, timeout=self._wait_s) as answer:
                answer.read(1)
                return ""
        except urllib.error.HTTPError as refused:
            refused.close()
            return f"http_{refused.code}"
        except (urllib.error.URLError, OSError):
            return "no_answer"
