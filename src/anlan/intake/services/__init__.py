"""Changes in this room: calls taken, incidents opened, joined, parted, handed on, corrected."""

from anlan.intake.services.holders import incident_hand_over_ask, incident_holder_set
from anlan.intake.services.incidents import (
    incident_bounce_take,
    incident_code_correct,
    incident_danger_set,
    incident_priority_set,
    incident_state_set,
    incident_track_override,
)
from anlan.intake.services.invalid import call_back_done, call_mark_invalid, call_reopen
from anlan.intake.services.lines import call_answer, call_hang_up, call_ring, switch_report
from anlan.intake.services.links import (
    call_link,
    call_unlink,
    incident_merge,
    incident_unmerge,
    repeat_link,
    repeat_unlink,
)
from anlan.intake.services.receive import CallReceived, call_receive
from anlan.intake.services.reporters import ReporterShown, reporter_reveal, reporters_erase
from anlan.intake.services.retention import contents_erase
from anlan.intake.services.tags import (
    incident_tag_audit,
    incident_tag_confirm,
    incident_tag_withdraw,
    incident_tags_confirm,
    incident_tags_set,
)
from anlan.intake.services.transfers import transfer_accept, transfer_offer, transfer_return, transfer_withdraw
from anlan.intake.sheet import CallSheet, Unreadable, sheet_read

__all__ = [
    "CallReceived",
    "CallSheet",
    "ReporterShown",
    "Unreadable",
    "call_answer",
    "call_back_done",
    "call_hang_up",
    "call_link",
    "call_mark_invalid",
    "call_receive",
    "call_reopen",
    "call_ring",
    "call_unlink",
    "contents_erase",
    "incident_bounce_take",
    "incident_code_correct",
    "incident_danger_set",
    "incident_hand_over_ask",
    "incident_holder_set",
    "incident_merge",
    "incident_priority_set",
    "incident_state_set",
    "incident_tag_audit",
    "incident_tag_confirm",
    "incident_tag_withdraw",
    "incident_tags_confirm",
    "incident_tags_set",
    "incident_track_override",
    "incident_unmerge",
    "repeat_link",
    "repeat_unlink",
    "reporter_reveal",
    "reporters_erase",
    "sheet_read",
    "switch_report",
    "transfer_accept",
    "transfer_offer",
    "transfer_return",
    "transfer_withdraw",
]
