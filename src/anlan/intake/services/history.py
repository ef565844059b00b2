"""Taking in what happened before: past incidents of another system, many rows in one change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.models import ImportBatch
from anlan.core.rows import values_insert
from anlan.core.services import event_record, number_next
from anlan.intake import events
from anlan.intake.models import Call, Incident
from anlan.places.selectors import Located, locate_many
from anlan.tagging.selectors import incident_type

INSERT_ROWS = 250
TIMES = ("first_sent_at", "first_arrived_at", "closed_at", "state_since")


@dataclass(frozen=True, slots=True)
class HistoryIncident:
    """A past incident as another system tells it. ``(source, external_id)`` names it for good."""

    source: str
    external_id: str
    code: str
    received_at: datetime
    closed_at: datetime
    narrative: str = ""
    address_text: str = ""
    lon: float | None = None
    lat: float | None = None
    origin: str = "citizen"
    channel: str = "phone"
    first_sent_at: datetime | None = None
    first_arrived_at: datetime | None = None
    track: str = ""


@dataclass(frozen=True, slots=True)
class HistoryTaken:
    """What became of the rows: new ones, and those already here from an earlier import."""

    accepted: int
    repeated: int
    fresh: frozenset[str] = frozenset()
    """The numbers of the new ones."""


@dataclass(frozen=True, slots=True)
class HistoryTimes:
    """When help was first sent to a past incident and came, as dispatch sheets tell; ``last_at`` is the last step."""

    incident_id: int
    sent_at: datetime
    arrived_at: datetime | None
    last_at: datetime


@transaction.atomic
def history_import(*, rows: Sequence[HistoryIncident], batch: ImportBatch, by: Actor, at: datetime) -> HistoryTaken:
    """Put past incidents with their calls on the record, closed; rows already here are left as they are.

    Raises ``ValueError`` where two rows bear one number: which of them holds is not for this service to guess.
    """
    if not rows:
        return HistoryTaken(0, 0)
    numbers = [row.external_id for row in rows]
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"{batch.source}: two rows bear one number")
    known = set(
        Incident.objects.filter(source=rows[0].source, external_id__in=numbers).values_list("external_id", flat=True)
    )
    fresh = [row for row in rows if row.external_id not in known]
    places = locate_many([row.lon for row in fresh], [row.lat for row in fresh])
    first = _numbers(len(fresh))
    drafts = [
        _incident(row, where, f"H{first + k:09d}") for k, (row, where) in enumerate(zip(fresh, places, strict=True))
    ]
    values_insert(Incident, INCIDENT_COLUMNS, drafts)
    values_insert(Call, CALL_COLUMNS, _calls(fresh, places, first))
    event_record(
        events.HISTORY_IMPORTED,
        subject=batch,
        by=by,
        at=at,
        org_ids={where.station_id for where in places if where is not None},
        source=rows[0].source,
        accepted=len(fresh),
        repeated=len(rows) - len(fresh),
    )
    return HistoryTaken(len(fresh), len(rows) - len(fresh), frozenset(row.external_id for row in fresh))


@transaction.atomic
def history_times_import(*, rows: Sequence[HistoryTimes], batch: ImportBatch, by: Actor, at: datetime) -> int:
    """Note on past incidents when help was first sent and came, the earliest that is known; returns how many changed.

    An incident whose closing nobody told was closed at its report for want of a better time: it is closed with
    its last step instead.
    """
    told = {row.incident_id: row for row in rows}
    if len(told) < len(rows):
        raise ValueError(f"{batch.source}: two rows speak of one incident")
    changed = []
    found = Incident.objects.filter(pk__in=told, state="closed").only(*TIMES, "received_at").order_by("pk")
    for incident in found:
        row = told[incident.pk]
        before = [getattr(incident, name) for name in TIMES]
        incident.first_sent_at = _earliest(incident.first_sent_at, row.sent_at)
        incident.first_arrived_at = _earliest(incident.first_arrived_at, row.arrived_at)
        if incident.closed_at == incident.received_at:
            incident.closed_at = incident.state_since = max(row.last_at, incident.received_at)
        if before != [getattr(incident, name) for name in TIMES]:
            changed.append(incident)
    if changed:
        Incident.objects.bulk_update(changed, TIMES, batch_size=INSERT_ROWS)
        event_record(
            events.HISTORY_IMPORTED,
            subject=batch,
            by=by,
            at=at,
            source=batch.mapping,
            accepted=0,
            repeated=len(rows),
            timed=len(changed),
        )
    return len(changed)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _numbers(count: int) -> int:
    """The first of ``count`` running numbers for past incidents (drawn in one step)."""
    return number_next("history", count) - count + 1


INCIDENT_COLUMNS = (
    "number",
    "code",
    "is_code_confirmed",
    "priority",
    "priority_rule",
    "track",
    "track_rule",
    "rules_version",
    "is_valid",
    "state",
    "state_since",
    "narrative",
    "address_text",
    "lon",
    "lat",
    "location_source",
    "cell",
    "setting",
    "beat_code",
    "station_id",
    "town_room_id",
    "holder_id",
    "origin",
    "received_at",
    "first_sent_at",
    "first_arrived_at",
    "closed_at",
    "source",
    "external_id",
)


def _incident(row: HistoryIncident, where: Located | None, number: str) -> tuple[Any, ...]:
    """The values of ``INCIDENT_COLUMNS``."""
    kind = incident_type(row.code)
    return (
        number,
        row.code,
        True,
        kind.priority,
        "history",
        row.track or kind.track,
        "history",
        "history",
        kind.is_valid_incident,
        "closed",
        row.closed_at,
        row.narrative,
        row.address_text,
        row.lon,
        row.lat,
        "import" if row.lon is not None else "",
        where.cell if where else None,
        where.setting if where else "town",
        where.beat_code if where else "",
        where.station_id if where else None,
        where.town_room_id if where else None,
        where.station_id if where else None,
        row.origin,
        row.received_at,
        row.first_sent_at,
        row.first_arrived_at,
        row.closed_at,
        row.source,
        row.external_id,
    )


CALL_COLUMNS = (
    "number",
    "channel",
    "state",
    "state_since",
    "answered_at",
    "recorded_at",
    "narrative",
    "address_text",
    "lon",
    "lat",
    "cell",
    "incident_id",
    "filed_under_id",
    "is_opening",
    "station_id",
)


def _calls(
    fresh: Sequence[HistoryIncident], places: Sequence[Located | None], first: int
) -> Iterator[tuple[Any, ...]]:
    """The values of ``CALL_COLUMNS`` for the opening call of each incident just written."""
    low, high = f"H{first:09d}", f"H{first + len(fresh) - 1:09d}"
    ids = dict(Incident.objects.filter(number__gte=low, number__lte=high).values_list("number", "id"))
    for k, (row, where) in enumerate(zip(fresh, places, strict=True)):
        number = f"H{first + k:09d}"
        yield (
            f"C{number}",
            row.channel,
            "incident_open",
            row.received_at,
            row.received_at,
            row.received_at,
            row.narrative,
            row.address_text,
            row.lon,
            row.lat,
            where.cell if where else None,
            ids[number],
            ids[number],
            True,
            where.station_id if where else None,
        )
