"""What ties incidents together: where duplicate links lead, and which report of a matter this is."""

from __future__ import annotations

from datetime import datetime

from anlan.intake.models import Incident, IncidentLink
from anlan.intake.rules import REPEAT_WINDOW

_CHAIN_AT_MOST = 1000


def incident_root(incident: Incident) -> Incident:
    """The incident that stands for this one: itself, or where its duplicate links lead in the end."""
    root = incident
    for _ in range(_CHAIN_AT_MOST):
        if root.merged_into_id is None:
            return root
        root = Incident.objects.get(pk=root.merged_into_id)
    raise RuntimeError(f"incident {incident.pk} is merged in a ring")


def incidents_beneath(incident_id: int) -> list[int]:
    """The incident and all that are merged into it, directly or through others."""
    found, front = [incident_id], [incident_id]
    while front:
        front = list(Incident.objects.filter(merged_into_id__in=front).values_list("id", flat=True))
        found += front
    return found


def nth_report(earlier: Incident, *, at: datetime) -> int:
    """Which report of its matter one is that follows ``earlier``: 2 for the first repeat, and so on.

    Only reports within the repeat window before ``at`` count.
    """
    seen: set[int] = set()
    current: Incident | None = earlier
    while current is not None and current.pk not in seen and current.received_at >= at - REPEAT_WINDOW:
        seen.add(current.pk)
        link = (
            IncidentLink.objects.filter(incident=current, kind=IncidentLink.Kind.REPEAT, undone_at=None)
            .select_related("earlier")
            .first()
        )
        current = link.earlier if link else None
    return len(seen) + 1


def nth_report_of(incident: Incident, *, at: datetime) -> int:
    """Which report of its matter ``incident`` is: 1 when it was never said to be a repeat."""
    link = (
        IncidentLink.objects.filter(incident=incident, kind=IncidentLink.Kind.REPEAT, undone_at=None)
        .select_related("earlier")
        .first()
    )
    return nth_report(link.earlier, at=at) if link else 1
