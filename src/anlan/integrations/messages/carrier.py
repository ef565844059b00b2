"""The real port: text messages, WeCom, DingTalk, Feishu and e-mail through the Apprise library.

A channel is an Apprise address in which ``{address}`` stands for the receiver and ``{reference}`` for the
message's own mark: ``mailto://user:password@mail.example.gov.cn?to={address}``. What may stand in either is
fixed before it comes here, and it is quoted: no receiver can bring along a second one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from anlan.integrations.messages.robots import robot_listen
from anlan.notices.services import Outgoing

if TYPE_CHECKING:
    from apprise import AppriseAsset

ADDRESS, REFERENCE = "{address}", "{reference}"
_STATUS = re.compile(r"error=(\d{3})")


class AppriseCarrier:
    """Hands one message at a time to the channel its settings name."""

    def __init__(self, channels: Mapping[str, str]) -> None:
        self._channels = {name: target for name, target in channels.items() if target}

    def send(self, outgoing: Outgoing) -> str:
        """Hand it over; empty when the channel took it, else ``http_503``, ``robot_93000``, ``no_answer`` …"""
        # Nobody who has every channel off pays for loading it.
        from apprise import Apprise, LogCapture

        target = self._channels.get(outgoing.channel)
        if target is None:
            return "switched_off"
        service = Apprise.instantiate(self._filled(target, outgoing), asset=_asset(), suppress_exceptions=True)
        if service is None:
            return "bad_settings"
        robot = robot_listen(service)
        with LogCapture(level=logging.WARNING, fmt="%(message)s") as told:
            took = Apprise([service], asset=_asset()).notify(body=outgoing.text)
            said = told.getvalue()
        if took:
            return ""
        if robot is not None and robot.refused:
            return f"robot_{robot.refused}"
        status = _STATUS.search(said)
        return f"http_{status[1]}" if status else "no_answer"

    @staticmethod
    def _filled(target: str, outgoing: Outgoing) -> str:
        address, reference = quote(outgoing.address, safe=""), quote(outgoing.reference, safe="")
        return target.replace(ADDRESS, address).replace(REFERENCE, reference)


def _asset() -> AppriseAsset:
    """How Apprise behaves here: it keeps nothing on disk, shows no pictures of others, and sends in this thread."""
    from apprise import AppriseAsset, PersistentStoreMode

    quiet: dict[str, Any] = {"image_url_mask": "", "image_url_logo": "", "app_url": ""}
    return AppriseAsset(
        storage_mode=PersistentStoreMode.MEMORY,
        async_mode=False,
        secure_logging=True,
        app_id="Anlan",
        app_desc="Anlan",
        **quiet,
    )


def channel_told(target: str) -> str:
    """What may be said of a channel's setting: the kind of service and the host, never what follows.

    Raises ``ValueError`` where the setting is none: no receiver stands in it, or nobody knows the service.
    """
    from apprise import Apprise

    if ADDRESS not in target:
        raise ValueError(f"{ADDRESS} is missing: where does the receiver stand?")
    sample = target.replace(ADDRESS, "13800000000").replace(REFERENCE, "m0")
    if Apprise.instantiate(sample, asset=_asset(), suppress_exceptions=True) is None:
        raise ValueError("the message library does not know such an address")
    parts = urlsplit(target)
    host = (parts.hostname or "") if "." in (parts.hostname or "") else ""
    return f"{parts.scheme} {host}".strip()
