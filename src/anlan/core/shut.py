"""Rows that are shut to one person for a while, whatever their reach.

A rule of a room above shuts them - whoever asks the parties of a quarrel must not read what was done about it -
and registers itself here by the sort of rows. A model says with ``shut_fields`` which of its columns lead to rows
of such a sort; ``visible_to``, ``one_for`` and the live stream ask here, and lower rooms never know why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from anlan.core.actor import Actor
    from anlan.core.models import Event

INCIDENT = "incident"
FILE = "dispute_file"
BY_INCIDENT = {"incident_id": INCIDENT}
"""What hangs on one incident is shut with it."""


class Shutter(Protocol):
    """What shuts rows of one sort."""

    changed_by: frozenset[str]
    """Kinds of events after which other rows may be shut than before."""

    def keys(self, actor: Actor) -> RawSQL | None:
        """Keys of the rows shut to the actor, as a subquery; None for whoever never has any."""
        ...

    def refuse(self, actor: Actor, key: int) -> None:
        """Raise what tells the actor why the row of this key is shut to them, and until when."""
        ...

    def people(self) -> Iterable[tuple[int, int]]:
        """All that is shut now: each person's id with the key of a row."""
        ...

    def named_in(self, event: Event) -> int | None:
        """Key of the row of this sort that an event tells of; None where it tells of none."""
        ...


_SHUTTERS: dict[str, Shutter] = {}

Row = tuple[str, int]
"""A sort, and the key of a row of that sort."""


def shutter_register(sort: str, shutter: Shutter) -> None:
    """Let ``shutter`` decide which rows of this sort are shut, once at the start of the program."""
    _SHUTTERS[sort] = shutter


def shutter_of(sort: str) -> Shutter | None:
    """What shuts rows of this sort, if anything does."""
    return _SHUTTERS.get(sort)


def rows_named(event: Event) -> tuple[Row, ...]:
    """The rows an event tells of, of all sorts that can be shut."""
    named = ((sort, shutter.named_in(event)) for sort, shutter in _SHUTTERS.items())
    return tuple((sort, key) for sort, key in named if key is not None)


def rows_shut() -> dict[int, frozenset[Row]]:
    """What is shut now, by person. A query for each sort."""
    found: dict[int, set[Row]] = {}
    for person, row in _all_shut():
        found.setdefault(person, set()).add(row)
    return {person: frozenset(rows) for person, rows in found.items()}


def _all_shut() -> Iterator[tuple[int, Row]]:
    for sort, shutter in _SHUTTERS.items():
        for person, key in shutter.people():
            yield person, (sort, key)


def shut_may_change(kinds: Iterable[str]) -> bool:
    """Whether one of these events may have shut a row, or opened one."""
    changing = frozenset[str]().union(*(shutter.changed_by for shutter in _SHUTTERS.values()))
    return not changing.isdisjoint(kinds)
