"""Words and limits of the register: papers at a thing, and stores counted by the piece."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PAPER_KINDS = {"photo": pgettext_lazy("equipment", "photo"), "paper": pgettext_lazy("equipment", "document")}
PAPERS_AT_MOST = 30
"""A thing has so many photos and papers at most: a folder, not an archive."""
PAPER_MAX_BYTES = 12 * 1024**2
STOCK_REASONS = {
    "received": _("received from a supplier"),
    "handed_out": _("handed out"),
    "brought_back": _("brought back unused"),
    "used_up": _("used up"),
    "counted": _("counted"),
    "destroyed": pgettext_lazy("equipment", "destroyed"),
}
STOCK_INTO = ("received", "brought_back")
STOCK_OUT = ("handed_out", "used_up", "destroyed")
STOCK_MOST = 1_000_000
