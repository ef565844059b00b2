"""One model fitted and tested: a task that another process can run. Nothing here knows the store."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.contract import Fitted, Model
from anlan.engines.forecast.flagging import Bounds
from anlan.engines.forecast.record import Record
from anlan.engines.forecast.rolling import Sheet, climatology, roll, timeless


def model_tried(
    model: Model, record: Record, tested: NDArray[np.int32], seed: int, bounds: Mapping[str, Bounds]
) -> tuple[Fitted, Sheet]:
    """The model fitted on what lies before the days tested, and its scored forecasts of them."""
    before = record.history.until(int(tested[0]))
    fitted = model.fit(before, seed=seed)
    sheet = roll(
        record,
        fitted,
        tested,
        model=model.name,
        flat=climatology(before),
        seed=seed,
        keep_means=True,
        clock=timeless,
        bounds=bounds,
    )
    return fitted, sheet
