"""Past dispatch and feedback sheets of another system, many in one change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.models import ImportBatch
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.models import Assignment, Feedback
from anlan.intake.services.history import HistoryTimes, history_times_import

INSERT_ROWS = 400


@dataclass(frozen=True, slots=True)
class HistoryAssignment:
    """A past dispatch sheet (处警单): who was sent and when each step happened, where that is known."""

    incident_id: int
    unit_id: int
    sent_at: datetime
    signed_at: datetime | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryFeedback:
    """A past feedback sheet (反馈单)."""

    incident_id: int
    assignment_id: int | None
    code: str
    priority: str
    result: str
    filed_at: datetime
    narrative: str = ""
    injuries: int = 0
    people_helped: int = 0
    case_number: str = ""
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None


@transaction.atomic
def assignments_import(
    *, rows: Sequence[HistoryAssignment], batch: ImportBatch, by: Actor, at: datetime
) -> list[int]:
    """Put past dispatch sheets on the record, closed, and on the incidents when help came; returns their ids."""
    made = Assignment.objects.bulk_create(
        [
            Assignment(
                incident_id=row.incident_id,
                unit_id=row.unit_id,
                state="closed",
                state_since=row.finished_at or row.arrived_at or row.sent_at,
                sent_at=row.sent_at,
                signed_at=row.signed_at,
                departed_at=row.departed_at,
                arrived_at=row.arrived_at,
                finished_at=row.finished_at,
                ended_at=row.finished_at or row.arrived_at or row.sent_at,
            )
            for row in rows
        ],
        batch_size=INSERT_ROWS,
    )
    event_record(events.HISTORY_IMPORTED, subject=batch, by=by, at=at, sheet="dispatches", accepted=len(made))
    history_times_import(rows=_times(rows), batch=batch, by=by, at=at)
    return [row.pk for row in made]


def _times(rows: Sequence[HistoryAssignment]) -> list[HistoryTimes]:
    """For each incident its first sending, first arrival and last step among ``rows``."""
    sheets: dict[int, list[HistoryAssignment]] = defaultdict(list)
    for row in rows:
        sheets[row.incident_id].append(row)
    return [
        HistoryTimes(
            incident_id=incident_id,
            sent_at=min(row.sent_at for row in of_one),
            arrived_at=min((row.arrived_at for row in of_one if row.arrived_at is not None), default=None),
            last_at=max(row.finished_at or row.arrived_at or row.sent_at for row in of_one),
        )
        for incident_id, of_one in sheets.items()
    ]


@transaction.atomic
def feedback_import(*, rows: Sequence[HistoryFeedback], batch: ImportBatch, by: Actor, at: datetime) -> list[int]:
    """Put past feedback sheets on the record, as agreed; returns their ids in order."""
    made = Feedback.objects.bulk_create(
        [
            Feedback(
                incident_id=row.incident_id,
                assignment_id=row.assignment_id,
                code=row.code,
                priority=row.priority,
                result=row.result,
                filed_at=row.filed_at,
                narrative=row.narrative,
                injuries=row.injuries,
                people_helped=row.people_helped,
                case_number=row.case_number,
                occurred_from=row.occurred_from,
                occurred_to=row.occurred_to,
                review="agreed",
                reviewed_at=row.filed_at,
            )
            for row in rows
        ],
        batch_size=INSERT_ROWS,
    )
    event_record(events.HISTORY_IMPORTED, subject=batch, by=by, at=at, sheet="feedback", accepted=len(made))
    return [row.pk for row in made]
