"""How a timeline tells what happened to forecasts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.forecasting import events
from anlan.forecasting.messages import FAMILY_NAMES
from anlan.forecasting.rules import ALARMS

_WORDS = {"family": FAMILY_NAMES, "alarm": ALARMS}
sentence_register(events.RUN_ISSUED, _("The forecast for {day} was issued from {days} complete days."))
sentence_register(events.RUN_SCORED, _("The forecast for {day} was scored: {n} calls came."))
sentence_register(events.ALARM_RAISED, _("Forecast of {family}: {alarm} ({value} over {n} days)."), words=_WORDS)
sentence_register(events.ALARM_ENDED, _("Forecast of {family}: {alarm} no longer."), words=_WORDS)
sentence_register(
    events.RUNS_THINNED, _("Forecasts before {day} lost their cells; scores and cards stay ({n} runs).")
)
sentence_register(
    events.RELEASE_JUDGED, _("The models were judged anew: version {version}, from {days} complete days.")
)
sentence_register(
    events.RELEASE_AUDITED, _("Version {version} of the models was audited: {blocked} families held back.")
)
sentence_register(events.RELEASE_APPROVED, _("Version {version} of the models was signed."))
sentence_register(events.RELEASE_WITHDRAWN, _("Version {version} of the models was taken back: {reason}"))
sentence_register(events.POPULATION_TAKEN, _("Residents of {n} places were taken in from {source}."))
