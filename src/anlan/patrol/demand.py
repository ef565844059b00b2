"""Where a shift's calls are expected: by the forecast where there is one, else by the mean of the year before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.engines.geo import cell_centre, cells_of
from anlan.forecasting.selectors import FAMILIES, run_for, shift_told, spans_ahead
from anlan.intake.selectors import YEAR, calls_of_year
from anlan.patrol.rules import LEAST_REPORTS, MOST_CELLS
from anlan.places.selectors import locate_many

RESOLUTION = 8
"""Hexagons of about 0.7 square kilometres."""
FORECAST, BY_YEAR = "forecast", "year"


@dataclass(frozen=True)
class Wanted:
    """A place with the calls expected there in the shift, and why: reports of a year, by family where told."""

    lon: float
    lat: float
    expected: float
    station_id: int | None
    beat_code: str
    why: dict[str, Any] = field(default_factory=dict)


def demand_of_shift(
    actor: Actor, stations: frozenset[int], *, starts_at: datetime, ends_at: datetime, at: datetime
) -> tuple[list[Wanted], str]:
    """Places of these stations by what is expected of them, most first, and by what: ``forecast`` or ``year``.

    Citizens' reports alone, without the types no map may show by place, and only places with enough of them.
    """
    told = _by_forecast(actor, starts_at, ends_at, at)
    source = FORECAST if told else BY_YEAR
    found = [one for one in told or _by_year(starts_at, ends_at, at) if one.station_id in stations]
    return sorted(found, key=lambda one: (-one.expected, one.lon, one.lat))[:MOST_CELLS], source


def _by_forecast(actor: Actor, starts_at: datetime, ends_at: datetime, at: datetime) -> list[Wanted]:
    run = run_for(timezone.localtime(starts_at).date())
    if run is None:
        return []
    sums: dict[int, dict[str, Any]] = {}
    for span in spans_ahead(run, at=at):
        shared = (min(ends_at, span.ends_at) - max(starts_at, span.starts_at)) / (span.ends_at - span.starts_at)
        if shared <= 0:
            continue
        for family in FAMILIES:
            shift = shift_told(actor, run, family, span)
            for place in shift.places if shift else ():
                row = sums.setdefault(place.cell, {"place": place, "expected": 0.0, "families": defaultdict(float)})
                row["expected"] += place.expected * shared
                row["families"][family] += place.expected * shared
    return [
        Wanted(
            row["place"].lon,
            row["place"].lat,
            row["expected"],
            row["place"].station_id,
            row["place"].beat,
            {"family": max(row["families"], key=row["families"].get), "expected": round(row["expected"], 2)},
        )
        for row in sums.values()
    ]


def _by_year(starts_at: datetime, ends_at: datetime, at: datetime) -> list[Wanted]:
    told = calls_of_year(at)
    if not told:
        return []
    places = np.array([cell_centre(cell) for cell, _ in told])
    counts = np.array([n for _, n in told], dtype=np.float64)
    _, group = np.unique(cells_of(places[:, 0], places[:, 1], resolution=RESOLUTION), return_inverse=True)
    year = np.bincount(group, weights=counts)
    lon, lat = (np.bincount(group, weights=counts * places[:, axis]) / year for axis in (0, 1))
    located = locate_many(lon.tolist(), lat.tolist())
    part = (ends_at - starts_at) / YEAR
    return [
        Wanted(
            float(lon[k]),
            float(lat[k]),
            float(year[k]) * part,
            where.station_id if where else None,
            where.beat_code if where else "",
            {"year": int(year[k]), "expected": round(float(year[k]) * part, 2)},
        )
        for k, where in enumerate(located)
        if year[k] >= LEAST_REPORTS
    ]
