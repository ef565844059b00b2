"""What the forecast offers to who reckons with where calls are expected: its cells, as a rate over the day."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.utils import timezone

from anlan.dispatch.selectors import Demand
from anlan.engines.forecast.grid import Grid
from anlan.forecasting.packing import cells_unpacked, unpacked
from anlan.forecasting.rules import FAMILIES, SHIFT_HOURS, SHIFTS
from anlan.forecasting.selectors.shown import run_for, sheet_of


def demand_expected(at: datetime) -> Demand | None:
    """Calls expected by cell in the shift of ``at``, all families together, as if the whole day were like it.

    Each family as it is shown: by its model, or by the yearly mean where that is held back. None where no run
    speaks of the day, or not of every family: half a demand would send units to where the other half isn't.
    """
    local = timezone.localtime(at)
    run = run_for(local.date())
    if run is None:
        return None
    sheets = [sheet_of(run, family, local.date()) for family in FAMILIES]
    held = [sheet for sheet in sheets if sheet is not None]
    if len(held) < len(sheets):
        return None
    shift = local.hour // SHIFT_HOURS
    a_day = np.sum([unpacked(sheet.means, SHIFTS)[shift] for sheet in held], axis=0) * SHIFTS
    lon, lat = Grid(**run.grid).centre(cells_unpacked(run.cells))
    return Demand(np.asarray(lon), np.asarray(lat), a_day, "forecast", 0)
