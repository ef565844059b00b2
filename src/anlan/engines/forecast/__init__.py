"""Expected calls for help by place, shift and day: what may be learnt from, how it is forecast, how it is judged.

Pure: arrays in, arrays out; no disk, clock or store. The parts, in the order data pass through them:

- ``Rows`` are the columns as read; ``open_door(rows, Asked(...))`` refuses what may not be learnt from and gives a
  ``Record`` (the whole span) and ``Told`` (each refused row counted under its reason, and notes).
- ``History`` is what a model sees: ``series[category]`` (day, shift, cell among the active ones), ``all_events``,
  ``days`` (the watched ones), ``weather``, ``day_kinds``, and the handy ``counts``, ``decayed``, ``totals``.
  ``until(day)`` cuts off everything on or after ``day``; the harness hands over nothing else.
- ``Model`` has a ``name`` and ``fit(history, seed=) -> Fitted``; ``Fitted.means(history, day)`` gives, for each
  category of the history, an array (shifts, active cells) of expected events, finite and above zero, for the day
  on which ``history`` ends. Fitted objects are pickled to other processes.
- ``run(record, models, test_days, ...)`` fits before the span, rolls day by day, scores, and picks ``chosen`` per
  category by validation days inside training; ``lines(results)`` is the card of scores.

The bar, ``yearly_mean``, is always among the models, and is the product where nothing beats it.
"""

from anlan.engines.forecast.choice import Choice
from anlan.engines.forecast.columns import CITIZEN, NO_TIME, Rows, Told, never_forecast, station_only
from anlan.engines.forecast.contract import Fitted, Means, Model
from anlan.engines.forecast.door import Asked, open_door
from anlan.engines.forecast.errors import BadForecast, ForecastRefused
from anlan.engines.forecast.grid import Grid, grid_over
from anlan.engines.forecast.harness import BAR, CHOSEN, Results, run
from anlan.engines.forecast.history import History, Series, Weather, series_of
from anlan.engines.forecast.models.yearly_mean import YearlyMean
from anlan.engines.forecast.record import Record
from anlan.engines.forecast.report import lines
from anlan.engines.forecast.rolling import Sheet

__all__ = [
    "BAR",
    "CHOSEN",
    "CITIZEN",
    "NO_TIME",
    "Asked",
    "BadForecast",
    "Choice",
    "Fitted",
    "ForecastRefused",
    "Grid",
    "History",
    "Means",
    "Model",
    "Record",
    "Results",
    "Rows",
    "Series",
    "Sheet",
    "Told",
    "Weather",
    "YearlyMean",
    "grid_over",
    "lines",
    "never_forecast",
    "open_door",
    "run",
    "series_of",
    "station_only",
]
