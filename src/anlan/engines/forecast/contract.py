"""The one small interface between models and the harness."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import History

Means = dict[str, NDArray[np.float64]]
"""Expected events by category: arrays (shifts, active cells), finite and above zero."""


class Fitted(Protocol):
    """A model fitted on a history. It must survive pickling: it may be used in another process."""

    def means(self, history: History, day: int) -> Means:
        """The forecast for ``day`` issued from ``history``, which ends on ``day`` (``history.end == day``).

        One array (shifts, active cells) for every category of the history. The same history, day and fit give
        the same bits.
        """
        ...


class Model(Protocol):
    """A way to forecast. ``name`` is what tables show; letters, digits and underscores."""

    @property
    def name(self) -> str: ...

    def fit(self, history: History, *, seed: int) -> Fitted:
        """Learn what doesn't change from day to day. ``history`` ends where the forecasts begin."""
        ...
