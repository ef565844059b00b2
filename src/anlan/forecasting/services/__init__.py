"""Changes of this room: forecasts issued, scored, thinned; alarms raised and ended."""

from anlan.forecasting.services.alarms import alarms_look
from anlan.forecasting.services.issuing import forecast_issue, forecasts_replay
from anlan.forecasting.services.keeping import runs_thin
from anlan.forecasting.services.scoring import run_score

__all__ = ["alarms_look", "forecast_issue", "forecasts_replay", "run_score", "runs_thin"]
