"""Buttons pressed on a phone without contact: when the phone says it was, beside when it reached us.

The server's time is the time of the step. What the phone's clock says is a claim that stands beside it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.dispatch import events
from anlan.dispatch.errors import PressOvertaken
from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import ASSIGNMENT, DEED_WORDS, PRESS_LATE_AFTER
from anlan.dispatch.services.telling import assignment_tell


@transaction.atomic
def press_late_note(
    *, assignment: Assignment, deed: str, device_at: datetime, waited: timedelta, by: Actor, at: datetime
) -> bool:
    """Put beside a step that it was pressed earlier, by the phone's clock; False where it came at once."""
    if waited < PRESS_LATE_AFTER:
        return False
    told = {"deed": deed, "device_at": device_at.isoformat(), "waited_s": int(waited.total_seconds())}
    assignment_tell(events.PRESS_CAME_LATE, assignment, by=by, at=at, **told)
    return True


@transaction.atomic
def press_refuse_note(
    *, assignment: Assignment, deed: str, device_at: datetime, waited: timedelta, by: Actor, at: datetime
) -> bool:
    """Keep on the record that a press came when it could change nothing any more; False where it came at once."""
    if waited < PRESS_LATE_AFTER:
        return False
    told = {"deed": deed, "device_at": device_at.isoformat()}
    assignment_tell(events.PRESS_CHANGED_NOTHING, assignment, by=by, at=at, **told)
    return True


def press_overtaken(*, assignment: Assignment, deed: str) -> PressOvertaken:
    """The refusal of a press that others have overtaken: what it is now, since when and by whom."""
    row = Assignment.objects.select_related("unit", "incident").get(pk=assignment.pk)
    last = Event.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk).order_by("-id").first()
    return PressOvertaken(
        deed=DEED_WORDS.get(deed, deed),
        call_sign=row.unit.call_sign,
        incident=row.incident.number,
        state=ASSIGNMENT.labels[row.state],
        since=row.state_since,
        who=_name(last) or row.unit.call_sign,
    )


def _name(event: Event | None) -> str:
    if event is None or event.actor_kind != "person":
        return ""
    return Person.objects.filter(pk=event.actor_id or 0).values_list("name", flat=True).first() or ""
