"""Whom to visit next: the open pushes in a person's own hands, by due colour, with what to know at the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from anlan.console.selectors.disputes import promised, warn_before
from anlan.core.actor import Actor
from anlan.disputes.models import FileIncident, Push
from anlan.disputes.rules import LEVELS, OUTCOMES_OF, PUSH_OUTCOMES, PUSH_REASONS, TERM_LABELS
from anlan.disputes.selectors import visits_of as mine
from anlan.tagging.selectors import incident_type

VISITS_SHOWN = 60
PROMISES_FOR = 20
QUICK = {
    1: ("settled_oral", "calm_open", "up"),
    2: ("settled", "watching", "up"),
    3: ("settled", "court_guide", "long_term"),
}
"""The three buttons under the thumb, by step; whoever needs another word opens the page of the file."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A push that waits for this person, as their phone shows it."""

    push: Push
    kind: Any
    reports: int
    promises: list[str]
    colour: str
    is_given: bool = False

    @property
    def warn_s(self) -> float:
        return warn_before(self.push)

    @property
    def why(self) -> str:
        return str(PUSH_REASONS.get(self.push.reason, self.push.reason))

    @property
    def due_level(self) -> str:
        """red when late, amber in the last third, else nothing."""
        return self.colour if self.colour in ("red", "amber") else ""

    @property
    def buttons(self) -> list[tuple[str, Any]]:
        """Outcome and word of the three buttons."""
        return [(key, PUSH_OUTCOMES[key]) for key in QUICK[self.push.seq] if key in OUTCOMES_OF[self.push.seq]]

    @property
    def due_word(self) -> str:
        """What is due."""
        return str(TERM_LABELS.get(self.push.due_sum.get("rule", ""), ""))

    @property
    def level_word(self) -> str:
        return str(LEVELS[self.push.file.level])


def visits_of(actor: Actor, *, at: datetime) -> list[Visit]:
    """``disputes.selectors.visits_of`` with reports and promises, as the phone shows them."""
    rows = mine(actor, at=at, limit=VISITS_SHOWN)
    links = FileIncident.objects.filter(file_id__in=[row.push.file_id for row in rows], undone_at=None)
    reports = dict(links.order_by().values_list("file_id").annotate(n=Count("id")))
    return [
        Visit(
            row.push,
            incident_type(row.push.file.code),
            reports.get(row.push.file_id, 1),
            promised(row.push.file) if place < PROMISES_FOR else [],
            row.colour,
            row.is_given,
        )
        for place, row in enumerate(rows)
    ]
