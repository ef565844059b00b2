"""Changes in this room: calls taken, incidents opened, joined, parted, handed on, corrected."""

from anlan.intake.services.incidents import (
    incident_bounce_take,
    incident_code_correct,
    incident_danger_set,
    incident_priority_set,
    incident_state_set,
    incident_track_override,
)
from anlan.intake.services.links import (
    call_link,
    call_unlink,
    incident_merge,
    incident_unmerge,
    repeat_link,
    repeat_unlink,
)
from anlan.intake.services.receive import CallReceived, call_receive
from anlan.intake.sheet import CallSheet, Unreadable, sheet_read

__all__ = [
    "CallReceived",
    "CallSheet",
    "Unreadable",
    "call_link",
    "call_receive",
    "call_unlink",
    "incident_bounce_take",
    "incident_code_correct",
    "incident_danger_set",
    "incident_merge",
    "incident_priority_set",
    "incident_state_set",
    "incident_track_override",
    "incident_unmerge",
    "repeat_link",
    "repeat_unlink",
    "sheet_read",
]
