"""Which days' sums are to be counted anew: told by the events, after the closings were made from the same events.

May run twice without harm. Rather one day too many than one too few: what happened to a file marks every day its
records belong to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.apps import apps
from django.db import transaction
from django.db.models import Case, F, Max, Min, Model, Q, QuerySet, Value, When
from django.utils import timezone

from anlan.core.models import Event, HandlerCursor
from anlan.core.selectors import Cursor, cursor_latest, events_after, events_wait
from anlan.disputes.closing_handlers import _REACTIONS as CLOSING_REACTIONS
from anlan.disputes.closing_handlers import NAME as CLOSINGS
from anlan.disputes.models import DaySheet, DisputeFile, FileClosing, FileIncident, FileRevisit, Obligation, Push
from anlan.disputes.selectors.day_sheets import COUNTERS, FOLLOWER, ONE_DAY
from anlan.intake.models import Incident

DAY_OF: dict[str, tuple[type[Model], str, str]] = {
    "file": (DisputeFile, "pk", "opened_at"),
    "push": (Push, "file_id", "pushed_at"),
    "closing": (FileClosing, "file_id", "closed_at"),
    "revisit": (FileRevisit, "file_id", "drawn_at"),
    "promise": (Obligation, "file_id", "due_on"),
    "incident": (Incident, "pk", "received_at"),
}
"""What a day may be the day of: where it stands, and what leads there."""


def day_sheets_follow(*, at: datetime, limit: int = 3_000) -> int:
    """Mark the days that what happened since belongs to; returns events read. Reads no further than the closings."""
    if not events_wait(FOLLOWER):
        return 0
    place = HandlerCursor.objects.filter(handler=FOLLOWER).first()
    if place is None:
        return day_sheets_begin(at=at)
    here = Cursor(place.txid, place.event_id)
    read = _up_to_the_closings(list(events_after(here, limit=limit)))
    if not read:
        return 0
    days = _days_touched(read)
    with transaction.atomic():
        mine = HandlerCursor.objects.filter(pk=place.pk, txid=place.txid, event_id=place.event_id)
        if mine.update(txid=read[-1].txid, event_id=read[-1].pk):
            for about, found in days.items():
                _mark(about, found, at=at)
    return len(read)


def _up_to_the_closings(waiting: list[Event]) -> list[Event]:
    """Of these events those before the first that the table of closings follows and has not read yet."""
    place = HandlerCursor.objects.filter(handler=CLOSINGS).first()
    upto = Cursor(place.txid, place.event_id) if place is not None else Cursor()
    unread = (k for k, event in enumerate(waiting) if Cursor.of(event) > upto and event.kind in CLOSING_REACTIONS)
    return waiting[: next(unread, len(waiting))]


def day_sheets_begin(*, at: datetime) -> int:
    """Mark every day there is to be counted, and follow from here on; returns how many sheets are to be counted."""
    here = cursor_latest()
    spans = {about: _span(model, column) for about, (model, _key, column) in DAY_OF.items()}
    with transaction.atomic():
        HandlerCursor.objects.update_or_create(handler=FOLLOWER, defaults={"txid": here.txid, "event_id": here.id})
        return sum(_mark(about, days, at=at) for about, days in spans.items())


def day_sheets_renew(*, at: datetime) -> int:
    """Mark what was counted another way than is counted now, and what was counted longest ago.

    Each sheet comes round within two weeks where this runs once an hour: should an event ever tell less than it
    did, no sum stays wrong for longer.
    """
    marked = 0
    for kind, counter in COUNTERS.items():
        rows = DaySheet.objects.filter(kind=kind)
        old = rows.filter(marks=F("counted_marks")).exclude(edition=counter.edition())
        oldest = rows.filter(marks=F("counted_marks")).order_by("counted_at")[: rows.count() // ROUND_HOURS + 1]
        chosen = {*old.values_list("pk", flat=True), *(row.pk for row in oldest.only("pk"))}
        marked += DaySheet.objects.filter(pk__in=chosen).update(**_MARKED, marked_at=at)
    return marked


ROUND_HOURS = 14 * 24
FILLED_AT_MOST = ONE_DAY * 400
"""A promise may be due in a hundred years: the days up to then are not all written down."""
_MARKED = {"marks": F("marks") + 1}


def _mark(about: str, days: Iterable[date], *, at: datetime) -> int:
    """Have these days counted anew, in every kind that is about this; when first marked stays."""
    kinds = [kind for kind, counter in COUNTERS.items() if counter.about == about]
    wanted = sorted(set(days))
    since = Case(When(Q(marks=F("counted_marks")), then=Value(at)), default=F("marked_at"))
    for kind in kinds:
        rows = DaySheet.objects.filter(kind=kind)
        rows.filter(day__in=wanted).update(**_MARKED, marked_at=since)
        new = [DaySheet(kind=kind, day=day, marked_at=at) for day in _days_new(rows, wanted)]
        DaySheet.objects.bulk_create(new, ignore_conflicts=True)
    return len(kinds) * len(wanted)


def _days_new(rows: QuerySet[DaySheet], wanted: list[date]) -> list[date]:
    """Those of the days that have no sheet yet, and the days before them on which nothing happened."""
    has = set(rows.filter(day__in=wanted).values_list("day", flat=True))
    found: set[date] = set()
    for day in wanted:
        if day not in has:
            before = rows.filter(day__lt=day, day__gte=day - FILLED_AT_MOST).order_by("-day").first()
            empty = (day - before.day).days if before is not None else 1
            found |= {day - ONE_DAY * k for k in range(empty)}
    return sorted(found)


def _span(model: type[Model], column: str) -> list[date]:
    """Every local day from the first to the last there is."""
    ends = model._default_manager.aggregate(low=Min(column), high=Max(column))
    if ends["low"] is None:
        return []
    first, last = _day(ends["low"]), _day(ends["high"])
    return [first + ONE_DAY * k for k in range((last - first).days + 1)]


def _days_touched(read: list[Event]) -> dict[str, set[date]]:
    """The days of everything these events are about."""
    incidents = {event.incident_id for event in read if event.incident_id}
    incidents |= {event.subject_id for event in read if event.subject_type == "intake.incident"}
    files = _files_of(read)
    files |= set(FileIncident.objects.filter(incident_id__in=incidents).values_list("file_id", flat=True))
    files |= set(DisputeFile.objects.filter(merged_into__in=files).values_list("pk", flat=True))
    found: dict[str, set[date]] = {}
    for about, (model, key, column) in DAY_OF.items():
        ids = incidents if model is Incident else files
        moments = model._default_manager.filter(**{f"{key}__in": ids}).values_list(column, flat=True)
        found[about] = {_day(moment) for moment in moments if moment is not None}
    return found


def _files_of(read: list[Event]) -> set[int]:
    """The files these events are about, by subject or by what they tell."""
    files: set[int] = set()
    others: defaultdict[str, set[int]] = defaultdict(set)
    for event in read:
        files |= {value for name in ("file_id", "into_id") if isinstance(value := event.data.get(name), int)}
        if event.subject_type == "disputes.disputefile":
            files.add(event.subject_id)
        elif event.subject_type.startswith("disputes."):
            others[event.subject_type].add(event.subject_id)
    for label, ids in others.items():
        model = apps.get_model(label)
        if any(field.name == "file" for field in model._meta.get_fields()):
            files |= set(model._default_manager.filter(pk__in=ids).values_list("file_id", flat=True))
    return files


def _day(moment: datetime | date) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
