"""The models that may stand beside the bar, in the order they are tried."""

from __future__ import annotations

from anlan.engines.forecast.contract import Model
from anlan.engines.forecast.models.stack import Stack
from anlan.engines.forecast.models.totals import Totals


def candidates() -> tuple[Model, ...]:
    """Every model that may be shown in the bar's place where it beats it; the bar itself isn't among them."""
    return (Stack(), Stack("blend", trees=True))


def parts() -> tuple[Model, ...]:
    """What the stack is made of, each by itself: to see what it brings alone, never shown by the product.

    ``totals`` is the regression on calendar and weather over the bar's map; ``decays`` own counts at six speeds of
    memory and the near-repeat kernel; ``shrunk`` the cells' counts drawn to kernels and these to the whole city;
    ``trees`` boosted trees on the plain counts of two years.
    """
    return (
        Totals(),
        Stack("decays", keep=("own_", "near_repeat")),
        Stack("shrunk", keep=("post_", "shift_"), keep_prior=("kernel_", "even")),
        Stack("trees", trees=True, keep=("own_730",)),
    )
