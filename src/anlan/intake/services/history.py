"""Taking in what happened before: past incidents of another system, many rows in one change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.models import ImportBatch
from anlan.core.services import event_record, number_next
from anlan.intake import events
from anlan.intake.models import Call, Incident
from anlan.places.selectors import Located, locate_many
from anlan.tagging.selectors import incident_type

INSERT_ROWS = 250


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


@transaction.atomic
def history_import(*, rows: Sequence[HistoryIncident], batch: ImportBatch, by: Actor, at: datetime) -> HistoryTaken:
    """Put past incidents with their calls on the record, closed; rows already here are left as they are."""
    if not rows:
        return HistoryTaken(0, 0)
    known = set(
        Incident.objects.filter(source=rows[0].source, external_id__in=[r.external_id for r in rows]).values_list(
            "external_id", flat=True
        )
    )
    fresh = list({row.external_id: row for row in rows if row.external_id not in known}.values())
    places = locate_many([row.lon for row in fresh], [row.lat for row in fresh])
    first = _numbers(len(fresh))
    incidents = Incident.objects.bulk_create(
        [_incident(row, where, first + k) for k, (row, where) in enumerate(zip(fresh, places, strict=True))],
        batch_size=INSERT_ROWS,
    )
    Call.objects.bulk_create(
        [_call(row, incident) for row, incident in zip(fresh, incidents, strict=True)], batch_size=INSERT_ROWS
    )
    event_record(
        events.HISTORY_IMPORTED,
        subject=batch,
        by=by,
        at=at,
        org_ids=sorted({i.station_id for i in incidents if i.station_id}),
        source=rows[0].source,
        accepted=len(fresh),
        repeated=len(rows) - len(fresh),
    )
    return HistoryTaken(len(fresh), len(rows) - len(fresh))


def _numbers(count: int) -> int:
    """The first of ``count`` running numbers for past incidents (drawn in one step)."""
    return number_next("history", count) - count + 1


def _incident(row: HistoryIncident, where: Located | None, running: int) -> Incident:
    kind = incident_type(row.code)
    return Incident(
        number=f"H{running:09d}",
        code=row.code,
        is_code_confirmed=True,
        priority=kind.priority,
        priority_rule="history",
        track=row.track or kind.track,
        track_rule="history",
        rules_version="history",
        is_valid=kind.is_valid_incident,
        state="closed",
        state_since=row.closed_at,
        narrative=row.narrative,
        address_text=row.address_text,
        lon=row.lon,
        lat=row.lat,
        location_source="import" if row.lon is not None else "",
        cell=where.cell if where else None,
        setting=where.setting if where else "town",
        beat_code=where.beat_code if where else "",
        station_id=where.station_id if where else None,
        town_room_id=where.town_room_id if where else None,
        holder_id=where.station_id if where else None,
        origin=row.origin,
        received_at=row.received_at,
        first_sent_at=row.first_sent_at,
        first_arrived_at=row.first_arrived_at,
        closed_at=row.closed_at,
        source=row.source,
        external_id=row.external_id,
    )


def _call(row: HistoryIncident, incident: Incident) -> Call:
    return Call(
        number=f"C{incident.number}",
        channel=row.channel,
        state="incident_open",
        state_since=row.received_at,
        answered_at=row.received_at,
        recorded_at=row.received_at,
        narrative=row.narrative,
        address_text=row.address_text,
        lon=row.lon,
        lat=row.lat,
        cell=incident.cell,
        incident=incident,
        filed_under=incident,
        is_opening=True,
        station_id=incident.station_id,
    )
