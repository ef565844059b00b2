"""The end of keeping: words and exact places go when the term of their matter's class is over.

What stays is the matter itself: number, type, track, times, beat and cell, so that figures and the record
hold. A matter that is open, has come back and is open, or waits for a call back keeps its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from anlan.core.actor import SYSTEM, Actor
from anlan.core.retention import deletion_certify, rows_blank
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.models import Call, CallBack, Incident, IncidentLink, IncidentTag, StepReason, Transfer
from anlan.intake.parts import orgs_of
from anlan.intake.rules import KEPT_FOR, OPEN_STATES, RECEIPT_NUMBER

ERASED_AT_ONCE = 200
VOID = Q(is_valid=False) | Q(state="invalid")
GRAVE = Q(is_major=True) | Q(priority="P1") | ~Q(danger=[])
CLASSES = {
    "void": VOID,
    "grave": ~VOID & GRAVE,
    "transfer": ~VOID & ~GRAVE & Q(track="T"),
    "community": ~VOID & ~GRAVE & Q(track="C"),
    "police": ~VOID & ~GRAVE & Q(track__in=("P", "J")),
}
"""Every matter that has ended falls into exactly one class."""
# Spelt out for the partial indexes: the planner must be able to read the condition.
_ENDED = (
    '"intake_incident"."state" IN (\'closed\', \'merged\', \'invalid\') AND "intake_incident"."erased_at" IS NULL'
)
_MATTERLESS = (
    "\"intake_call\".\"state\" IN ('recorded', 'abandoned', 'invalid')"
    ' AND "intake_call"."incident_id" IS NULL AND "intake_call"."erased_at" IS NULL'
)


@transaction.atomic
def contents_erase(
    *,
    at: datetime,
    by: Actor = SYSTEM,
    kept_for: Mapping[str, timedelta] = KEPT_FOR,
    limit: int = ERASED_AT_ONCE,
) -> int:
    """Erase words and exact place of up to ``limit`` matters, and of calls without one; returns how many.

    ``kept_for`` says for each class how long after the end. An incident that was merged goes with the one it
    was merged into. Each gets one event that names class and term and nothing of the content.
    """
    erased = 0
    for keeping, term in kept_for.items():
        due = _due(keeping, at - term)[: limit - erased]
        erased += _incidents_erase(list(due), keeping, term, by=by, at=at)
    merged = Incident.objects.extra(where=[_ENDED]).filter(state="merged", merged_into__erased_at__isnull=False)
    gone_with = list(merged.order_by("state_since")[: limit - erased])
    erased += _incidents_erase(gone_with, "police", kept_for["police"], by=by, at=at)
    return erased + _calls_erase(kept_for["void"], limit - erased, by=by, at=at)


def _due(keeping: str, ended_by: datetime) -> QuerySet[Incident]:
    """Matters of a class that ended long enough ago and are not held."""
    came_back = IncidentLink.objects.filter(
        earlier=OuterRef("pk"), kind=IncidentLink.Kind.REPEAT, undone_at=None, incident__state__in=OPEN_STATES
    )
    to_call_back = CallBack.objects.filter(call__incident=OuterRef("pk"), done_at=None)
    rows = Incident.objects.extra(where=[_ENDED]).filter(CLASSES[keeping], state_since__lte=ended_by)
    held = Exists(came_back) | Exists(to_call_back)
    return rows.exclude(state="merged").filter(~held).order_by("state_since")


def _incidents_erase(rows: list[Incident], keeping: str, term: timedelta, *, by: Actor, at: datetime) -> int:
    if not rows:
        return 0
    ids = [row.pk for row in rows]
    calls = Call.objects.filter(Q(incident__in=ids) | Q(filed_under__in=ids))
    numbers = list(calls.values_list("number", flat=True))
    _calls_blank(calls, at=at)
    rows_blank(prefixes=[f"call {number} " for number in numbers])
    IncidentTag.objects.filter(incident__in=ids).update(evidence=[])
    IncidentLink.objects.filter(incident__in=ids).update(reason="")
    _transfers_blank(Transfer.objects.filter(incident__in=ids))
    StepReason.objects.filter(incident__in=ids).update(text="")
    Incident.objects.filter(pk__in=ids).update(
        narrative="",
        address_text="",
        place=None,
        lon=None,
        lat=None,
        location_radius_m=None,
        location_confidence=None,
        erased_at=at,
    )
    told = ("narrative", "address_text", "place", "lon", "lat")
    deletion_certify(rule="matter_term", model=Incident, columns=told, ids=ids, by=by, at=at)
    for row in rows:
        event_record(
            events.CONTENT_ERASED,
            subject=row,
            by=by,
            at=at,
            incident_id=row.pk,
            org_ids=orgs_of(row),
            number=row.number,
            keeping=keeping,
            days=term.days,
        )
    return len(rows)


def _transfers_blank(transfers: QuerySet[Transfer]) -> None:
    """Reasons go, and receipts that are sentences; a partner desk's number stays, by which theirs is found."""
    transfers.update(reason="")
    told = transfers.exclude(receipt="").values_list("pk", "receipt")
    worded = [pk for pk, receipt in told if not RECEIPT_NUMBER.fullmatch(receipt)]
    transfers.filter(pk__in=worded).update(receipt="")


def _calls_blank(calls: QuerySet[Call], *, at: datetime) -> None:
    calls.update(
        narrative="",
        address_text="",
        lon=None,
        lat=None,
        location_radius_m=None,
        cell=None,
        recording_ref="",
        erased_at=at,
    )


def _calls_erase(term: timedelta, limit: int, *, by: Actor, at: datetime) -> int:
    """Calls that led to nothing, once nobody has to be called back."""
    waiting = Exists(CallBack.objects.filter(call=OuterRef("pk"), done_at=None))
    due = Call.objects.extra(where=[_MATTERLESS]).filter(~waiting, state_since__lte=at - term)
    rows = list(due.order_by("state_since")[: max(0, limit)])
    if not rows:
        return 0
    _calls_blank(Call.objects.filter(pk__in=[row.pk for row in rows]), at=at)
    rows_blank(prefixes=[f"call {row.number} " for row in rows])
    ids = [row.pk for row in rows]
    told = ("narrative", "address_text", "lon", "lat", "cell", "recording_ref")
    deletion_certify(rule="matter_term", model=Call, columns=told, ids=ids, by=by, at=at)
    for row in rows:
        event_record(
            events.CONTENT_ERASED,
            subject=row,
            by=by,
            at=at,
            org_ids=(row.station_id,),
            call=row.number,
            keeping="void",
            days=term.days,
        )
    return len(rows)
