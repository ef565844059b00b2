"""States of what goes to another system."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.state_machine import StateMachine

DELIVERY = StateMachine(
    "integrations.delivery",
    labels={
        "waiting": _("waits to be told"),
        "sending": _("being told"),
        "taken": _("taken by the platform"),
        "given_up": _("given up"),
    },
    moves={"waiting": ("sending",), "sending": ("taken", "waiting", "given_up")},
)
OUTCOMES = {
    "taken": _("done here"),
    "noted": _("noted, changes nothing here"),
    "late": _("came late, changes nothing"),
}
