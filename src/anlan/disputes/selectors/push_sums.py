"""The three pushes of the files of a period, added up from days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import PUSH_OPEN, SETTLED_OUTCOMES
from anlan.disputes.selectors.day_sheets import ONE_DAY, Counter, counter_add, day_begins, microseconds, sheets_read
from anlan.disputes.selectors.files import pushes_running

KIND = "pushes"
EDITION = "pushes-2"
OWNERS = ("station_id", "town_room_id", "holder_id", "mediating_id")
ENDED_WELL = (*SETTLED_OUTCOMES, "settled")
SETTLED_AT = {1: SETTLED_OUTCOMES, 2: ("settled",), 3: ("settled", "court_guide", "long_term")}
"""Outcomes after which a push of that step has no more to do."""
COUNTED = ("files", "settled", "well", "up", "went_on", "open")
Sums = dict[int, list[int]]
"""For each step its counts, in the order of ``COUNTED``, and after them how many are late."""


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
    sums: Sums = {seq: [0] * (len(COUNTED) + 1) for seq in (1, 2, 3)}
    read = sheets_read(KIND, first, last)
    if read.is_of_use:
        for _day, content in read.contents:
            _add(sums, msgspec.msgpack.decode(content), actor, at)
    for begin, end in read.missing if read.is_of_use else [(first, last)]:
        files = DisputeFile.objects.counted_for(actor)
        _add(sums, _rows(files, begin, end), None, at)
    steps = [PushSums(seq, *sums[seq]) for seq in (1, 2, 3)]
    return PushesTold(steps, read.as_of if read.is_of_use else None)


def last_days(days: int, *, at: datetime) -> tuple[date, date]:
    """The first and last of so many local days, today being the last."""
    today = timezone.localtime(at).date()
    return today - timedelta(days=max(1, days) - 1), today


def _add(sums: Sums, rows: list[Any], actor: Actor | None, at: datetime) -> None:
    """Rows of ``_rows`` or of a sheet, those in the reach of ``actor`` only.

    A step has one push that runs for each file at most: so many pushes late are so many files.
    """
    now_us = microseconds(at)
    for owners, seq, counts, dues in rows:
        if actor is None or actor.sees_all or not actor.org_ids.isdisjoint(owners):
            mine = sums[seq]
            for k, count in enumerate(counts):
                mine[k] += count
            if dues:
                mine[-1] += int(np.searchsorted(np.frombuffer(dues, dtype=np.int64), now_us))


def _rows(files: QuerySet[DisputeFile], first: date, last: date) -> list[Any]:
    """(owners, step, counts, when those that run are due) of files opened on these days.

    What is late changes with the hour: so the sheet keeps the moments, in order, and not how many have passed.
    """
    opened = files.filter(opened_at__gte=day_begins(first), opened_at__lt=day_begins(last + ONE_DAY)).order_by()
    known = {row[0]: row[1:] for row in opened.values_list("pk", *OWNERS, "push_level")}
    totals: dict[Any, list[int]] = defaultdict(lambda: [0] * len(COUNTED))
    for (file_id, seq), (ended, runs) in _course_of(opened).items():
        *owners, level = known[file_id]
        settled, well = (not ended.isdisjoint(some) for some in (SETTLED_AT[seq], ENDED_WELL))
        mine = totals[tuple(owners), seq]
        for k, one in enumerate((True, settled, well, "up" in ended, level > seq, runs)):
            mine[k] += one
    dues: dict[Any, list[int]] = defaultdict(list)
    running = pushes_running(Push.objects.filter(file_id__in=opened.values("pk"))).order_by()
    for file_id, seq, due_at in running.values_list("file_id", "seq", "due_at"):
        dues[tuple(known[file_id][:-1]), seq].append(microseconds(due_at))
    return [
        [list(owners), seq, counts, np.array(sorted(dues[owners, seq]), dtype=np.int64).tobytes()]
        for (owners, seq), counts in sorted(totals.items(), key=str)
    ]


def _course_of(files: QuerySet[DisputeFile]) -> dict[tuple[int, int], tuple[set[str], bool]]:
    """By file and step: how its pushes ended, and whether one runs. One query, read from an index alone."""
    rows = Push.objects.filter(file_id__in=files.values("pk")).order_by()
    found: dict[tuple[int, int], tuple[set[str], bool]] = {}
    for file_id, seq, outcome, state in rows.values_list("file_id", "seq", "outcome", "state"):
        ended, runs = found.get((file_id, seq), (set(), False))
        found[file_id, seq] = (ended | {outcome}, runs or state in PUSH_OPEN)
    return found


def _count_day(day: date) -> bytes:
    return msgspec.msgpack.encode(_rows(DisputeFile.objects.all(), day, day))


counter_add(Counter(KIND, "file", lambda: EDITION, _count_day))
