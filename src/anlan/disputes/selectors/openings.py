"""Files that a rule suggests and nobody has decided on yet."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from anlan.core.actor import Actor
from anlan.disputes.models import FileIncident, OpeningSuggestion
from anlan.disputes.opening_rules import OPENING_RULES as OPENING_RULES
from anlan.engines.geo import cell_neighbours
from anlan.intake.models import Incident
from anlan.intake.selectors.duplicates import REPEAT_WINDOW
from anlan.tagging.selectors import incident_type

AFTER_AT_MOST = 20


def openings_waiting(actor: Actor, *, limit: int = 20) -> list[OpeningSuggestion]:
    """Suggested files in the actor's reach, newest first."""
    return list(
        _waiting(OpeningSuggestion.objects.visible_to(actor))
        .select_related("incident", "earlier")
        .order_by("-made_at", "-id")[:limit]
    )


def opening_of(incident_id: int) -> OpeningSuggestion | None:
    """What a rule suggests for this report, while nobody has decided."""
    rows = _waiting(OpeningSuggestion.objects.filter(incident_id=incident_id))
    return rows.select_related("incident", "earlier").first()


def _waiting(rows: QuerySet[OpeningSuggestion]) -> QuerySet[OpeningSuggestion]:
    """Undecided, and not decided by what happened meanwhile: a file is there, or the report went into another."""
    filed = FileIncident.objects.filter(incident=OuterRef("incident"), undone_at=None)
    return rows.filter(~Exists(filed), state="suggested", incident__merged_into=None)


def reports_after(incident: Incident) -> list[Incident]:
    """Reports of the same type round the same place in the window after this one, where a second one counts.

    For a report whose type was put right only when the next had come.
    """
    if incident.cell is None or incident_type(incident.code).push != "on_2nd":
        return []
    rows = Incident.objects.filter(
        cell__in=cell_neighbours(incident.cell, rings=1).tolist(),
        code=incident.code,
        merged_into=None,
        received_at__gt=incident.received_at,
        received_at__lte=incident.received_at + REPEAT_WINDOW,
    )
    return list(rows.order_by("received_at", "id")[:AFTER_AT_MOST])


def opening_for(actor: Actor, suggestion_id: int) -> OpeningSuggestion:
    """The suggestion, or ``NotFound``."""
    found: OpeningSuggestion = OpeningSuggestion.objects.select_related("incident", "earlier").one_for(
        actor, pk=suggestion_id
    )
    return found
