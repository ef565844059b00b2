"""Whom to visit next: the open pushes in a person's own hands, by due colour, with what to know at the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Q, When

from anlan.console.selectors.disputes import promised, warn_before
from anlan.core.actor import Actor
from anlan.disputes.models import FileIncident, Push
from anlan.disputes.rules import LEVELS, OUTCOMES_OF, PUSH_OPEN, PUSH_OUTCOMES, PUSH_REASONS, TERM_LABELS
from anlan.disputes.selectors.charges import files_charged_to
from anlan.tagging.selectors import incident_type
from anlan.units.selectors import units_crewed_by

VISITS_SHOWN = 60
PROMISES_FOR = 20
HANDLED = ("assigned", "mediating", "agreement", "no_agreement", "performed", "defaulted")
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
    at: datetime
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
        left = (self.push.due_at - self.at).total_seconds()
        return "red" if left <= 0 else "amber" if left <= self.warn_s else ""

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
    """The actor's open pushes: first the files given to them or their team, then the others; next due on top.

    Theirs are: the first push with a unit they are on, any to them by name or to their role where nobody is
    named, and for a mediator the third of a file that their organisation was given.
    """
    given = files_charged_to(actor)
    rows = Push.objects.visible_to(actor).filter(_theirs(actor) | Q(file_id__in=given), state__in=PUSH_OPEN)
    rows = rows.annotate(is_given=Case(When(file_id__in=given, then=True), default=False))
    pushes = list(rows.select_related("file", "to_organisation").order_by("-is_given", "due_at", "id")[:VISITS_SHOWN])
    links = FileIncident.objects.filter(file_id__in=[push.file_id for push in pushes], undone_at=None)
    reports = dict(links.order_by().values_list("file_id").annotate(n=Count("id")))
    return [
        Visit(
            push,
            incident_type(push.file.code),
            reports.get(push.file_id, 1),
            promised(push.file) if place < PROMISES_FOR else [],
            at,
            push.file_id in given,
        )
        for place, push in enumerate(pushes)
    ]


def _theirs(actor: Actor) -> Q:
    """Which pushes are in this person's own hands."""
    if actor.kind != "person":
        return Q(pk=None)
    with_unit = Q(seq=1, assignment__unit_id__in=units_crewed_by(actor))
    by_role = Q(seq__in=(2, 3), to_person=None, to_role__in=actor.roles, to_organisation_id=actor.org_id)
    handling = Q(pk=None)
    if actor.has_role("mediator", "mediation_desk"):
        handling = Q(seq=3, file__mediating_id=actor.org_id, file__state__in=HANDLED)
    return Q(to_person_id=actor.id) | with_unit | by_role | handling
