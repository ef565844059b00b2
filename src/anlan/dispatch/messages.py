"""The notices this room sends, in words, and whose crews it knows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.notices.selectors import group_register, message_register
from anlan.units.selectors import units_crewed_by

BROADCAST = "dispatch.broadcast"
CHECKIN_MISSED = "dispatch.checkin_missed"

group_register("crew", units_crewed_by)
message_register(BROADCAST, _("To all units: {text}"))
message_register(
    CHECKIN_MISSED,
    _("{unit} is alone at incident {incident} and has not confirmed being safe since {asked_at}. Call {unit} now."),
)
