"""What can happen here."""

RUN_ISSUED = "forecasting.run_issued"
RUN_SCORED = "forecasting.run_scored"
ALARM_RAISED = "forecasting.alarm_raised"
ALARM_ENDED = "forecasting.alarm_ended"
RUNS_THINNED = "forecasting.runs_thinned"
