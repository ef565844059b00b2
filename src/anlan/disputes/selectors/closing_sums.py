"""Closings of a period by all that curves and comparisons ask of them, added up from days."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np
from django.db.models import Count, Q, QuerySet
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.disputes.closing_rules import FOLLOWED_RESULTS
from anlan.disputes.models import FileClosing
from anlan.disputes.selectors.day_sheets import ONE_DAY, Counter, Unread, counter_add, sheets_read

KIND = "curve"
EDITION = "curve-1"
OWNERS = ("station_id", "town_room_id", "holder_id", "mediating_id")
NAMED = ("track", "push_level", "mediating_id", "level", "code", "end_kind")
"""What the kinds of closings are told apart by, besides their days."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Closings:
    """Kinds of closings, each with how many there were.

    ``of[column]`` are places in ``names[column]``; days are ordinals, ``ended`` 0 where nothing has come. ``as_of``
    is since when changes may not be in it.
    """

    of: dict[str, Ints]
    names: dict[str, list[Hashable]]
    closed: Ints
    ended: Ints
    n: Ints
    as_of: datetime | None = None

    def only(self, chosen: NDArray[np.bool_]) -> Closings:
        """The kinds chosen."""
        of = {column: values[chosen] for column, values in self.of.items()}
        return Closings(of, self.names, self.closed[chosen], self.ended[chosen], self.n[chosen], self.as_of)


def closings_counted(
    actor: Actor, start: date, end: date, org_ids: frozenset[int] | None, unread: Unread | None = None
) -> Closings:
    """Closings as settled from local day ``start`` up to ``end`` (not included) in the actor's reach.

    ``org_ids`` narrows them to those organisations. Those by mistake are left out.
    """
    read = sheets_read(KIND, start, end - ONE_DAY, unread)
    names: dict[str, dict[Hashable, int]] = {column: {} for column in NAMED}
    parts = []
    if read.is_of_use:
        parts.append(_from_sheets(read.contents, names, actor, org_ids))
    for first, last in read.missing if read.is_of_use else [(start, end - ONE_DAY)]:
        rows = _within(FileClosing.objects.visible_to(actor), org_ids)
        parts.append(_from_rows(_counted(rows, first, last), names))
    table = np.concatenate([part for part in parts if part.size] or [np.zeros((0, len(NAMED) + 3), dtype=np.int64)])
    of = {column: table[:, k] for k, column in enumerate(NAMED)}
    closed, ended, n = table[:, -3], table[:, -2], table[:, -1]
    as_of = read.as_of if read.is_of_use else None
    return Closings(of, {column: list(found) for column, found in names.items()}, closed, ended, n, as_of)


def _within(rows: QuerySet[FileClosing], org_ids: frozenset[int] | None) -> QuerySet[FileClosing]:
    named = Q()
    if org_ids is not None:
        for column in OWNERS:
            named |= Q(**{f"{column}__in": org_ids})
    return rows.filter(named)


def _counted(rows: QuerySet[FileClosing], first: date, last: date, *columns: str) -> Iterable[Sequence[Any]]:
    """(values of ``columns`` and ``NAMED``, closed day, ended day, how many) of closings on these days."""
    chosen = rows.filter(closed_day__gte=first, closed_day__lte=last, result__in=FOLLOWED_RESULTS)
    kinds = chosen.exclude(end_kind="void").order_by().values_list(*columns, *NAMED, "closed_day", "ended_day")
    found: Iterable[Sequence[Any]] = kinds.annotate(n=Count("pk"))
    return found


def _place(names: dict[Hashable, int], value: Hashable) -> int:
    return names.setdefault(value, len(names))


def _from_rows(rows: Iterable[Sequence[Any]], names: dict[str, dict[Hashable, int]]) -> Ints:
    found = [
        [
            *(_place(names[column], value) for column, value in zip(NAMED, row, strict=False)),
            row[-3].toordinal(),
            row[-2].toordinal() if row[-2] is not None else 0,
            row[-1],
        ]
        for row in rows
    ]
    return np.array(found, dtype=np.int64).reshape(-1, len(NAMED) + 3)


def _count_day(day: date) -> bytes:
    """A sheet: owners, names, and a table of (place of owners, places of names, days until the end + 1, count)."""
    owners: dict[Hashable, int] = {}
    names: dict[str, dict[Hashable, int]] = {column: {} for column in NAMED}
    table = []
    for row in sorted(_counted(FileClosing.objects.all(), day, day, *OWNERS), key=str):
        whose, kinds = tuple(row[: len(OWNERS)]), row[len(OWNERS) : -3]
        until = (row[-2] - row[-3]).days + 1 if row[-2] is not None else 0
        places = [_place(names[column], value) for column, value in zip(NAMED, kinds, strict=True)]
        table.append([_place(owners, whose), *places, until, row[-1]])
    packed = np.array(table, dtype=np.int32).reshape(-1, len(NAMED) + 3).tobytes()
    return msgspec.msgpack.encode([list(owners), [list(names[column]) for column in NAMED], packed])


def _from_sheets(
    contents: Iterable[tuple[date, bytes]],
    names: dict[str, dict[Hashable, int]],
    actor: Actor,
    org_ids: frozenset[int] | None,
) -> Ints:
    """The kinds of these sheets that lie in the actor's reach and the organisations asked for.

    The days are laid end to end and read as one table: a sheet's place in its own names becomes, by how many names
    stand before that sheet's, a place in those of all sheets.
    """
    tables, closed = [], []
    places: dict[str, list[int]] = {column: [] for column in NAMED}
    before: list[list[int]] = []
    for day, content in contents:
        owners, named, packed = msgspec.msgpack.decode(content)
        rows = np.frombuffer(packed, dtype=np.int32).reshape(-1, len(NAMED) + 3)
        seen = [_is_seen(whose, actor, org_ids) for whose in owners]
        tables.append(rows if all(seen) else rows[np.array(seen, dtype=bool)[rows[:, 0]]])
        closed.append(day.toordinal())
        before.append([len(places[column]) for column in NAMED])
        for column, values in zip(NAMED, named, strict=True):
            known = names[column]
            places[column] += [known.setdefault(value, len(known)) for value in values]
    table, sizes = np.concatenate(tables), [len(rows) for rows in tables]
    found = np.empty((len(table), len(NAMED) + 3), dtype=np.int64)
    own = table[:, 1:-2] + np.repeat(np.array(before, dtype=np.int64), sizes, axis=0)
    for k, column in enumerate(NAMED):
        found[:, k] = np.array(places[column], dtype=np.int64)[own[:, k]]
    until, found[:, -3] = table[:, -2], np.repeat(np.array(closed, dtype=np.int64), sizes)
    found[:, -2] = np.where(until > 0, found[:, -3] + until - 1, 0)
    found[:, -1] = table[:, -1]
    return found


def _is_seen(whose: Sequence[int | None], actor: Actor, org_ids: frozenset[int] | None) -> bool:
    in_reach = actor.sees_all or not actor.org_ids.isdisjoint(whose)
    return in_reach and (org_ids is None or not org_ids.isdisjoint(whose))


counter_add(Counter(KIND, "closing", lambda: EDITION, _count_day))
