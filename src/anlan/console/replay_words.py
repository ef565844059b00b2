"""The replay's own words, in the one catalogue of the room; the page hands them to the browser."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "replay": _("Replay"),
    "replay_play": _("Play"),
    "replay_pause": _("Pause"),
    "replay_speed": _("Speed"),
    "replay_back": _("To the event before"),
    "replay_on": _("To the next event"),
    "replay_at": _("Moment"),
    "replay_go": _("Go"),
    "replay_slider": _("Moment in the stretch"),
    "replay_log": _("What happened, newest first"),
    "replay_none": _("Nothing happened in this stretch that your desk was told."),
    "replay_reading": _("Reading what was told then …"),
    "replay_failed": _("The past could not be read. Check the line and press Go again."),
    "replay_outside": _("This replay was opened for {from} to {until}. For another moment open another."),
    "replay_open_other": _("Open another stretch"),
    "replay_end": _("The end of the stretch."),
    "replay_tracks_expired": _(
        "Positions of that time were kept for 30 days and are expired; states and times stand as they were."
    ),
    "replay_tracks_thinned": _("Positions between are thinned to one in {n}; paused, the exact ones are shown."),
    "replay_matter": _("Open the matter as it is today"),
    "replay_only": _("Only this matter"),
    "replay_keys": _(
        "Space plays and pauses. Left and right: one event, with Shift one minute. Plus and minus: speed. "
        "G: type a moment."
    ),
}


def words() -> dict[str, str]:
    """Every word in the page's language."""
    return {key: str(word) for key, word in WORDS.items()}
