"""What a stored protocol says, as the engine reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from anlan.engines.effects import Coins, Design, arms_of, coins_draw
from anlan.engines.forecast.grid import Grid
from anlan.patrol.trials.models import PatrolTrial

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Layout:
    """The trial's design with its coins, and where its blocks and rings lie.

    ``place`` says of each cell of the grid which place it belongs to: block ``k`` is ``k``, its ring ``blocks + k``,
    ``NOWHERE`` anything else. ``arms`` are 1 for extra visits and 0 for usual practice, (blocks, days).
    """

    design: Design
    coins: Coins
    grid: Grid
    place: NDArray[np.int64]
    blocks: int
    first_day: date
    start_minute: int
    minutes: int
    arms: NDArray[np.int8]

    def day(self, number: int) -> date:
        return self.first_day + timedelta(days=number)

    def span(self, number: int) -> tuple[datetime, datetime]:
        """The hours of a day of the trial."""
        begin = timezone.make_aware(datetime.combine(self.day(number), datetime.min.time()))
        begin += timedelta(minutes=self.start_minute)
        return begin, begin + timedelta(minutes=self.minutes)

    def place_of(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
        """Which block or ring each point lies in."""
        cell = self.grid.to_cell(lon, lat)
        return np.where(cell >= 0, self.place[cell], NOWHERE)


def layout_of(trial: PatrolTrial) -> Layout:
    """The layout by the trial's protocol alone: what happened to forecasts and cells since then changes nothing."""
    return layout_read(trial.protocol, first_day=trial.first_day)


def layout_read(protocol: dict[str, Any], *, first_day: date) -> Layout:
    """A protocol as the engine reads it."""
    grid = Grid(**protocol["grid"])
    blocks = protocol["blocks"]
    place = np.full(grid.nx * grid.ny, NOWHERE, dtype=np.int64)
    for k, block in enumerate(blocks):
        place[block["ring"]] = len(blocks) + k
    for k, block in enumerate(blocks):
        place[block["cells"]] = k
    design = Design(
        tuple((a, b) for a, b in protocol["pairs"]),
        protocol["periods"],
        protocol["period_days"],
        protocol["washout_days"],
    )
    coins = coins_draw(design, seed=protocol["seed"])
    return Layout(
        design, coins, grid, place, len(blocks), first_day, protocol["start_minute"], protocol["minutes"],
        arms_of(design, coins, n_blocks=len(blocks)),
    )  # fmt: skip
