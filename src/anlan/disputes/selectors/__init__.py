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

__all__ = [
    "file_for",
    "file_ids_beneath",
    "file_of_incident",
    "file_root",
    "party_for",
    "push_for",
    "push_open_of",
    "pushes_open_of",
    "suggestion_for",
]
