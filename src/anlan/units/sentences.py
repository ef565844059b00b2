"""How a timeline tells what happened here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Role
from anlan.core.sentences import sentence_register
from anlan.units import events
from anlan.units.rules import UNIT_STATUS

_STATES = {"state": UNIT_STATUS.labels, "state_from": UNIT_STATUS.labels}

sentence_register(events.UNIT_ADDED, _("Unit {unit} was entered."))
sentence_register(events.UNIT_CLAIMED, _("Unit {unit} was taken for the incident."))
sentence_register(events.STATUS_CHANGED, _("Unit {unit}: {state_from} → {state}."), words=_STATES)
sentence_register(events.CAPABILITIES_SET, _("Unit {unit} can now do: {capabilities}."))
sentence_register(events.CREW_JOINED, _("Somebody joined the crew of {unit}."))
sentence_register(events.CREW_LEFT, _("Somebody left the crew of {unit}."))
sentence_register(events.SHIFT_SET, _("Unit {unit} is on duty from {starts_at} to {ends_at}."))
sentence_register(
    events.DESK_TAKEN, _("Desk {desk}: somebody came on duty as {role}."), words={"role": dict(Role.choices)}
)
sentence_register(
    events.DESK_LEFT, _("Desk {desk}: somebody went off duty as {role}."), words={"role": dict(Role.choices)}
)
