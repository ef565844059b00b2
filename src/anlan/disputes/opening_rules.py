"""When a report makes a file by being the second of its matter, and what a person may say to that."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SECOND_REPORT = "second-report-1"
"""Names the rule and its edition: a type that makes a file from its second report, reported at the same place before.

Same type, at most the repeat distance apart (or the very same address), within the repeat window, the earlier one
over. The numbers stand with each suggestion, as they were when it was made.
"""
OPENING_RULES = {
    SECOND_REPORT: _("this type makes a file from its second report at one place on"),
}
OPENING_STATES = {
    "suggested": _("suggested"),
    "accepted": pgettext_lazy("match", "accepted"),
    "rejected": _("rejected"),
}
EARLIER_SHOWN = 5
