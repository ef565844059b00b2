"""Learning how long roads take at each time of the week, each figure drawn towards what is known more broadly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anlan.engines.arrival.rates import Group, LogRate, rate_of, rates_shrunk
from anlan.engines.roads.paces import PACE_LEAST, PACE_MOST, WEEK_BANDS, Paces

PACE_PRIOR = LogRate(0.0, 0.3, 0)
"""Judgement until drives are known: as the map says, give or take a third."""
PACE_STRENGTH = 20.0
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Drove:
    """What one drive says of one class of road: ``ratio`` times as long as the map says."""

    vehicle: str
    mode: str
    road_class: str
    band: str
    ratio: float

    @property
    def group(self) -> Group:
        """From coarse to fine: a class that is slow at all hours is known before its rush hours are."""
        return self.vehicle, self.mode, self.road_class, self.band


@dataclass(frozen=True, slots=True)
class Pace:
    """How many times as long a class of road takes in a part of the week, from ``n`` drives of that part itself.

    ``low`` and ``high`` hold it at 95 %, as far as drives spread alike.
    """

    vehicle: str
    mode: str
    road_class: str
    band: str
    factor: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, eq=False)
class PaceFit:
    """The learned rates by group, and how they are read."""

    rates: Mapping[Group, LogRate]

    def paces(self) -> Paces:
        """The factor of every (vehicle, mode, class) that was driven, in every part of the week."""
        return Paces({(row.vehicle, row.mode, row.road_class, row.band): row.factor for row in self.rows()})

    def rows(self) -> list[Pace]:
        """The same with how much each rests on."""
        told, rates = [], dict(self.rates)
        for group in sorted(group for group in self.rates if len(group) == 3):
            for band in WEEK_BANDS:
                rate = rate_of(rates, (*group, band))
                n = rate.n if (*group, band) in self.rates else 0
                half = Z95 * rate.sigma / float(np.sqrt(n + PACE_STRENGTH))
                factor, low, high = (
                    min(max(float(np.exp(mu)), PACE_LEAST), PACE_MOST)
                    for mu in (rate.mu, rate.mu - half, rate.mu + half)
                )
                told.append(Pace(*group, band, factor, low, high, n))
        return told

    def driven(self) -> dict[tuple[str, str, str], float]:
        """How many drives each (vehicle, mode, class) rests on."""
        return {
            (group[0], group[1], group[2]): float(rate.n) for group, rate in self.rates.items() if len(group) == 3
        }

    def content(self) -> list[list[Any]]:
        """The fit as plain data for keeping; `paces_from` reads it back."""
        return [[list(group), round(rate.mu, 5), round(rate.sigma, 5), rate.n] for group, rate in self.rates.items()]


def paces_learn(drives: Sequence[Drove], *, strength: float = PACE_STRENGTH) -> PaceFit:
    """Learn from drives; a group's figure is drawn towards its parent's as much as ``strength`` drives weigh.

    Ratios beyond what any road does (a unit that stopped on its way, a position that jumped) count as the bounds.
    """
    ratios = np.clip([drive.ratio for drive in drives], PACE_LEAST / 2.0, PACE_MOST * 2.0)
    groups = [drive.group for drive in drives]
    return PaceFit(rates_shrunk(ratios, groups, prior=PACE_PRIOR, strength=strength))


def paces_from(content: Sequence[Sequence[Any]]) -> PaceFit:
    """A fit from its plain data."""
    return PaceFit({tuple(group): LogRate(mu, sigma, n) for group, mu, sigma, n in content})
