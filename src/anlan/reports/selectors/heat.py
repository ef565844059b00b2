"""Where citizens reported from, hour by hour, in a form from which no single report can be picked out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.engines.geo import gather_few, is_gathered
from anlan.reports.rules import HEAT_LEAST, heat_band, heat_place
from anlan.reports.selectors.kpi import conditions_of, kpi_find, part_of, rows_of

HEAT_KEY = "volume:origin-citizen"
"""The figure whose records the heat is drawn from: reported by citizens, never found by patrols."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Citizens' reports of a day or an hour: ``total`` of them, ``drawn`` on the map, the rest not.

    ``cells`` are hexagons with the band of their count, the larger ones counting only what stands in no
    smaller one; ``stations`` are organisations with the band of what stands in no cell: violence at home, and
    what is too few even for the largest.
    """

    total: int
    drawn: int
    cells: tuple[tuple[int, int], ...]
    stations: tuple[tuple[int, int], ...]

    @property
    def not_drawn(self) -> int:
        """Too few even in a station area, no place known, or of a type that is never drawn: told together."""
        return self.total - self.drawn


@dataclass(frozen=True, slots=True)
class HeatDay:
    """The whole period, and each local hour of the day in which something was reported."""

    day: Heat
    hours: dict[int, Heat]


Report = tuple[datetime, str, int | None, int | None]


def heat_day(actor: Actor, *, start: datetime, end: datetime, organisation: Organisation | None = None) -> HeatDay:
    """The heat of one local day, from the records ``actor`` may see. One query over that day.

    Raises ``PeriodRefused``.
    """
    kpi, split = kpi_find(HEAT_KEY, on=start)
    rows = rows_of(kpi.records, part_of(actor, start, end, organisation, None)).filter(conditions_of(kpi, split)[1])
    reports: list[Report] = list(rows.values_list("received_at", "code", "cell", "station_id"))
    zone = timezone.get_current_timezone()
    by_hour: dict[int, list[Report]] = {}
    for report in reports:
        by_hour.setdefault(report[0].astimezone(zone).hour, []).append(report)
    return HeatDay(_heat(reports), {hour: _heat(found) for hour, found in sorted(by_hour.items())})


def _heat(reports: Iterable[Report]) -> Heat:
    told = [(heat_place(code), cell, station) for _at, code, cell, station in reports]
    cells = Counter(cell for place, cell, _station in told if place == "cell" and cell)
    shown, _left = gather_few(cells, least=HEAT_LEAST)
    # What is too few for a cell of any size is told by station area, each report once: in a cell or in an area.
    stations = Counter(
        station
        for place, cell, station in told
        if station and (place == "station" or (place == "cell" and not (cell and is_gathered(cell, shown))))
    )
    drawn = sum(shown.values()) + sum(count for count in stations.values() if count >= HEAT_LEAST)
    return Heat(len(told), drawn, _banded(shown), _banded(stations))


def _banded(counts: dict[int, int]) -> tuple[tuple[int, int], ...]:
    """The bands of all that may be told, most first."""
    found = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return tuple((key, band) for key, count in found if (band := heat_band(count)) is not None)
