"""State machines: who may go where, decided by one conditional UPDATE.

The table of moves is data; the docs draw it and the database constraint repeats its states. The
change itself is ``UPDATE … WHERE id = … AND state = <what we saw>``: of two people pressing at the
same instant one wins, on SQLite and PostgreSQL alike, and the other is told what the state is now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.utils.functional import Promise, lazy

from anlan.core.errors import NotFound, Overtaken, WrongState
from anlan.core.row_changes import row_change, row_reread

REGISTRY: dict[str, StateMachine] = {}


def _joined(labels: Sequence[str | Promise]) -> str:
    return ", ".join(map(str, labels)) or "–"


# Joined when it is told, so that each language of a refusal names the states in its own words.
_listed: Callable[[Sequence[str | Promise]], str] = lazy(_joined, str)


@dataclass(frozen=True)
class StateMachine:
    """Named states and the moves between them.

    ``labels`` maps each state to its translatable word; ``moves`` maps a state to the states that may
    follow. The first label is the initial state.
    """

    name: str
    labels: Mapping[str, str | Promise]
    moves: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        unknown = {s for source, targets in self.moves.items() for s in (source, *targets)} - set(self.labels)
        if unknown:
            raise ValueError(f"machine {self.name} has moves with unknown states: {sorted(unknown)}")
        REGISTRY[self.name] = self

    @property
    def initial(self) -> str:
        return next(iter(self.labels))

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.labels)

    @property
    def final(self) -> tuple[str, ...]:
        return tuple(state for state in self.labels if not self.moves.get(state))

    @property
    def choices(self) -> list[tuple[str, str | Promise]]:
        return list(self.labels.items())

    def constraint(self, *, field: str = "state") -> models.CheckConstraint:
        """The same set of states, held by the database."""
        return models.CheckConstraint(
            condition=models.Q(**{f"{field}__in": list(self.states)}),
            name=f"{self.name.replace('.', '_')}_states",
        )

    def can(self, source: str, target: str) -> bool:
        return target in self.moves.get(source, ())

    def move(
        self,
        row: models.Model,
        target: str,
        *,
        at: datetime,
        subject: str,
        only_from: tuple[str, ...] | None = None,
        is_read: bool = False,
        **changes: Any,
    ) -> str:
        """Bring ``row`` to ``target`` and set ``changes`` with it; returns the state it left.

        The row's state is re-read, checked against the table, and changed only where it is still what
        was read; ``is_read`` says that it has just been read in this transaction. Raises ``WrongState`` when
        the table has no such move, ``Overtaken`` when another writer came between. ``row`` is up to date in
        either case.
        """
        if not is_read:
            row_reread(row)
        seen = str(row.state)  # type: ignore[attr-defined]
        if not self.can(seen, target) or (only_from is not None and seen not in only_from):
            raise WrongState(
                subject=subject,
                state=self.labels[seen],
                since=row.state_since,  # type: ignore[attr-defined]
                wanted=self.labels[target],
                next=_listed([self.labels[s] for s in self.moves.get(seen, ())]),
            )
        columns = {"state": target, "state_since": at, **changes}
        won = row_change(row, columns, where={"state": seen})
        if won and connection.in_atomic_block and (is_read or not connection.features.has_select_for_update):
            # The one writer there is, or who holds the row: what was read and what was written is what stands.
            for name, value in columns.items():
                setattr(row, name, value)
            return seen
        try:
            row_reread(row)
        except models.ObjectDoesNotExist:
            raise NotFound from None
        if not won:
            raise Overtaken(subject=subject, state=self.labels[str(row.state)])  # type: ignore[attr-defined]
        return seen
