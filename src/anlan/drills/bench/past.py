"""A past of any size for measuring: some hundred incidents put in by services, then multiplied in the store.

What grows is what a real past grows by: incidents, their calls, their labels and their events. Each
copy lies further back in time; nothing of it is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.core.rows import rows_insert
from anlan.core.services import event_record, import_start
from anlan.dispatch.events import INCIDENT_CLOSED
from anlan.intake.events import INCIDENT_OPENED
from anlan.intake.models import Call, Incident, IncidentTag
from anlan.intake.services.history import HistoryIncident, history_import

BOX = (120.0, 28.8, 120.2, 29.0)
STEP = timedelta(seconds=40)
BLOCK = 500
"""So many incidents are put in one by one; every further block is a copy of them."""
EDITION = 1
"""Counts up when what is built here changes, so that a kept store of before isn't taken for it."""
TOLD = "报警人称楼上装修噪声扰民，多次沟通无果"
MATTERS = tuple((code, TOLD) for code in ("0410", "0402", "0303", "0107", "0599", "0307"))
"""Types and what was told, in turn."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How one table is copied: its column of the one it belongs to, its instants, and what else must differ.

    ``changes`` maps a column to an SQL expression, in which ``{id}`` and ``{parent}`` are those of the copy and
    ``{j}`` counts the copies; ``of`` is the table that ``parent`` points into.
    """

    model: type[models.Model]
    parent: str
    times: tuple[str, ...]
    changes: Mapping[str, str]
    of: str = "intake_incident"


TABLES = (
    Copied(
        Incident,
        "id",
        ("received_at", "state_since", "closed_at"),
        {"number": "'B' || ({id})", "external_id": "'c' || ({id})"},
    ),
    Copied(
        Call,
        "incident_id",
        ("state_since", "answered_at", "recorded_at"),
        {"number": "'B' || ({id})", "filed_under_id": "{parent}"},
    ),
    Copied(IncidentTag, "incident_id", ("set_at",), {}),
    Copied(Event, "incident_id", ("at",), {"subject_id": f"old.subject_id + j * {BLOCK}"}),
)


def past_build(size: int, *, until: datetime) -> None:
    """Give a fresh centre without incidents a past of ``size`` incidents that ends at ``until``.

    Raises ``ValueError`` where there are incidents already: copies rest on an unbroken run of ids.
    """
    first_block(min(size, BLOCK), until)
    if size > BLOCK:
        with transaction.atomic():
            for table in TABLES:
                table_copy(table, size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@transaction.atomic
def first_block(count: int, until: datetime, matters: Sequence[tuple[str, str]] = MATTERS) -> None:
    """The first incidents, with the events and labels an incident has when it is over.

    Raises ``ValueError`` where there are incidents already: copies rest on an unbroken run of ids.
    """
    if Incident.objects.exists():
        raise ValueError("a past is built in a store that has none")
    batch = import_start(kind="bench", source="bench", by=SYSTEM, at=until)
    history_import(
        rows=[_row(k, until, *matters[k % len(matters)]) for k in range(count)], batch=batch, by=SYSTEM, at=until
    )
    for incident in Incident.objects.order_by("id"):
        for kind, at in ((INCIDENT_OPENED, incident.received_at), (INCIDENT_CLOSED, incident.state_since)):
            event_record(
                kind,
                subject=incident,
                by=SYSTEM,
                at=at,
                incident_id=incident.pk,
                org_ids=(incident.station_id, incident.town_room_id),
                **_facts(incident),
            )
        rows_insert([_label(incident, "place_type", "estate"), _label(incident, "cause", "noise")])


def _facts(incident: Incident) -> dict[str, Any]:
    """What the events of an opened and closed incident tell."""
    return {
        "number": incident.number,
        "call": f"C{incident.number}",
        "call_type": "report",
        "channel": "phone",
        "code": incident.code,
        "priority": incident.priority,
        "priority_rule": incident.priority_rule,
        "track": incident.track,
        "track_rule": incident.track_rule,
        "danger": [],
    }


def _label(incident: Incident, dimension: str, value: str) -> IncidentTag:
    return IncidentTag(
        incident=incident,
        dimension=dimension,
        value=value,
        state=IncidentTag.State.SUGGESTED,
        source=IncidentTag.Source.RULE,
        confidence=0.9,
        set_at=incident.received_at,
    )


def _row(k: int, until: datetime, code: str, told: str) -> HistoryIncident:
    west, south, east, north = BOX
    received = until - STEP * (k + 1)
    return HistoryIncident(
        source="bench",
        external_id=str(k),
        code=code,
        received_at=received,
        closed_at=min(until, received + timedelta(hours=1)),
        narrative=told,
        lon=west + (east - west) * ((k * 0.618034) % 1),
        lat=south + (north - south) * ((k * 0.414214) % 1),
    )


def table_copy(table: Copied, size: int) -> None:
    """Copy the rows of the first block until there are those of ``size`` parents, in one statement.

    Indexes are taken away and made again afterwards: sorted once, not kept sorted a million times.
    """
    name = table.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id) FROM {table.of}")
        first = int(cursor.fetchone()[0])
        # Rows between that belong to nobody are not copied; their ids are taken all the same.
        cursor.execute(f"SELECT min(id), (SELECT max(id) FROM {name}) FROM {name} WHERE {table.parent} IS NOT NULL")
        low, high = cursor.fetchone()
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='index' AND tbl_name=%s AND sql<>''", [name])
        indexes: list[tuple[str, str]] = cursor.fetchall()
        for index, _ in indexes:
            cursor.execute(f'DROP INDEX "{index}"')
        columns, values = _values(table, stride=high - low + 1)
        blocks = -(-size // BLOCK) - 1
        cursor.execute(
            f"WITH RECURSIVE block(j) AS (SELECT 1 UNION ALL SELECT j + 1 FROM block WHERE j < {blocks}) "
            f"INSERT INTO {name} ({columns}) SELECT {values} FROM block CROSS JOIN {name} old "
            f"WHERE old.id BETWEEN {low} AND {high} AND old.{table.parent} IS NOT NULL "
            f"AND j * {BLOCK} + old.{table.parent} - {first} < {size} ORDER BY j, old.id"
        )
        for _, sql in indexes:
            cursor.execute(sql)


def _values(table: Copied, *, stride: int) -> tuple[str, str]:
    """The columns, and for each the expression of its copied value."""
    blanks: dict[str, Any] = {"id": f"old.id + j * {stride}", "parent": f"old.{table.parent} + j * {BLOCK}", "j": "j"}
    changed = {"id": blanks["id"], table.parent: blanks["parent"]}
    changed |= {column: text.format(**blanks) for column, text in table.changes.items()}
    back_s = BLOCK * STEP.total_seconds()
    for column in table.times:
        changed[column] = f"strftime('%Y-%m-%d %H:%M:%f', old.{column}, '-' || (j * {back_s}) || ' seconds')"
    columns = [str(field.column) for field in table.model._meta.concrete_fields]
    return ", ".join(f'"{c}"' for c in columns), ", ".join(changed.get(c, f'old."{c}"') for c in columns)
