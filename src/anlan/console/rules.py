"""What a replay may be opened for, and for how long."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

REPLAY_PURPOSES = {
    "review": _("to review a matter or a shift"),
    "complaint": _("to answer a complaint or an objection"),
    "record": _("to check a figure or a record"),
    "training": _("to train somebody"),
    "request": _("at the request of a court, prosecutor or inspection"),
    "fault": _("to find a fault of the system"),
}
REPLAY_HOURS = (1, 2, 4, 8, 24)
REPLAY_OPEN_FOR = timedelta(hours=12)
"""How long a replay once opened may be looked at before it is asked for anew."""
REPLAY_WINDOW = timedelta(minutes=10)
REPLAY_WINDOW_MAX = timedelta(minutes=30)
BEFORE_MATTER = timedelta(minutes=2)
AFTER_MATTER = timedelta(minutes=5)
