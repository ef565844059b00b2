"""The notices this room sends, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.forecasting.rules import ALARMS, CALLS, FAMILIES
from anlan.notices.selectors import message_register

FAMILY_NAMES = {**FAMILIES, CALLS: _("all calls")}
DRIFT = "forecasting.drift"
DRIFT_UNSHOWN = "forecasting.drift_unshown"
WAITS = "forecasting.release_waits"

message_register(
    DRIFT,
    _(
        "Forecast of {family}: {kind} ({value}, {n} days, allowed {low} to {high}). Look at the page of scores "
        "before you plan by it."
    ),
    words={"family": FAMILY_NAMES, "kind": ALARMS},
)
message_register(
    DRIFT_UNSHOWN,
    _(
        "Forecast of {family}, the model that is computed: {kind} ({value}, {n} days, allowed {low} to {high}). It "
        "is not shown; the yearly mean is, and stands beside it on the page of scores."
    ),
    words={"family": FAMILY_NAMES, "kind": ALARMS},
)
message_register(
    WAITS,
    _(
        "The forecast models judged for {day} and later wait for a signature ({days} days on record). Until somebody "
        "signs them in the register, the yearly mean is shown."
    ),
)
