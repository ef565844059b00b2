"""The monthly audit over days lived: flags against calls, errors and bias by setting, how steady the order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.accounts.models import Organisation
from anlan.engines.forecast.equity import Equity
from anlan.engines.forecast.grid import Grid
from anlan.forecasting.auditing import AreaTables, areas_of, audited
from anlan.forecasting.flagging import flags_by_need
from anlan.forecasting.models import ForecastRun, ForecastScore
from anlan.forecasting.packing import cells_unpacked, unpacked
from anlan.forecasting.rules import FAMILIES, SHIFTS
from anlan.forecasting.selectors.record import Kept, day_number, record_kept
from anlan.places.selectors import locate_many


def audit_of(*, days: int = 28, seed: int) -> dict[str, Equity]:
    """The audit of each family, and of all together, over the last scored days; empty where nothing was scored.

    Areas are station areas, groups their settings (town, suburb, countryside); flags are the 5 % of cells
    picked by need in each shift. Minutes of patrols are not on record by area, so what is compared is where the
    forecast pointed, never where anybody drove.
    """
    runs = list(ForecastRun.objects.exclude(scored_at=None).filter(sheets__score__isnull=False).distinct()[:days])
    if not runs:
        return {}
    whole = record_kept(end=runs[0].day + timedelta(days=1), heard_at=runs[0].issued_at)
    known = Organisation.objects.filter(pk__in=runs[0].stations)
    stations = list(known.order_by("path").values_list("pk", flat=True))
    codes, groups = areas_of(stations)
    tables = {family: _tables(runs, family, stations, whole) for family in FAMILIES}
    return audited(codes, groups, tables, seed=seed)


@dataclass(frozen=True, slots=True)
class FlagPrice:
    """What flags by need caught over days scored, and what as many flags without bounds by area would have."""

    family: str
    reports: int
    caught: int
    caught_unbounded: int


def flag_prices(*, days: int = 28) -> list[FlagPrice]:
    """The price of bounds by area, each family over its last scored days; days scored before them left out."""
    found = []
    for family in FAMILIES:
        scores = ForecastScore.objects.filter(family=family, places="cell").order_by("-day")[:days]
        shifts = [shift for score in scores for shift in score.hits.get("shifts", ()) if "plain" in shift]
        if shifts:
            caught, missed, plain = (sum(each[key] for each in shifts) for key in ("caught", "missed", "plain"))
            found.append(FlagPrice(family, caught + missed, caught, plain))
    return found


def _tables(runs: list[ForecastRun], family: str, stations: list[int], kept: Kept) -> AreaTables:
    """Calls and expected calls by (area, run), and how often a cell of each area was flagged."""
    row = {pk: k for k, pk in enumerate(stations)}
    came = np.array([row.get(int(pk), len(row)) for pk in kept.station_of], dtype=np.int64)
    width = len(row) + 1
    calls, expected, flags = np.zeros((width, len(runs))), np.zeros((width, len(runs))), np.zeros(width)
    for k, run in enumerate(runs):
        sheet = run.sheets.filter(family=family, lead_days=0, places="cell").first()
        if sheet is None or not sheet.means:
            continue
        where = _rows(run, row)
        means, number = unpacked(sheet.means, SHIFTS), day_number(run.day)
        by_cell = kept.record.history.counts(family, number, number + 1).sum(axis=0)
        calls[:, k] = np.bincount(came, weights=by_cell, minlength=width)
        expected[:, k] = np.bincount(where, weights=means.sum(axis=0), minlength=width)
        # Need stands by the run's own stations, which may have been other ones.
        own = _rows(run, {pk: k for k, pk in enumerate(run.stations)})
        picked = flags_by_need(means, own, run.facts.get("need", {}).get(family), day=number, seed=run.seed)
        flags += np.bincount(where, weights=picked.kept.sum(axis=0), minlength=width)
    return AreaTables(calls[:-1], expected[:-1], flags[:-1])


def _rows(run: ForecastRun, row: dict[int, int]) -> NDArray[np.int64]:
    lon, lat = Grid(**run.grid).centre(cells_unpacked(run.cells))
    found = locate_many(lon.tolist(), lat.tolist())
    return np.array(
        [row.get(where.station_id, len(row)) if where and where.station_id else len(row) for where in found],
        dtype=np.int64,
    )
