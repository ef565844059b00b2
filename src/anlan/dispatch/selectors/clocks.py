"""The running clocks of incidents, read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from anlan.dispatch.clocks import (
    RunningClock,
    arrival_target,
    assignment_clocks,
    incident_clocks,
    order_clocks,
    report_clock,
)
from anlan.dispatch.models import Assignment, Revisit, WorkOrder
from anlan.intake.models import Incident
from anlan.tagging.selectors import incident_type
from anlan.units.models import Unit


def clocks_of(incident: Incident, *, at: datetime) -> list[RunningClock]:
    """Every running clock of one incident, the most pressing first. Three queries."""
    return clocks_by_incident([incident], at=at)[incident.pk]


def clocks_by_incident(incidents: Sequence[Incident], *, at: datetime) -> dict[int, list[RunningClock]]:
    """The running clocks of many incidents, most pressing first. Three queries, however many."""
    ids = [incident.pk for incident in incidents]
    assignments: dict[int, list[Assignment]] = defaultdict(list)
    for row in Assignment.objects.filter(incident_id__in=ids).select_related("unit"):
        assignments[row.incident_id].append(row)
    orders: dict[int, WorkOrder] = {}
    for order in WorkOrder.objects.filter(incident_id__in=ids).order_by("routed_at", "id"):
        orders[order.incident_id] = order
    revisits: dict[int, Revisit] = {
        row.incident_id: row for row in Revisit.objects.filter(incident_id__in=ids, done_at=None)
    }
    return {
        incident.pk: clocks_told(
            incident, assignments[incident.pk], orders.get(incident.pk), revisits.get(incident.pk), at=at
        )
        for incident in incidents
    }


def clocks_told(
    incident: Incident,
    assignments: Iterable[Assignment],
    order: WorkOrder | None,
    revisit: Revisit | None,
    *,
    at: datetime,
) -> list[RunningClock]:
    """The running clocks of one incident from rows at hand: its assignments, latest order, revisit to be made."""
    rows = list(assignments)
    found: list[RunningClock] = []
    within = arrival_target(incident, incident_type(incident.code))
    for row in rows:
        found += assignment_clocks(row, at=at, arrive_within=within)
    if (report := report_clock(incident, rows, at=at)) is not None:
        found.append(report)
    found += incident_clocks(incident, at=at, order=order, is_police_sent=police_sent_since(order, rows))
    if order is not None:
        found += order_clocks(order, at=at)
    if revisit is not None:
        found.append(RunningClock("revisit", "revisit", revisit.pk, revisit.created_at, revisit.due_at, at))
    return sorted(found, key=lambda clock: (clock.due_at, clock.kind, clock.subject_id))


def police_sent_since(order: WorkOrder | None, assignments: Iterable[Assignment]) -> bool:
    """Whether police are at it since a town room handed the matter over: nobody waits for them then.

    A unit sent since counts, and one that was sent before and was not done yet; one called off doesn't.
    """
    if order is None or order.state != "escalated":
        return False
    return any(
        row.unit.track == Unit.Track.POLICE
        and (row.sent_at >= order.state_since or row.finished_at is None or row.finished_at >= order.state_since)
        and row.state not in ("refused", "reassigned", "cancelled")
        for row in assignments
    )
