"""Which past hours were opened by whom and what for, for those who watch over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise

from anlan.accounts.models import Person
from anlan.console import events
from anlan.console.rules import AFTER_MATTER, BEFORE_MATTER, REPLAY_HOURS, REPLAY_PURPOSES
from anlan.core.actor import Actor
from anlan.core.models import Event, ViewLog
from anlan.core.selectors import event_visible
from anlan.intake.models import Incident

LOOKS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Look:
    """One replay that was opened."""

    at: datetime
    who: str
    start: datetime | None
    end: datetime | None
    purpose: str | Promise
    words: str
    incident: str


def looks(actor: Actor) -> list[Look]:
    """The last replays opened in the actor's reach, newest first. Three queries."""
    rows = Event.objects.filter(kind=events.REPLAY_OPENED).order_by("-at", "-id")[: LOOKS_SHOWN * 4]
    seen = [row for row in rows if event_visible(row.org_ids, actor)][:LOOKS_SHOWN]
    notes = ViewLog.objects.in_bulk([row.subject_id for row in seen])
    names = dict(Person.objects.filter(pk__in={row.actor_id for row in seen}).values_list("id", "name"))
    return [
        Look(
            at=row.at,
            who=names.get(row.actor_id or 0, row.actor_kind),
            start=parse_datetime(row.data["from_at"]),
            end=parse_datetime(row.data["until_at"]),
            purpose=REPLAY_PURPOSES.get(row.data["purpose"], row.data["purpose"]),
            words=notes[row.subject_id].note if row.subject_id in notes else "",
            incident=row.data.get("incident") or "",
        )
        for row in seen
    ]


def stretch_of(incident: Incident, *, at: datetime) -> tuple[datetime, int]:
    """From when and how many hours one looks back to see a matter from its call to its end (24 h at most)."""
    start = incident.received_at - BEFORE_MATTER
    needed = ((incident.closed_at or at) + AFTER_MATTER - start).total_seconds() / 3600
    return start, next((hours for hours in REPLAY_HOURS if hours >= needed), REPLAY_HOURS[-1])
