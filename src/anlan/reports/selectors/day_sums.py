"""Counts of figures added up from days: the very conditions of the definitions, counted once for each local day.

Only figures of dispute files and those shown beside them have sums; whatever else is asked is counted in the store.
A day belongs to the record as its period does: that on which the file was opened, the push sent, and so on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, partial
from typing import Any

import msgspec
import numpy as np
from django.db.models import Count, Q
from django.utils import timezone
from numpy.typing import NDArray

from anlan.core.actor import SYSTEM
from anlan.disputes.selectors.day_sheets import (
    EPOCH,
    ONE_DAY,
    Counter,
    Reading,
    Unread,
    counter_add,
    day_begins,
    microseconds,
    sheets_read,
)
from anlan.reports.definitions import BASES, CATALOGUE, Kind, Kpi, Records, Slice, Split

OF_FILE = ("file__station_id", "file__town_room_id", "file__holder_id", "file__mediating_id")
OF_FILE_ASKED = tuple(f"revisit__{column}" for column in OF_FILE)
OF_ORDER = ("town_room_id", "incident__station_id", "incident__holder_id")
FIGURES_BESIDE = (
    "divert_rate", "joint_rate", "onsite_rate", "repeat_rate", "diverted_escalated", "diverted_injured", "bounced",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owners:
    """By which columns a record is somebody's: in reach by ``scope``, of the asked organisations by ``orgs``."""

    about: str
    scope: tuple[str, ...]
    orgs: tuple[str, ...]
    source: str = "file__source"
    for_all_only: bool = False
    """Who does not see everything is shown fewer of these records, by other rules: for them they are counted."""


_FILE = tuple(column.removeprefix("file__") for column in OF_FILE)
SUMMED: Mapping[Records, Owners] = {
    Records.FILE: Owners("file", _FILE, _FILE, "source"),
    Records.PUSH: Owners("push", (*OF_FILE, "to_organisation_id"), OF_FILE),
    Records.CLOSING: Owners("closing", _FILE, OF_FILE),
    Records.PROMISE: Owners("promise", OF_FILE, OF_FILE),
    Records.FILE_REVISIT: Owners("revisit", OF_FILE, OF_FILE, for_all_only=True),
    Records.ANSWER: Owners("revisit", OF_FILE_ASKED, OF_FILE_ASKED, "revisit__file__source", for_all_only=True),
    Records.INCIDENT: Owners(
        "incident",
        ("station_id", "town_room_id", "holder_id", "routed_to_id"),
        ("station_id", "town_room_id", "holder_id"),
        "source",
    ),
    Records.ORDER: Owners("incident", OF_ORDER, ("town_room_id",), "incident__source"),
}


@dataclass(slots=True)
class Summed:
    """What the days of a period add up to: by condition how many records, by span the seconds of each."""

    counts: dict[str, int]
    seconds: dict[str, NDArray[np.float64]]
    as_of: datetime | None


def conditions_of(kpi: Kpi, split: Split | None) -> tuple[Q, Q]:
    """The records a figure looks at, and those of them that count.

    A part of a count is a share of the whole: it looks at all of it. What still owes what it is counted by is looked
    at once it was due.
    """
    looked_at = kpi.denominator
    if kpi.owing is not None:
        looked_at = kpi.denominator & (~kpi.owing | BASES[kpi.records].past_due)
    if split is None:
        return looked_at, looked_at & kpi.numerator
    # The cheap question first: a part looks closely only at its own records.
    own = split.condition & looked_at
    counting = own & (kpi.numerator if split.numerator is None else split.numerator)
    return (kpi.denominator if kpi.kind == Kind.COUNT else own), counting


def count_where(condition: Q) -> Count:
    """How many records are so."""
    return Count("pk", filter=condition) if condition else Count("pk")


def span_key(kpi: Kpi, counting: Q) -> str:
    """Under what the durations of a figure are kept."""
    return f"{kpi.span} {counting}"


@cache
def _conditions(records: Records) -> dict[str, Q]:
    """Every condition that has a sum, by its words."""
    found: dict[str, Q] = {}
    for kpi in _kpis(records):
        for split in (None, *kpi.splits()):
            found |= {str(condition): condition for condition in conditions_of(kpi, split)}
    return found


@cache
def _owed(records: Records) -> dict[str, Q]:
    """Under the words of what a figure looks at: the records it does not look at before they were due."""
    found = {}
    for kpi in _kpis(records):
        if kpi.owing is None:
            continue
        for split in (None, *kpi.splits()):
            mine = kpi.denominator if split is None else split.condition & kpi.denominator
            found[str(conditions_of(kpi, split)[0])] = mine & kpi.owing
    return found


