"""What the size of a place was worth on open records; never on this store's own.

The figures are those of the table in docs/forecasting-method.md, from which tools/docs_forecast.py writes them.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from anlan.engines.forecast.size_curve import Panel, panels


@cache
def sizes_measured() -> tuple[Panel, ...]:
    """The comparison that came with the program, a panel for each set of rows."""
    text = files("anlan.forecasting").joinpath("data", "sizes-1.json").read_text(encoding="utf-8")
    return panels(json.loads(text))
