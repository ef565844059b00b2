"""What must hold in any store, whatever happened: checked after every replay.

Each check is one question whose honest answer is zero.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Count, F, Q

from anlan.core.models import Event
from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import ACTIVE
from anlan.intake.models import Call, Incident
from anlan.intake.rules import OPEN_STATES
from anlan.units.models import Unit


def units_in_two_places() -> int:
    """Units with more than one active assignment."""
    return Assignment.objects.filter(state__in=ACTIVE).values("unit").annotate(n=Count("id")).filter(n__gt=1).count()


def busy_units_without_assignment() -> int:
    """Units that are assigned, driving or on scene without an active assignment."""
    active = Assignment.objects.filter(state__in=ACTIVE).values("unit")
    return Unit.objects.filter(state__in=("assigned", "en_route", "on_scene")).exclude(pk__in=active).count()


def assignments_with_free_unit() -> int:
    """Active assignments whose unit calls itself free or off duty."""
    return Assignment.objects.filter(state__in=ACTIVE, unit__state__in=("available", "off")).count()


def times_backwards() -> int:
    """Assignments of which a later step bears an earlier time."""
    steps = ["sent_at", "signed_at", "departed_at", "arrived_at", "finished_at", "feedback_at", "reviewed_at"]
    wrong = Q(pk__in=[])
    for k, earlier in enumerate(steps):
        for later in steps[k + 1 :]:
            wrong |= Q(**{f"{later}__lt": F(earlier)})
    return Assignment.objects.filter(wrong).count()


def incidents_without_opening_event() -> int:
    """Incidents taken live of which no event tells the opening."""
    told = Event.objects.filter(kind="intake.incident_opened").values("incident_id")
    return Incident.objects.exclude(rules_version="history").exclude(pk__in=told).count()


def incidents_without_call() -> int:
    """Incidents that no call, message or finding stands behind."""
    return Incident.objects.filter(calls=None, filed_calls=None).count()


def calls_left_out() -> int:
    """Calls that are filed as an incident and have none."""
    return Call.objects.filter(state__in=("incident_open", "linked_duplicate"), incident=None).count()


def closed_with_unit_still_there() -> int:
    """Closed incidents that still hold a unit."""
    return Assignment.objects.filter(incident__state__in=("closed", "merged"), state__in=ACTIVE).count()


def danger_without_police() -> int:
    """Open incidents with a danger flag that are neither P1 on the police track nor decided by a person."""
    flagged = Incident.objects.filter(state__in=OPEN_STATES).exclude(danger=[])
    return flagged.exclude(Q(priority="P1", track="P") | Q(track_rule__startswith="person")).count()


CHECKS: dict[str, Callable[[], int]] = {
    check.__name__: check
    for check in (
        units_in_two_places,
        busy_units_without_assignment,
        assignments_with_free_unit,
        times_backwards,
        incidents_without_opening_event,
        incidents_without_call,
        calls_left_out,
        closed_with_unit_still_there,
        danger_without_police,
    )
}


def invariants_check() -> dict[str, int]:
    """Every check with how many rows break it; all zero in a sound store."""
    return {name: check() for name, check in CHECKS.items()}
