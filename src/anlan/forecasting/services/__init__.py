"""Changes of this room: models judged and signed, forecasts issued, scored, thinned; alarms raised and ended."""

from anlan.forecasting.services.alarms import alarms_look
from anlan.forecasting.services.issuing import forecast_issue, forecasts_replay
from anlan.forecasting.services.keeping import runs_thin
from anlan.forecasting.services.population import Residents, population_take
from anlan.forecasting.services.releasing import release_approve, release_audit, release_ready, release_withdraw
from anlan.forecasting.services.scoring import run_score

__all__ = [
    "Residents",
    "alarms_look",
    "forecast_issue",
    "forecasts_replay",
    "population_take",
    "release_approve",
    "release_audit",
    "release_ready",
    "release_withdraw",
    "run_score",
    "runs_thin",
]
