"""The incident's state follows from its assignments; both change in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from anlan.core.actor import Actor
from anlan.core.row_changes import row_reread, rows_read
from anlan.core.state_machine import REGISTRY
from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import incident_state_wanted, steps_between
from anlan.intake.models import Incident
from anlan.intake.selectors import incident_root
from anlan.intake.services import incident_state_set


def incident_hold(incident: Incident) -> None:
    """Read the incident anew and keep others from changing it until the transaction ends.

    Every step that moves an assignment holds the incident first, so that two units pressing at the same
    instant are followed one after the other. On SQLite the one writer does that anyway.
    """
    if connection.features.has_select_for_update:
        Incident.objects.select_for_update().filter(pk=incident.pk).values_list("pk").first()
    row_reread(incident)


def incident_follow(*, incident: Incident, by: Actor, at: datetime, **changes: Any) -> bool:
    """Bring the incident to the state its assignments ask for; ``changes`` are set with the last step.

    The incident is held already (``incident_hold``). Units sent to an incident that was merged meanwhile
    count for the one it was merged into. What is set once (``first_…_at``) stays as it is. Returns whether
    it moved; without a move nothing is changed.
    """
    root = incident_root(incident)
    if root.pk != incident.pk:
        incident_hold(root)
    states = [row.state for row in rows_read(Assignment, incident_id=matter_ids(root))]
    fresh = {name: value for name, value in changes.items() if value is None or getattr(root, name) is None}
    return incident_bring(incident=root, to=incident_state_wanted(root.state, states), by=by, at=at, **fresh)


def of_matter(incident: Incident) -> Q:
    """Rows that hang on the incident or on one merged into it."""
    return Q(incident_id__in=matter_ids(incident))


_MERGED = (
    f"SELECT id FROM {Incident._meta.db_table} WHERE merged_into_id = %s "
    f"OR merged_into_id IN (SELECT id FROM {Incident._meta.db_table} WHERE merged_into_id = %s)"
)


def matter_ids(incident: Incident) -> tuple[int, ...]:
    """The incident and those merged into it, directly or through another. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MERGED, [incident.pk, incident.pk])
        return (incident.pk, *sorted(row[0] for row in cursor.fetchall()))


def incident_bring(*, incident: Incident, to: str, by: Actor, at: datetime, **changes: Any) -> bool:
    """Bring the incident to ``to`` by the shortest chain of moves, each on the record."""
    chain = steps_between(REGISTRY["intake.incident"], incident.state, to)
    if incident.state == "closed" and chain:
        changes.setdefault("closed_at", None)
    for number, step in enumerate(chain, start=1):
        last = number == len(chain)
        incident_state_set(incident=incident, to=step, by=by, at=at, **(changes if last else {}))
    return bool(chain)


def owners(incident: Incident, *others: int | None) -> Iterable[int | None]:
    """The organisations whose screens show what happens to this incident."""
    return (incident.station_id, incident.town_room_id, incident.holder_id, incident.routed_to_id, *others)
