"""What the forecast offers to cover: all families of the shift together, or nothing where one is missing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime

import numpy as np
import pytest

from anlan.dispatch.cover_ground import demand_of
from anlan.engines.forecast.grid import grid_over
from anlan.forecasting.models import ForecastRun, ForecastSheet
from anlan.forecasting.packing import cells_packed, packed
from anlan.forecasting.rules import BAR, FAMILIES
from anlan.forecasting.selectors.expected import demand_expected

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai: the second shift of three


@pytest.fixture
def run():
    """Two cells; every family expects 0.1 and 0.2 in the second shift of 2 March and nothing in the others."""
    grid = grid_over(np.array([120.05, 120.15]), np.array([28.89, 28.91]), cell_m=500.0)
    cells = grid.to_cell(np.array([120.06, 120.14]), np.array([28.90, 28.90]))
    row = ForecastRun.objects.create(
        day=date(2026, 3, 2), issued_at=MORNING, model_version="1", record_sha256="0" * 64, seed=1, cell_m=500.0,
        grid=asdict(grid), cells=cells_packed(cells), stations=[], chosen={}, card={}, facts={},
    )  # fmt: skip
    means = packed([[0.0, 0.0], [0.1, 0.2], [0.0, 0.0]])
    for family in FAMILIES:
        ForecastSheet.objects.create(
            run=row, family=family, places="cell", lead_days=0, model=BAR, means=means, bar=means
        )
    return row


def test_cover_reckons_with_the_forecast_of_the_shift_as_a_rate_a_day(run):
    told = demand_expected(MORNING)
    assert told.a_day == pytest.approx([0.1 * 5 * 3, 0.2 * 5 * 3], rel=1e-5)
    assert told.lon == pytest.approx([120.06, 120.14], abs=0.005)
    assert demand_of(MORNING).source == "forecast"


def test_half_a_forecast_or_none_leaves_it_to_the_mean_of_the_year(run):
    run.sheets.filter(family="theft").delete()
    assert demand_expected(MORNING) is None
    assert demand_of(MORNING).source == "year"
