"""The records a figure may count: which rows lie in a period, and what can be asked of each.

Every record belongs to the period in which its incident was received (a call: in which it rang), so
that all figures of a page speak of the same matters. Incidents marked invalid are left out everywhere.
An incident merged into another is no incident of its own; a unit sent to it was still sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from anlan.dispatch.models import Assignment, Feedback, Revisit, WorkOrder
from anlan.intake.models import Call, Incident, IncidentLink, IncidentTag
from anlan.reports.definitions.dispute_records import DISPUTE_BASES
from anlan.reports.definitions.shape import Records
from anlan.reports.definitions.slices import Base, Slice, in_period, within_orgs
from anlan.units.models import Unit

UNDONE = Q(state="cancelled", end_reason="undo")
"""Taken back within seconds: counts as never sent."""
REACHED = ("satisfied", "not_satisfied", "declined")
SETTLED_ON_SITE = ("settled_on_site", "mediated_agreement", "helped", "person_found", "accident_fast_settled")


def _of_incident(part: Slice) -> Q:
    """Records that hang on a valid incident received in the period."""
    found = in_period(part, "incident__received_at") & Q(incident__is_valid=True) & ~Q(incident__state="invalid")
    return found & Q(incident__source=part.source) if part.source else found


def calls(part: Slice) -> QuerySet[Any]:
    """Telephone calls that rang in the period, answered or not."""
    rows = Call.objects.counted_for(part.actor).filter(in_period(part, "ringing_at"), channel="phone")
    if part.source:
        unfiled = Q(incident=None) if part.source == "live" else Q(pk__in=[])
        rows = rows.filter(Q(incident__source=part.source) | unfiled)
    return rows.filter(within_orgs(part, "station_id"))


def incidents(part: Slice) -> QuerySet[Any]:
    """Valid incidents received in the period that were not merged into another."""
    rows = Incident.objects.counted_for(part.actor).filter(
        in_period(part, "received_at"), ~Q(state="invalid"), is_valid=True, merged_into=None
    )
    if part.source:
        rows = rows.filter(source=part.source)
    return rows.filter(within_orgs(part, "station_id", "town_room_id", "holder_id"))


def assignments(part: Slice) -> QuerySet[Any]:
    """Dispatch sheets: units sent, without sendings that were taken back at once."""
    rows = Assignment.objects.counted_for(part.actor).filter(_of_incident(part)).exclude(UNDONE)
    return rows.filter(within_orgs(part, "unit__organisation_id"))


def feedback(part: Slice) -> QuerySet[Any]:
    """Feedback sheets."""
    rows = Feedback.objects.counted_for(part.actor).filter(_of_incident(part))
    return rows.filter(within_orgs(part, "incident__station_id", "incident__town_room_id", "incident__holder_id"))


def orders(part: Slice) -> QuerySet[Any]:
    """Orders to town rooms."""
    return WorkOrder.objects.counted_for(part.actor).filter(_of_incident(part), within_orgs(part, "town_room_id"))


def revisits(part: Slice) -> QuerySet[Any]:
    """Revisits drawn."""
    rows = Revisit.objects.counted_for(part.actor).filter(_of_incident(part))
    return rows.filter(within_orgs(part, "incident__station_id", "incident__town_room_id", "incident__holder_id"))


def tags(part: Slice) -> QuerySet[Any]:
    """Tags of incidents, those that others took the place of included."""
    seen = Incident.objects.counted_for(part.actor)
    rows = IncidentTag.objects.filter(_of_incident(part), incident__in=seen)
    return rows.filter(within_orgs(part, "incident__station_id", "incident__town_room_id", "incident__holder_id"))


_arrived = Assignment.objects.filter(incident=OuterRef("pk"), arrived_at__isnull=False)
_order = WorkOrder.objects.filter(incident=OuterRef("pk"))
_handled = _order.filter(state__in=("settled", "moved_on", "closed"))
_opening = Call.objects.filter(filed_under=OuterRef("pk"), is_opening=True)
_revisit = Revisit.objects.filter(incident=OuterRef("pk"))
_repeat = IncidentLink.objects.filter(incident=OuterRef("pk"), kind="repeat", undone_at=None)
_injured = Feedback.objects.filter(incident=OuterRef("pk"), injuries__gt=0).exclude(review="returned")

INCIDENT_DERIVED: Mapping[str, Any] = {
    "rang_at": Subquery(_opening.values("ringing_at")[:1]),
    "answered_at": Subquery(_opening.values("answered_at")[:1]),
    "inferred_at": Subquery(
        Assignment.objects.filter(incident=OuterRef("pk"))
        .order_by()
        .values("incident")
        .annotate(first=Min("arrived_inferred_at"))
        .values("first")
    ),
    "first_track": Subquery(_arrived.order_by("arrived_at", "id").values("unit__track")[:1]),
    "police_came": Exists(_arrived.filter(unit__track=Unit.Track.POLICE)),
    "team_came": Exists(_arrived.filter(unit__track=Unit.Track.COMMUNITY)),
    "has_order": Exists(_order),
    "order_attended": Exists(_order.filter(arrived_at__isnull=False)),
    "order_handled": Exists(_handled),
    "order_settled": Exists(
        _order.filter(state__in=("settled", "closed"), arrived_at__isnull=False, result__in=SETTLED_ON_SITE)
    ),
    "order_escalated": Exists(_order.filter(state="escalated")),
    "is_repeat": Exists(_repeat),
    "was_injured": Exists(_injured),
    "was_revisited": Exists(_revisit.filter(outcome__in=REACHED)),
    "was_drawn": Exists(_revisit),
}
ASSIGNMENT_DERIVED: Mapping[str, Any] = {
    # Sheets taken over from another system have the time on the feedback sheet only.
    "sheet_at": Coalesce(
        F("feedback_at"),
        Subquery(Feedback.objects.filter(assignment=OuterRef("pk")).order_by("filed_at").values("filed_at")[:1]),
    )
}

BASES: dict[Records, Base] = {
    Records.CALL: Base(calls, {}, "ringing_at"),
    Records.INCIDENT: Base(incidents, INCIDENT_DERIVED, "received_at"),
    Records.ASSIGNMENT: Base(assignments, ASSIGNMENT_DERIVED, "incident__received_at"),
    Records.FEEDBACK: Base(feedback, {}, "incident__received_at"),
    Records.ORDER: Base(orders, {}, "incident__received_at"),
    Records.REVISIT: Base(revisits, {}, "incident__received_at"),
    Records.TAG: Base(tags, {}, "incident__received_at"),
    **DISPUTE_BASES,
}
