"""The three pushes of the files of a period, added up from days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import PUSH_OPEN, SETTLED_OUTCOMES
from anlan.disputes.selectors.day_sheets import ONE_DAY, Counter, counter_add, day_begins, sheets_read
from anlan.disputes.selectors.files import pushes_running

KIND = "pushes"
EDITION = "pushes-1"
OWNERS = ("station_id", "town_room_id", "holder_id", "mediating_id")
ENDED_WELL = (*SETTLED_OUTCOMES, "settled")
SETTLED_AT = {1: SETTLED_OUTCOMES, 2: ("settled",), 3: ("settled", "court_guide", "long_term")}
"""Outcomes after which a push of that step has no more to do."""
COUNTED = ("files", "settled", "well", "up", "went_on", "open")
Sums = dict[int, list[int]]
"""For each step its counts, in the order of ``COUNTED``."""


@dataclass(frozen=True, slots=True)
class PushSums:
    """One step of the three: how many files got there, and what became of them there.

    ``settled``: nothing more to do there; ``well``: the parties were reconciled; ``up``: handed up; ``went_on``: the
    file got further; ``open``: it still runs; ``late`` of these overdue now.
    """

    seq: int
    files: int
    settled: int
    well: int
    up: int
    went_on: int
    open: int
    late: int

    @property
    def well_share(self) -> float | None:
        return self.well / self.files if self.files else None


@dataclass(frozen=True, slots=True)
class PushesTold:
    """The three steps, and since when changes may not be in them (None where all are)."""

    steps: list[PushSums]
    as_of: datetime | None = field(default=None)


def pushes_told(actor: Actor, *, first: date, last: date, at: datetime) -> PushesTold:
    """Files opened on these local days in the actor's reach, by step of push: one file counts once in each.

    Files whose parties the actor asks count as well: what is counted does not hang on who looks.
    """
    sums: Sums = {seq: [0] * len(COUNTED) for seq in (1, 2, 3)}
    read = sheets_read(KIND, first, last)
    if read.is_of_use:
        for _day, content in read.contents:
            _add(sums, msgspec.msgpack.decode(content), actor)
    for begin, end in read.missing if read.is_of_use else [(first, last)]:
        files = DisputeFile.objects.counted_for(actor)
        _add(sums, _rows(files, begin, end), None)
    late = _late(actor, first, last, at)
    steps = [PushSums(seq, *[*sums[seq], late.get(seq, 0)]) for seq in (1, 2, 3)]
    return PushesTold(steps, read.as_of if read.is_of_use else None)


def last_days(days: int, *, at: datetime) -> tuple[date, date]:
    """The first and last of so many local days, today being the last."""
    today = timezone.localtime(at).date()
    return today - timedelta(days=max(1, days) - 1), today


def _add(sums: Sums, rows: list[Any], actor: Actor | None) -> None:
    """Rows of ``_rows`` or of a sheet, those in the reach of ``actor`` only."""
    for owners, seq, counts in rows:
        if actor is None or actor.sees_all or not actor.org_ids.isdisjoint(owners):
            mine = sums[seq]
            for k, count in enumerate(counts):
                mine[k] += count


def _rows(files: QuerySet[DisputeFile], first: date, last: date) -> list[Any]:
    """(owners, step, counts) of files opened on these days."""
    opened = files.filter(opened_at__gte=day_begins(first), opened_at__lt=day_begins(last + ONE_DAY)).order_by()
    known = {row[0]: row[1:] for row in opened.values_list("pk", *OWNERS, "push_level")}
    totals: dict[Any, list[int]] = defaultdict(lambda: [0] * len(COUNTED))
    for (file_id, seq), (ended, runs) in _course_of(opened).items():
        *owners, level = known[file_id]
        settled, well = (not ended.isdisjoint(some) for some in (SETTLED_AT[seq], ENDED_WELL))
        mine = totals[tuple(owners), seq]
        for k, one in enumerate((True, settled, well, "up" in ended, level > seq, runs)):
            mine[k] += one
    return [[list(owners), seq, counts] for (owners, seq), counts in sorted(totals.items(), key=str)]


def _course_of(files: QuerySet[DisputeFile]) -> dict[tuple[int, int], tuple[set[str], bool]]:
    """By file and step: how its pushes ended, and whether one runs. One query, read from an index alone."""
    rows = Push.objects.filter(file_id__in=files.values("pk")).order_by()
    found: dict[tuple[int, int], tuple[set[str], bool]] = {}
    for file_id, seq, outcome, state in rows.values_list("file_id", "seq", "outcome", "state"):
        ended, runs = found.get((file_id, seq), (set(), False))
        found[file_id, seq] = (ended | {outcome}, runs or state in PUSH_OPEN)
    return found


def _late(actor: Actor, first: date, last: date, at: datetime) -> dict[int, int]:
    """Files with an overdue push, by step: what is late changes with the hour and is counted when asked."""
    late = pushes_running(Push.objects.filter(due_at__lt=at))
    rows = late.filter(file__opened_at__gte=day_begins(first), file__opened_at__lt=day_begins(last + ONE_DAY))
    if not actor.sees_all:
        reach = Q()
        for column in OWNERS:
            reach |= Q(**{f"file__{column}__in": actor.org_ids})
        rows = rows.filter(reach)
    rows = rows.order_by()
    return dict(rows.values_list("seq").annotate(n=Count("file", distinct=True)))


def _count_day(day: date) -> bytes:
    return msgspec.msgpack.encode(_rows(DisputeFile.objects.all(), day, day))


counter_add(Counter(KIND, "file", lambda: EDITION, _count_day))
