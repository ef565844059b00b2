"""The monthly audit by area: flags against calls, errors and bias by setting, how steady the order is."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta

import numpy as np

from anlan.accounts.models import Organisation
from anlan.engines.forecast.day_scores import flag_budget
from anlan.engines.forecast.equity import Equity, equity_audit
from anlan.engines.forecast.grid import Grid
from anlan.forecasting.models import ForecastRun
from anlan.forecasting.packing import cells_unpacked, unpacked
from anlan.forecasting.rules import FAMILIES, SHIFTS
from anlan.forecasting.selectors.record import Kept, day_number, record_kept
from anlan.places.selectors import areas_in_force, locate_many


def audit_of(*, days: int = 28, seed: int) -> dict[str, Equity]:
    """The audit of each family over the last scored days; empty where nothing was scored.

    Areas are station areas, groups their settings (town, suburb, countryside); flags are the 5 % of cells with
    most expected in each shift. Minutes of patrols are not on record by area, so what is compared is where the
    forecast pointed, never where anybody drove.
    """
    runs = list(ForecastRun.objects.exclude(scored_at=None).filter(sheets__score__isnull=False).distinct()[:days])
    if not runs:
        return {}
    whole = record_kept(end=runs[0].day + timedelta(days=1), heard_at=runs[0].issued_at)
    areas = list(Organisation.objects.filter(pk__in=runs[0].stations).order_by("path").values_list("pk", "code"))
    settings = {area.organisation_id: area.setting for area in areas_in_force("station")}
    groups: list[Hashable] = [settings.get(pk, "town") for pk, _code in areas]
    found = {}
    for family in FAMILIES:
        calls, expected, flags = _tables(runs, family, [pk for pk, _code in areas], whole)
        found[family] = equity_audit([code for _pk, code in areas], groups, calls, expected, flags, seed=seed)
    return found


def _tables(
    runs: list[ForecastRun], family: str, stations: list[int], kept: Kept
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
        for shift in means:
            top = np.argsort(-shift, kind="stable")[: flag_budget(len(shift), 5.0)]
            flags += np.bincount(where[top], minlength=width)
    return calls[:-1], expected[:-1], flags[:-1]


def _rows(run: ForecastRun, row: dict[int, int]) -> np.ndarray:
    lon, lat = Grid(**run.grid).centre(cells_unpacked(run.cells))
    found = locate_many(lon.tolist(), lat.tolist())
    return np.array(
        [row.get(where.station_id, len(row)) if where and where.station_id else len(row) for where in found],
        dtype=np.int64,
    )
