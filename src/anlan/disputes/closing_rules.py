"""What can end the quiet after a closing, and what each end means to a curve."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

CLOSING_ENDS = {
    "": _("quiet so far"),
    "came_back": _("the quarrel came back"),
    "case": _("became a case"),
    "reopened": _("opened again for another reason"),
    "merged": _("file merged"),
    "void": _("closed by mistake"),
}
QUIET, CAME_BACK, OTHER_END = 0, 1, 2
OUTCOME_OF_END = {"": QUIET, "merged": QUIET, "came_back": CAME_BACK, "case": OTHER_END, "reopened": OTHER_END}
"""As survival estimates take them: watched until then, the event, an end that rules the event out."""
FOLLOWED_RESULTS = (
    "settled_on_site",
    "settled_follow_up",
    "agreement_performed",
    "department",
    "withdrawn",
    "long_term",
)
"""Closings that can come back. What went to court, became a case or was no quarrel is not followed as settled."""
END_OF_REOPENING = {"came_back": "came_back", "closed_wrongly": "void"}
