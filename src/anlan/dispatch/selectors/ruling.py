"""The numbers live advice keeps to, for whoever asks what other numbers would have done."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.dispatch.rules import (
    COVER_CAP_S,
    COVER_LEAST,
    DIVERT_LEAST_S,
    PRIORITIES,
    SEND_ALLOWS,
    TOWN_ARRIVE_WITHIN,
    arrival_allows,
)
from anlan.tagging.selectors import incident_type

FOUR = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Ruling:
    """By priority, P1 first: the cap for the sake of cover and the gain a diversion needs; beside them the least
    cover that counts, and what a town team is given to be on the spot."""

    cover_cap_s: FOUR
    cover_least: float
    divert_least_s: FOUR
    town_within_s: float


def ruling_in_force() -> Ruling:
    """What holds now."""
    caps, gains = (
        tuple(float(table.get(priority, float("inf"))) for priority in PRIORITIES)
        for table in (COVER_CAP_S, DIVERT_LEAST_S)
    )
    return Ruling(caps, COVER_LEAST, gains, TOWN_ARRIVE_WITHIN.total_seconds())  # type: ignore[arg-type]


def reached_within_s(code: str, priority: str, setting: str) -> float:
    """Seconds from the call within which the first unit is due: to be sent, and then to arrive."""
    kind = incident_type(code)
    arrive = arrival_allows(
        priority, setting, town_s=kind.arrive_town_s, suburb_s=kind.arrive_suburb_s, rural_s=kind.arrive_rural_s
    )
    return (SEND_ALLOWS.get(priority, SEND_ALLOWS["P3"]) + arrive).total_seconds()
