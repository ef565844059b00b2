"""Questions to this room."""

from anlan.disputes.selectors.files import (
    file_for,
    file_ids_beneath,
    file_of_incident,
    file_root,
    party_for,
    push_for,
    push_open_of,
    pushes_open_of,
    suggestion_for,
)
from anlan.disputes.selectors.lists import (
    Earlier,
    FilePage,
    TownBoard,
    due_colour,
    earlier_of,
    events_of,
    file_page,
    files_held,
    files_queue,
    suggestions_waiting,
    town_board,
)
from anlan.disputes.selectors.matching import matches_for, suggestions_of
from anlan.disputes.selectors.push_sums import PushesTold, PushSums, last_days, pushes_told
from anlan.disputes.selectors.visits import ToVisit, visits_of

__all__ = [
    "Earlier",
    "FilePage",
    "PushSums",
    "PushesTold",
    "ToVisit",
    "TownBoard",
    "due_colour",
    "earlier_of",
    "events_of",
    "file_for",
    "file_ids_beneath",
    "file_of_incident",
    "file_page",
    "file_root",
    "files_held",
    "files_queue",
    "last_days",
    "matches_for",
    "party_for",
    "push_for",
    "push_open_of",
    "pushes_open_of",
    "pushes_told",
    "suggestion_for",
    "suggestions_of",
    "suggestions_waiting",
    "town_board",
    "visits_of",
]
