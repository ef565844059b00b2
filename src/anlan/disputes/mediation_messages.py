"""The notices of the mediating table, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.notices.selectors import message_register

OBLIGATION_LATE = "disputes.obligation_late"
CONFIRMATION_CLOSING = "disputes.confirmation_closing"

message_register(
    OBLIGATION_LATE,
    _(
        "Promise {seq} of agreement {agreement} (file {file}) was due on {due_on} and is not down as done. Ask both "
        "sides; after seven days it counts as not performed."
    ),
)
message_register(
    CONFIRMATION_CLOSING,
    _(
        "Both parties of agreement {agreement} (file {file}) can apply together for judicial confirmation until "
        "{due}. "
        "Tell them, or write down that they don't want to."
    ),
)
