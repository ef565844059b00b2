"""The models that may stand beside the bar, in the order they are tried."""

from __future__ import annotations

from anlan.engines.forecast.contract import Model
from anlan.engines.forecast.models.stack import Stack


def candidates() -> tuple[Model, ...]:
    """Every model that may be shown in the bar's place where it beats it; the bar itself isn't among them."""
    return (Stack(), Stack("blend", trees=True))
