"""The notices this room sends, in words, and whose crews it knows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.accounts.selectors import OrganisationNames
from anlan.notices.selectors import group_register, message_register
from anlan.units.selectors import units_crewed_by

BROADCAST = "dispatch.broadcast"
CHECKIN_MISSED = "dispatch.checkin_missed"
UNIT_ASKED = "dispatch.unit_asked"

group_register("crew", units_crewed_by)
message_register(BROADCAST, _("To all units: {text}"))
message_register(
    CHECKIN_MISSED,
    _("{unit} is alone at incident {incident} and has not confirmed being safe since {asked_at}. Call {unit} now."),
)
_NAMES = OrganisationNames()
message_register(
    UNIT_ASKED,
    _("{desk} asks for {unit} of {home} at incident {incident}. Send it, or say that it can't be had."),
    words={"desk": _NAMES, "home": _NAMES},
)
