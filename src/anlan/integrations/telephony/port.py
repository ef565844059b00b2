"""What any telephone switch must offer, and what it tells.

A switch tells of line events; ``line_event_take`` brings them to intake. In the other direction the desk
asks it to ring somebody back or to bring a partner desk into the call. While a switch is down
(``is_up`` is false) calls are entered by hand and everything else goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

RING, ANSWER, HANG_UP = "ring", "answer", "hang_up"


@dataclass(frozen=True, slots=True)
class LineEvent:
    """One thing that happened on a line.

    ``phone``, ``lon``, ``lat`` (WGS 84) and ``radius_m`` come with a ring as far as the network knows
    them; ``recording_ref`` names the recording where it is kept, it is never the sound itself.
    """

    kind: str
    at: datetime
    line: str
    phone: str = ""
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    seat: str = ""
    recording_ref: str = ""


@runtime_checkable
class TelephonyPort(Protocol):
    """A telephone switch."""

    @property
    def is_up(self) -> bool:
        """Whether the switch answers at all."""
        ...

    def events(self, *, until: datetime) -> Iterator[LineEvent]:
        """What happened up to ``until`` and was not told yet, in order of time."""
        ...

    def answer(self, line: str, *, seat: str, at: datetime) -> bool:
        """Put the call that rings on ``line`` through to a seat; True when the switch took the order."""
        ...

    def hang_up(self, line: str, *, at: datetime) -> bool:
        """End the call on ``line``."""
        ...

    def ring_back(self, phone: str, *, line: str, at: datetime) -> bool:
        """Ring somebody from ``line``; True when the switch took the order."""
        ...

    def conference(self, line: str, partner: str, *, at: datetime) -> bool:
        """Bring the partner desk (12345, 119, 120) into the call on ``line``: three parties, nobody drops out."""
        ...
