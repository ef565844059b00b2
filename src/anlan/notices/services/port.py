"""What carries a message out of the house: the one door, whatever stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way: where to, what it says, and ``reference``, which stays the same at every attempt.

    Who receives it more than once (the line broke after it had come) knows it by the reference.
    """

    id: int
    reference: str
    channel: str
    address: str
    text: str
    attempt: int

    def __repr__(self) -> str:
        # It may end up in a log: neither address nor words.
        return f"Outgoing({self.reference}, {self.channel}, attempt {self.attempt})"


@runtime_checkable
class MessagePort(Protocol):
    """Hands messages to a channel."""

    def send(self, outgoing: Outgoing) -> str:
        """Hand it over; empty when the channel took it, else a short code of what was wrong (``http_503``)."""
        ...