@cache
def _spans(records: Records) -> dict[str, tuple[Kpi, Q]]:
    pairs = [(kpi, conditions_of(kpi, None)[1]) for kpi in _kpis(records) if kpi.span is not None]
    return {span_key(kpi, counting): (kpi, counting) for kpi, counting in pairs}


def _kpis(records: Records) -> list[Kpi]:
    beside = records in (Records.INCIDENT, Records.ORDER)
    return [
        kpi
        for kpi in CATALOGUE
        if kpi.records == records and kpi.kind != Kind.MISSING and (not beside or kpi.key in FIGURES_BESIDE)
    ]


def _columns(records: Records) -> tuple[str, ...]:
    owners = SUMMED[records]
    return tuple(dict.fromkeys((*owners.scope, *owners.orgs, owners.source)))


@cache
def _edition(records: Records) -> str:
    """Changes when anything that is counted does."""
    words = [*_columns(records), *_conditions(records), *_owed(records), *_spans(records)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _rows(records: Records, part: Slice) -> Any:
    base = BASES[records]
    return base.rows(part).order_by().annotate(**base.derived)


def _count_day(records: Records, day: date) -> bytes:
    """A sheet: owners with their counts in the order of the conditions, the seconds behind percentiles, and when that
    is due which still owes something.

    What is past its due moment changes with the hour: so the sheet counts none as past, and keeps the moments.
    """
    part = Slice(actor=SYSTEM, start=day_begins(day), end=day_begins(day + ONE_DAY), at=EPOCH)
    columns, conditions = _columns(records), _conditions(records)
    counting = {f"c{k}": count_where(condition) for k, condition in enumerate(conditions.values())}
    grouped = _rows(records, part).values_list(*columns).annotate(**counting).values_list(*columns, *counting)
    rows = sorted(grouped, key=str)
    owners = [list(row[: len(columns)]) for row in rows]
    counts = np.array([row[len(columns) :] for row in rows], dtype=np.int32).reshape(-1, len(conditions))
    spans = [_seconds_of_day(_rows(records, part), columns, owners, *span) for span in _spans(records).values()]
    dues = [
        _dues_of_day(_rows(records, part).filter(owing), columns, owners, records)
        for owing in _owed(records).values()
    ]
    return msgspec.msgpack.encode([owners, counts.tobytes(), spans, dues])


def _dues_of_day(rows: Any, columns: Sequence[str], owners: list[Any], records: Records) -> list[bytes]:
    """For each record that owes: whose it is (place in ``owners``), and the microsecond with which it is due."""
    places = {tuple(owner): k for k, owner in enumerate(owners)}
    found = sorted(
        (_last_moment(due), places[tuple(owner)]) for *owner, due in rows.values_list(*columns, BASES[records].due)
    )
    whose = np.array([place for _due, place in found], dtype=np.int32)
    return [whose.tobytes(), np.array([due for due, _place in found], dtype=np.int64).tobytes()]


def _last_moment(due: datetime | date) -> int:
    """A day is past once it is over, a moment as soon as it has passed."""
    return microseconds(due) if isinstance(due, datetime) else microseconds(day_begins(due + ONE_DAY)) - 1


def _seconds_of_day(rows: Any, columns: Sequence[str], owners: list[Any], kpi: Kpi, counting: Q) -> list[bytes]:
    """For each record whose it is (place in ``owners``) and how long it took."""
    places = {tuple(owner): k for k, owner in enumerate(owners)}
    assert kpi.span is not None
    found = sorted(
        (places[tuple(row[:-2])], (row[-1] - row[-2]).total_seconds())
        for row in rows.filter(counting).values_list(*columns, *kpi.span)
    )
    whose = np.array([place for place, _seconds in found], dtype=np.int32)
    return [whose.tobytes(), np.array([seconds for _place, seconds in found], dtype=np.float64).tobytes()]


def summed(records: Records, part: Slice, conditions: Iterable[Q], unread: Unread | None = None) -> Summed | None:
    """The counts of these conditions, from sums of whole days and a count of the rest; None where that is no gain.

    None as well for conditions that have no sum, and for a reach that sums don't know.
    """
    wanted = {str(condition): condition for condition in conditions}
    owners = SUMMED.get(records)
    if owners is None or not wanted.keys() <= _conditions(records).keys():
        return None
    if owners.for_all_only and not part.actor.sees_all:
        return None
    part = replace(part, at=part.asked_at)
    days = _whole_days(part)
    if days is None:
        return None
    read = sheets_read(_kind(records), *days, unread)
    return _added(records, part, wanted, read, days) if read.is_of_use else None


def _whole_days(part: Slice) -> tuple[date, date] | None:
    """The first and last local day that lie in the period from end to end."""
    first, last = timezone.localtime(part.start).date(), timezone.localtime(part.end).date() - ONE_DAY
    if day_begins(first) < part.start:
        first += ONE_DAY
    return (first, last) if first <= last else None


def _added(records: Records, part: Slice, wanted: Mapping[str, Q], read: Reading, days: tuple[date, date]) -> Summed:
    order, spans = list(_conditions(records)), list(_spans(records))
    owed, asked_us = [order.index(key) for key in _owed(records)], microseconds(part.asked_at)
    total = np.zeros(len(order), dtype=np.int64)
    seconds: dict[str, list[NDArray[np.float64]]] = {key: [] for key in spans}
    mine = _chooser(records, part)
    for _day, content in read.contents:
        owners, packed, lasted, dues = msgspec.msgpack.decode(content)
        chosen = [mine(owner) for owner in owners]
        counts = np.frombuffer(packed, dtype=np.int32).reshape(-1, len(order))
        total += (counts if all(chosen) else counts[np.array(chosen, dtype=bool)]).sum(axis=0)
        for key, (whose, values) in zip(spans, lasted, strict=True):
            found = np.frombuffer(values, dtype=np.float64)
            if not all(chosen):
                found = found[np.array(chosen, dtype=bool)[np.frombuffer(whose, dtype=np.int32)]]
            seconds[key].append(found)
        for place, (whose, moments) in zip(owed, dues, strict=True):
            past = int(np.searchsorted(np.frombuffer(moments, dtype=np.int64), asked_us))
            if past:
                total[place] += np.array(chosen, dtype=bool)[np.frombuffer(whose, dtype=np.int32)[:past]].sum()
    counts_by = dict(zip(order, total.tolist(), strict=True))
    result = {key: counts_by[key] for key in wanted}
    for start, end in _rest(part, read, days):
        _add_counted(records, replace(part, start=start, end=end), wanted, result, seconds)
    # Several percentiles are read from the same durations: sorted here, once, from days that are sorted nearly.
    joined = {key: np.sort(np.concatenate([np.zeros(0), *parts]), kind="stable") for key, parts in seconds.items()}
    return Summed(result, joined, read.as_of)


def _add_counted(
    records: Records,
    part: Slice,
    wanted: Mapping[str, Q],
    result: dict[str, int],
    seconds: dict[str, list[NDArray[np.float64]]],
) -> None:
    """A stretch of time without a sheet, counted in the store."""
    asked = {f"c{k}": count_where(condition) for k, condition in enumerate(wanted.values())}
    row = _rows(records, part).aggregate(**asked)
    for k, key in enumerate(wanted):
        result[key] += row[f"c{k}"]
    for key, (kpi, counting) in _spans(records).items():
        if key in seconds and kpi.span is not None:
            pairs = _rows(records, part).filter(counting).values_list(*kpi.span)
            lasted = [(later - earlier).total_seconds() for earlier, later in pairs.iterator(chunk_size=20_000)]
            seconds[key].append(np.array(lasted, dtype=np.float64))


def _rest(part: Slice, read: Reading, days: tuple[date, date]) -> list[tuple[datetime, datetime]]:
    """The stretches of the period that no sheet tells."""
    first, last = day_begins(days[0]), day_begins(days[1] + ONE_DAY)
    gaps = [(part.start, first), *((day_begins(a), day_begins(b + ONE_DAY)) for a, b in read.missing)]
    return [(start, end) for start, end in [*gaps, (last, part.end)] if start < end]


def _chooser(records: Records, part: Slice) -> Callable[[list[Any]], bool]:
    """Whether a row of a sheet lies in the actor's reach, the organisations and the source asked for."""
    owners, columns = SUMMED[records], _columns(records)
    scope = [columns.index(column) for column in owners.scope]
    orgs = [columns.index(column) for column in owners.orgs]
    source = columns.index(owners.source)

    def mine(row: list[Any]) -> bool:
        if part.source and row[source] != part.source:
            return False
        if not part.actor.sees_all and part.actor.org_ids.isdisjoint(row[k] for k in scope):
            return False
        return part.org_ids is None or not part.org_ids.isdisjoint(row[k] for k in orgs)

    return mine


def _kind(records: Records) -> str:
    return f"of-{records.value}"


def sums_begin() -> None:
    """Have the days of these records summed from now on."""
    for records, owners in SUMMED.items():
        counter_add(Counter(_kind(records), owners.about, partial(_edition, records), partial(_count_day, records)))
