"""What may be drawn on a map of today, and what the bureau aims at."""

from __future__ import annotations

HEAT_NEVER = ("0109", "0801", "10", "12")
"""Types that measure where officers look, or who speaks up: drugs, gatherings, tips, complaints about policing."""
HEAT_BY_STATION = ("0204",)
"""Violence at home is told by station area only: a small cell would point at the home."""
HEAT_LEAST = 5
"""Fewer in one place are never told of that place (disclosure control inside the bureau: k = 5)."""
HEAT_BANDS = (5, 10, 20, 40)
"""Lower ends of the bands told instead of counts: from exact counts of two moments the one between could be read."""
OUTSIDE_LEAST = 10
OUTSIDE_STEP = 5
"""What leaves the house tells no cell of fewer, and multiples of the step (twice what is told inside)."""
OUTSIDE_CLOSED_AFTER = 7
"""Days after a month's end from which its counts stand and may leave the house."""
AXES = ("area", "month", "family")
"""What counts for outside may be told by: station area, month, the first two digits of the type."""
AIMS = {"arrive_5": 0.95, "divert_rate": 0.51}
"""Shares the bureau aims at, drawn as a mark beside the figure; a figure without one has none."""


def heat_place(code: str) -> str:
    """Where an incident of that type may be drawn: "cell", "station" or "" for nowhere.

    A matter without a type is drawn nowhere until it has one.
    """
    if not code or code.startswith(HEAT_NEVER):
        return ""
    return "station" if code.startswith(HEAT_BY_STATION) else "cell"


def is_delicate(code: str) -> bool:
    """Whether the type is left out where visitors can read along."""
    return heat_place(code) != "cell"


def heat_band(count: int) -> int | None:
    """Which band a count lies in, counted from 0; None where it is too small to be told."""
    return None if count < HEAT_LEAST else sum(count >= low for low in HEAT_BANDS) - 1
