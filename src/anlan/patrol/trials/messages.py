"""The notices trials send, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.notices.selectors import message_register
from anlan.patrol.trials.rules import STOPPED

WAITS = "patrol.trial_waits"
STOPPED_NOW = "patrol.trial_stopped"

message_register(
    WAITS,
    _(
        "A trial of extra visits waits for a second person's approval (first day {first_day}). Read what it can "
        "find and its harm rule, then approve it or drop it before that day."
    ),
)
message_register(
    STOPPED_NOW,
    _(
        "Trial {trial} was stopped: {why}. Calls so far: {extra} on extra visits, {usual} in usual practice. No "
        "extra visits are planned from now on; look at its page."
    ),
    words={"why": STOPPED},
)
