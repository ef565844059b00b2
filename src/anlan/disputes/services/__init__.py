"""Changes of this room: a file, its three pushes, its reports, its parties, its colour."""

from anlan.disputes.services.files import (
    file_archive,
    file_case_link,
    file_close,
    file_follow_up,
    file_move,
    file_open,
    file_reopen,
    file_settle_on_site,
    file_to_police,
)
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.links import incident_link, incident_unlink
from anlan.disputes.services.matches import match_accept, match_reject, match_undo, matches_suggest
from anlan.disputes.services.merging import files_merge, files_unmerge
from anlan.disputes.services.parties import (
    PartyShown,
    identities_erase,
    parties_swap,
    party_add,
    party_correct,
    party_leave,
    party_reveal,
)
from anlan.disputes.services.pushes import push_act, push_close, push_receive, push_return
from anlan.disputes.services.sending import push_send
from anlan.disputes.services.town import file_accept, file_assign, file_assignment_return, file_triage

__all__ = [
    "PartyShown",
    "file_accept",
    "file_archive",
    "file_assign",
    "file_assignment_return",
    "file_case_link",
    "file_close",
    "file_follow_up",
    "file_move",
    "file_open",
    "file_reopen",
    "file_settle_on_site",
    "file_to_police",
    "file_triage",
    "file_weigh",
    "files_merge",
    "files_unmerge",
    "identities_erase",
    "incident_link",
    "incident_unlink",
    "match_accept",
    "match_reject",
    "match_undo",
    "matches_suggest",
    "parties_swap",
    "party_add",
    "party_correct",
    "party_leave",
    "party_reveal",
    "push_act",
    "push_close",
    "push_receive",
    "push_return",
    "push_send",
]
