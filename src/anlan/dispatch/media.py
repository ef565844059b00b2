"""What is sent from the spot, made fit to be kept, whichever kind it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CleanMedia:
    """A content fit to be kept: its bytes, what they are, and for a recording how long it lasts."""

    media_type: str
    data: bytes
    duration_s: float | None = None
