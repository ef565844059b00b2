"""Which editions of the data of each kind of event this program knows.

A store may hold events a newer edition of the program wrote, say after that edition was taken back. What
they say is not guessed at: whoever rebuilds or follows from events refuses, and a timeline says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from anlan.core.errors import EventTooNew

if TYPE_CHECKING:
    from anlan.core.models import Event

_KNOWN: dict[str, int] = {}


def schemas_register(editions: Mapping[str, int]) -> None:
    """Say up to which edition the data of these kinds of events is written and read here; others are at 1."""
    _KNOWN.update(editions)


def schema_known(kind: str) -> int:
    """The newest edition of the data of ``kind`` that this program writes and reads."""
    return _KNOWN.get(kind, 1)


def is_known(event: Event) -> bool:
    """Whether this program can read what the event says."""
    return event.schema <= schema_known(event.kind)


def event_must_be_known(event: Event) -> Event:
    """The event itself, or ``EventTooNew`` where a newer edition of the program wrote it."""
    if not is_known(event):
        known = schema_known(event.kind)
        raise EventTooNew(event=event.pk, at=event.at, kind=event.kind, found=event.schema, known=known)
    return event
