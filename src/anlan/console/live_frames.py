"""Positions for the live stream: what has newly come in, as one frame for each reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from django.db import connections, router
from django.db.models import Count, Max

from anlan.core.actor import Actor
from anlan.core.asking import ask
from anlan.core.clock import now
from anlan.core.selectors import event_visible
from anlan.core.snapshot import Snapshot
from anlan.units.models import Unit, UnitPosition

COMMITTED_WITHIN = timedelta(seconds=3)
"""A batch bears the moment it came in and is seen when it is committed: each frame looks back this far again."""
RIDES_WITHIN = 0.2
"""The part of its time by which a frame may go sooner or later."""
Row = tuple[Any, ...]
"""``unit_id, lon, lat, speed_mps, heading_deg, fixed_at, received_at``, both times as the store writes them."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a unit is, as a frame's row, with what decides who may see it."""

    org_id: int
    row: list[int | None]


class Pace:
    """When frames go out: one a second, a little sooner or later where something that happened goes out anyway.

    Writing to hundreds of lines is most of what a frame costs. While nothing happens it is one every ``every_s``.
    """

    def __init__(self) -> None:
        self._framed_at = self._rode_at = float("-inf")

    def is_due(self, at: float, *, every_s: float, rides: bool) -> bool:
        """Whether a frame goes out at ``at`` (of a steady clock), and then it has; ``rides``: other things do."""
        spare, age = every_s * RIDES_WITHIN, at - self._framed_at
        if rides:
            self._rode_at = at
        # Things have been happening: the next may be near, and is waited for.
        is_lively = at - self._rode_at <= every_s * 2
        if age < (every_s - spare if rides else every_s + spare if is_lively else every_s):
            return False
        self._framed_at = at
        return True


class Told:
    """Which positions of the last moments have gone out, so that looking back twice says nothing twice."""

    def __init__(self) -> None:
        self._last: dict[int, Any] = {}

    def lacks(self, found: list[Row]) -> bool:
        """Whether any of ``found`` has not been told."""
        last = self._last
        return any(last.get(row[0]) != row[-1] for row in found)

    def news(self, found: list[Row]) -> list[Row]:
        """What of ``found`` has not been told; all of it counts as told from now on."""
        last = self._last
        fresh = [row for row in found if last.get(row[0]) != row[-1]]
        self._last = {row[0]: row[-1] for row in found}
        return fresh


_unit_orgs = Snapshot(
    lambda: dict(Unit.objects.values_list("id", "organisation_id")),
    lambda: tuple(Unit.objects.aggregate(n=Count("id"), last=Max("id")).values()),
)
# With an empty text behind it a time comes as written: made into objects, the two of a row took as long as the rest.
_COLUMNS = "unit_id, lon, lat, speed_mps, heading_deg, fixed_at || '', received_at || ''"
_WITHIN = f"FROM {UnitPosition._meta.db_table} WHERE received_at > %s AND received_at <= %s"


def positions_new(since: datetime, told: Told) -> tuple[datetime, list[Fix]]:
    """Positions taken in after ``since`` that were not told yet, and until when.

    Read as the store holds them: times are slow to make. Of those before ``since``, which nearly all were told, only
    unit and time are read, unless one was not.
    """
    until, orgs = now(), _unit_orgs.get()
    alias = router.db_for_read(UnitPosition) or "default"
    instant = connections[alias].ops.adapt_datetimefield_value
    start, middle, end = (instant(moment) for moment in (since - COMMITTED_WITHIN, since, until))
    # The earlier first: a unit that reports between the two questions is in the second.
    before: list[Row] = ask(f"SELECT unit_id, received_at || '' {_WITHIN}", [start, middle], using=alias)
    if told.lacks(before):
        before = ask(f"SELECT {_COLUMNS} {_WITHIN}", [start, middle], using=alias)
    found = before + ask(f"SELECT {_COLUMNS} {_WITHIN}", [middle, end], using=alias)
    return until, [Fix(orgs.get(row[0], 0), _frame_row(row)) for row in told.news(found)]


def _frame_row(row: Row) -> list[int | None]:
    """``[unit, lon·1e6, lat·1e6, speed·10, heading, fixed]``, whole numbers all.

    Metres a second times ten, degrees, seconds since 1970; None where not told.
    """
    unit, lon, lat, speed_mps, heading_deg, fixed_at, _received_at = row
    return [
        unit,
        round(lon * 1e6),
        round(lat * 1e6),
        round(speed_mps * 10) if speed_mps is not None else None,
        round(heading_deg) % 360 if heading_deg is not None else None,
        _seconds(fixed_at),
    ]


@lru_cache(maxsize=4096)
def _seconds(written: str) -> int:
    """Seconds since 1970 of a time as text; SQLite keeps it in UTC without saying so."""
    moment = datetime.fromisoformat(written)
    return int((moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).timestamp())


def frame_of(actor: Actor, fixes: list[Fix]) -> bytes:
    """The positions of the units in the actor's reach; empty where none has moved."""
    seen = [fix.row for fix in fixes if event_visible((fix.org_id,), actor)]
    return b"event: positions\ndata: " + msgspec.json.encode(seen) + b"\n\n" if seen else b""
