"""Sums by local day: who counts which kind, and what is to be had of a period without counting.

Rooms above add ways of counting of their own (``counter_add``). Content is the counter's business; equal records
give equal bytes, so that a sheet can be held against a new count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Case, F, Q, When
from django.utils import timezone

from anlan.core.models import Event, HandlerCursor
from anlan.core.selectors import Cursor
from anlan.disputes.models import DaySheet

FOLLOWER = "disputes.day_sheets"
RANGES_AT_MOST = 3
"""Where more stretches of days than this are not to be had, all of them are counted at once."""
ONE_DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Counter:
    """How a day of one kind is counted. ``about`` says whose day it is: that of a file, a push, an incident …"""

    kind: str
    about: str
    edition: Callable[[], str]
    count: Callable[[date], bytes]


COUNTERS: dict[str, Counter] = {}


def counter_add(counter: Counter) -> None:
    """Have days of this kind summed from now on."""
    COUNTERS[counter.kind] = counter


@dataclass(frozen=True, slots=True)
class Reading:
    """Sheets of a period: their contents, the stretches of days without one (both ends belong to them).

    ``as_of`` is since when changes may not be in it; None where all are.
    """

    contents: list[tuple[date, bytes]]
    missing: list[tuple[date, date]]
    as_of: datetime | None = None

    @property
    def is_of_use(self) -> bool:
        """Whether reading the sheets and counting the rest is less than counting everything."""
        return bool(self.contents) and len(self.missing) <= RANGES_AT_MOST


class Unread:
    """When the first event happened that the sheets don't know of, asked once for all that one page reads."""

    def __init__(self) -> None:
        self._asked: list[datetime | None] = []

    def since(self) -> datetime | None:
        """None where the sheets know of all events."""
        if not self._asked:
            self._asked.append(_unread_since())
        return self._asked[0]


def sheets_read(kind: str, first: date, last: date, unread: Unread | None = None) -> Reading:
    """What is to be had of these local days, both included. One query; up to three where ``unread`` is new."""
    rows = DaySheet.objects.filter(kind=kind, day__gte=first, day__lte=last, edition=COUNTERS[kind].edition())
    # Of a year of sheets hardly one lies behind: the others' instants need not be read.
    behind_since = Case(When(~Q(marks=F("counted_marks")), then=F("marked_at")))
    found = list(rows.order_by("day").values_list("day", "content", behind_since))
    as_of = min((marked for *_, marked in found if marked is not None), default=None)
    if found and (first_unread := (unread or Unread()).since()) is not None:
        as_of = first_unread if as_of is None else min(as_of, first_unread)
    contents = [(day, bytes(content)) for day, content, _behind in found]
    return Reading(contents, list(_gaps([day for day, _content in contents], first, last)), as_of)


def _gaps(days: list[date], first: date, last: date) -> Iterator[tuple[date, date]]:
    expected = first
    for day in days:
        if day > expected:
            yield expected, day - ONE_DAY
        expected = day + ONE_DAY
    if expected <= last:
        yield expected, last


def _unread_since() -> datetime | None:
    """When the first event happened that the sheets don't know of."""
    place = HandlerCursor.objects.filter(handler=FOLLOWER).first()
    return first_unread_at(Cursor(place.txid, place.event_id)) if place is not None else None


def first_unread_at(place: Cursor) -> datetime | None:
    """When the first event behind this place of the stream happened; None where there is none.

    Two questions, each one look into an index: SQLite searches a pair by its first half alone, and there all events
    have the same one, so that asking for both at once reads through all events there ever were.
    """
    rows = Event.objects.order_by("txid", "id").values_list("at", flat=True)
    here: datetime | None = rows.filter(txid=place.txid, pk__gt=place.id).first()
    return here if here is not None else rows.filter(txid__gt=place.txid).first()


def microseconds(moment: datetime) -> int:
    """A moment as a whole number that sorts as moments do."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def day_begins(day: date) -> datetime:
    """Midnight of a local day."""
    return timezone.make_aware(datetime.combine(day, time()))


def sheets_behind(limit: int) -> list[DaySheet]:
    """Sheets to be counted anew, the latest days first."""
    rows = DaySheet.objects.filter(~Q(marks=F("counted_marks")), kind__in=list(COUNTERS))
    return list(rows.order_by("-day").defer("content")[:limit])
