"""The open incidents in the order they must be looked at: page by page, equally fast after a million."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.db.models.functions import Substr
from django.utils.dateparse import parse_datetime

from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.intake.models import Incident
from anlan.intake.rules import HEADLINE_CHARS, OPEN_STATES
from anlan.intake.standing import Standing, standing_short, standing_whole

PAGE_ROWS, PAGE_ROWS_AT_MOST = 50, 200
# Spelt out and not as parameters: a partial index is used only where the planner can read its condition.
_IS_OPEN = '"intake_incident"."state" IN ({})'.format(", ".join(f"'{state}'" for state in OPEN_STATES))
_COLUMNS = (
    "id", "number", "code", "priority", "priority_rule", "track", "track_rule", "danger", "is_major", "state",
    "state_since", "received_at", "address_text", "lon", "lat", "location_source", "station_id", "town_room_id",
    "holder_id", "first_sent_at", "first_arrived_at", "bounces",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A place in the queue: the row after which the next page begins."""

    priority: str
    received_at: datetime
    id: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """From a page's ``next``; None for an empty one. Raises ``BadInput`` for anything else unreadable."""
        if not text:
            return None
        priority, _, rest = text.partition("_")
        stamp, _, pk = rest.rpartition("_")
        try:
            received_at = parse_datetime(stamp)
        except ValueError:
            received_at = None
        if received_at is None or received_at.tzinfo is None or not pk.isdecimal():
            raise BadInput(field="after", problem=text[:40])
        return cls(priority, received_at, int(pk))

    def __str__(self) -> str:
        return f"{self.priority}_{self.received_at.isoformat()}_{self.id}"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Rows as plain values (with a ``headline`` of the narrative), and where the next page begins."""

    rows: list[dict[str, Any]]
    next: QueuePlace | None


def incidents_open(actor: Actor) -> QuerySet[Incident]:
    """Everything not yet ended in the actor's reach, read through the index of open incidents."""
    rows: QuerySet[Incident] = Incident.objects.counted_for(actor).extra(where=[_IS_OPEN])
    return rows


def queue(
    actor: Actor,
    *,
    after: QueuePlace | None = None,
    limit: int = PAGE_ROWS,
    states: Sequence[str] = (),
    priorities: Sequence[str] = (),
    track: str = "",
    station_id: int | None = None,
    town_room_id: int | None = None,
) -> QueuePage:
    """One page of the queue: by priority, then the longest wait first."""
    rows = incidents_open(actor)
    if states:
        rows = rows.filter(state__in=[state for state in states if state in OPEN_STATES])
    if priorities:
        rows = rows.filter(priority__in=list(priorities))
    if track:
        rows = rows.filter(track=track)
    if station_id is not None:
        rows = rows.filter(station_id=station_id)
    if town_room_id is not None:
        rows = rows.filter(town_room_id=town_room_id)
    if after is not None:
        # The first condition alone lets the index begin at the right place; the rest makes it exact.
        rows = rows.filter(priority__gte=after.priority).filter(
            Q(priority__gt=after.priority)
            | Q(priority=after.priority, received_at__gt=after.received_at)
            | Q(priority=after.priority, received_at=after.received_at, id__gt=after.id)
        )
    size = max(1, min(limit, PAGE_ROWS_AT_MOST))
    found = list(
        rows.order_by("priority", "received_at", "id")
        .annotate(headline=Substr("narrative", 1, HEADLINE_CHARS))
        .values(*_COLUMNS, "headline")[: size + 1]
    )
    page, more = found[:size], len(found) > size
    last = page[-1] if more else None
    return QueuePage(page, QueuePlace(last["priority"], last["received_at"], last["id"]) if last else None)


def queue_told(rows: Sequence[dict[str, Any]], *, at: datetime) -> list[dict[str, Any]]:
    """Rows of a page, each with why it stands there: ``why`` in a phrase, ``why_whole`` with the row before it."""
    told: list[dict[str, Any]] = []
    before: Standing | None = None
    for row in rows:
        here = Standing(row["id"], row["number"], row["priority"], row["priority_rule"], row["received_at"])
        whole = standing_whole(here, at=at, behind=before)
        told.append({**row, "why": standing_short(here, at=at), "why_whole": whole})
        before = here
    return told


def incidents_recent(
    actor: Actor, *, before: tuple[datetime, int] | None = None, limit: int = PAGE_ROWS
) -> QueuePage:
    """All incidents, open or not, newest first; ``before`` is time and id of the last row seen."""
    rows = Incident.objects.visible_to(actor)
    if before is not None:
        at, pk = before
        rows = rows.filter(received_at__lte=at).filter(Q(received_at__lt=at) | Q(received_at=at, id__lt=pk))
    size = max(1, min(limit, PAGE_ROWS_AT_MOST))
    found = list(
        rows.order_by("-received_at", "-id")
        .annotate(headline=Substr("narrative", 1, HEADLINE_CHARS))
        .values(*_COLUMNS, "headline")[: size + 1]
    )
    page, more = found[:size], len(found) > size
    last = page[-1] if more else None
    return QueuePage(page, QueuePlace(last["priority"], last["received_at"], last["id"]) if last else None)
