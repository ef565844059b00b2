"""The weekly bulletin: how fast sheets were signed, set off, arrived and reported, organisation by organisation."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment
from anlan.engines.intervals import wilson_interval
from anlan.reports.definitions import Records, Slice
from anlan.reports.selectors.kpi import part_of, rows_of

VERSION = 1
UNFINISHED_LIMIT = 200
BUTTON_EARLY = timedelta(seconds=60)
CALLED_OFF = ("refused", "reassigned", "cancelled")
REPORTED = ("feedback_done", "reviewed", "closed")
Row = dict[str, Any]
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Measure:
    """One question of the bulletin: from which moment to which, over which sheets, in which buckets.

    ``edges_s`` are the upper ends of the buckets in seconds, each belonging to its own bucket; after the
    last bounded bucket comes the open one, and after that the sheets without that moment.
    """

    key: str
    name: str | Promise
    says: str | Promise
    start: str
    end: str
    counts: Callable[[Row], bool]
    edges_s: tuple[float, ...]
    buckets: tuple[str | Promise, ...]


def _every(row: Row) -> bool:
    return True


def _went(row: Row) -> bool:
    return row["state"] not in CALLED_OFF


def _finished(row: Row) -> bool:
    return row["finished_at"] is not None


ON_THE_WAY = (300.0, 600.0, 900.0, 1800.0)
MEASURES = (
    Measure(
        "sign",
        _("Signing"),
        _("From sending to “signed”, over all sheets sent except those taken back at once."),
        "sent_at",
        "signed_at",
        _every,
        (30.0, 60.0),
        (_("0–30 s"), _("30–60 s"), _("over 60 s"), _("not signed")),
    ),
    Measure(
        "turn_out",
        _("Turn-out"),
        _("From sending to “set off”: the clock stops when the unit departs. Sheets called off are left out."),
        "sent_at",
        "departed_at",
        _went,
        ON_THE_WAY,
        (_("0–5 min"), _("5–10 min"), _("10–15 min"), _("15–30 min"), _("over 30 min"), _("no departure")),
    ),
    Measure(
        "arrival",
        _("Arrival"),
        _("From sending to “arrived”: the clock stops on the spot. Sheets called off are left out."),
        "sent_at",
        "arrived_at",
        _went,
        ON_THE_WAY,
        (_("0–5 min"), _("5–10 min"), _("10–15 min"), _("15–30 min"), _("over 30 min"), _("no arrival")),
    ),
    Measure(
        "feedback",
        _("Feedback"),
        _("From “done” to the feedback sheet, over all sheets finished."),
        "finished_at",
        "sheet_at",
        _finished,
        (30 * MINUTE, 60 * MINUTE, 120 * MINUTE, 240 * MINUTE),
        (_("0–30 min"), _("30–60 min"), _("1–2 h"), _("2–4 h"), _("over 4 h"), _("not filed")),
    ),
)
STATES = dict(Assignment._meta.get_field("state").flatchoices)
COMPARED = {
    "above": _("clearly higher than the others"),
    "below": _("clearly lower than the others"),
    "open": _("too few to compare"),
    "alone": _("nobody to compare with"),
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many sheets took that long: ``count`` of n, as a share with its Wilson interval (None for n = 0)."""

    label: str | Promise
    count: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class BulletinRow:
    """One organisation (None: all together). ``compared`` looks at the first bucket, against all others.

    ``open``: the two intervals overlap, the week has too few sheets to tell them apart.
    """

    organisation: Organisation | None
    n: int
    buckets: tuple[Bucket, ...]
    compared: str = ""

    @property
    def compared_text(self) -> str | Promise:
        return COMPARED.get(self.compared, "")


