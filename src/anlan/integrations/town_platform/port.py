"""What any town platform is told and tells: one small envelope, in either direction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

STATES = {
    "offer": "流转",
    "accept": "受理",
    "triage": "分流",
    "assign": "交办",
    "handle": "办理",
    "close": "办结",
    "revisit": "回访",
    "rate": "评价",
    "archive": "归档",
    "return": "退回",
    "extend": "延期",
    "supervise": "督办",
    "escalate": "升级",
}
"""The platform's states by their code, with the word it shows."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One change of one matter: codes, numbers and times, never a name, a telephone or anybody's words.

    ``id`` is the sender's and stays the same however often it is sent; ``sequence`` grows with the sender's own
    order, so that a receiver can tell what came late.
    """

    id: str
    matter: str
    state: str
    at: datetime
    organisation: str
    sequence: str = ""
    result: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it goes over the wire."""
        return {
            "id": self.id,
            "matter": self.matter,
            "state": self.state,
            "state_name": STATES[self.state],
            "at": self.at.isoformat(),
            "organisation": self.organisation,
            "sequence": self.sequence,
            "result": self.result,
        }


@runtime_checkable
class TownPlatformPort(Protocol):
    """Hands envelopes to a town platform."""

    def send(self, body: bytes, *, key: str, at: datetime) -> str:
        """Hand one over, signed with that key; empty when it was taken, else ``no_answer``, ``http_503`` …"""
        ...