@dataclass(frozen=True, slots=True)
class BulletinTable:
    """One measure over all organisations, in the order of the tree: nobody is ranked."""

    measure: Measure
    total: BulletinRow
    rows: tuple[BulletinRow, ...]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A sheet of the week without feedback."""

    id: int
    incident_id: int
    number: str
    unit: str
    organisation: str
    state: str
    sent_at: datetime

    @property
    def state_text(self) -> str:
        """The state in the reader's language."""
        return str(STATES.get(self.state, self.state))


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A week, Monday to Monday in local time, with everything one needs to judge it.

    ``button`` checks arrivals: pressed more than 60 s before the position was there, of those that have
    both times. ``unfinished`` holds at most 200 rows of ``unfinished_count``.
    """

    start: datetime
    end: datetime
    version: int
    tables: tuple[BulletinTable, ...]
    button: BulletinTable
    unfinished: tuple[Unfinished, ...]
    unfinished_count: int


def week_of(day: date) -> tuple[datetime, datetime]:
    """The local week, Monday 00:00 to Monday 00:00, in which ``day`` lies."""
    monday = day - timedelta(days=day.weekday())
    zone = timezone.get_current_timezone()
    edges = (monday, monday + timedelta(days=7))
    start, end = (timezone.make_aware(datetime(d.year, d.month, d.day), zone) for d in edges)  # noqa: DTZ001
    return start, end


def bulletin(
    actor: Actor, *, week_start: date, organisation: Organisation | None = None, source: str | None = None
) -> Bulletin:
    """The bulletin of the week in which ``week_start`` lies, of the sheets ``actor`` may see.

    A sheet belongs to the organisation of its unit, and to the week its incident was received in.
    """
    start, end = week_of(week_start)
    part = part_of(actor, start, end, organisation, source)
    rows = _sheets(part)
    orgs = _organisations(rows)
    unfinished = [row for row in rows if row["state"] not in (*REPORTED, *CALLED_OFF)]
    return Bulletin(
        start=start,
        end=end,
        version=VERSION,
        tables=tuple(_table(measure, rows, orgs) for measure in MEASURES),
        button=_table(BUTTON, rows, orgs),
        unfinished=tuple(_unfinished(row, orgs) for row in unfinished[:UNFINISHED_LIMIT]),
        unfinished_count=len(unfinished),
    )


def _sheets(part: Slice) -> list[Row]:
    """What the bulletin needs of each sheet, oldest first: one query."""
    steps = ("sent_at", "signed_at", "departed_at", "arrived_at", "arrived_inferred_at", "finished_at", "sheet_at")
    names = {
        "org": F("unit__organisation_id"),
        "unit_": F("unit__call_sign"),
        "number": F("incident__number"),
    }
    found = rows_of(Records.ASSIGNMENT, part).order_by("incident__received_at", "pk")
    return list(found.values("pk", "incident_id", "state", *steps, **names))


def _organisations(rows: Iterable[Row]) -> dict[int, Organisation]:
    wanted = {row["org"] for row in rows}
    return {org.pk: org for org in Organisation.objects.filter(pk__in=wanted).order_by("path")}


def _placed(measure: Measure, row: Row) -> int:
    """In which bucket the sheet falls; the last is for sheets without that moment."""
    begun, done = row[measure.start], row[measure.end]
    if begun is None or done is None:
        return len(measure.buckets) - 1
    return bisect_left(measure.edges_s, (done - begun).total_seconds())


def _table(measure: Measure, rows: Iterable[Row], orgs: dict[int, Organisation]) -> BulletinTable:
    counts: dict[int, list[int]] = defaultdict(lambda: [0] * len(measure.buckets))
    total = [0] * len(measure.buckets)
    for row in rows:
        if measure.counts(row):
            place = _placed(measure, row)
            counts[row["org"]][place] += 1
            total[place] += 1
    found = []
    for key, org in orgs.items():
        if key in counts:
            others = [whole - own for whole, own in zip(total, counts[key], strict=True)]
            found.append(_row(measure, counts[key], org, _compared(counts[key], others)))
    return BulletinTable(measure, _row(measure, total, None, ""), tuple(found))


def _row(measure: Measure, counts: Sequence[int], org: Organisation | None, compared: str) -> BulletinRow:
    n = sum(counts)
    return BulletinRow(org, n, tuple(map(_bucket, measure.buckets, counts, [n] * len(counts))), compared)


def _bucket(label: str | Promise, count: int, n: int) -> Bucket:
    if n == 0:
        return Bucket(label, 0, None, None, None)
    return Bucket(label, count, count / n, *wilson_interval(count, n))


def _compared(own: Sequence[int], others: Sequence[int]) -> str:
    """Whether the first bucket's share can honestly be told from that of all the others."""
    if not sum(others):
        return "alone"
    low, high = wilson_interval(own[0], sum(own))
    their_low, their_high = wilson_interval(others[0], sum(others))
    if low > their_high:
        return "above"
    return "below" if high < their_low else "open"


def _unfinished(row: Row, orgs: dict[int, Organisation]) -> Unfinished:
    org = orgs[row["org"]]
    return Unfinished(
        id=row["pk"],
        incident_id=row["incident_id"],
        number=row["number"],
        unit=row["unit_"],
        organisation=org.code,
        state=row["state"],
        sent_at=row["sent_at"],
    )


def _has_both(row: Row) -> bool:
    return row["arrived_at"] is not None and row["arrived_inferred_at"] is not None


BUTTON = Measure(
    "button",
    _("Button against position"),
    _("“Arrived” pressed more than 60 s before the unit's position was at the place, over arrivals with both times."),
    "arrived_at",
    "arrived_inferred_at",
    _has_both,
    (BUTTON_EARLY.total_seconds(),),
    (_("button agrees with position, or later"), _("button more than 60 s early")),
)
