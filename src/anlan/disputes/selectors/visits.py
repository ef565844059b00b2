"""Whom to visit next: the open pushes in somebody's own hands, by the colour of what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Q, When

from anlan.core.actor import Actor
from anlan.disputes.models import Push
from anlan.disputes.rules import PUSH_OPEN
from anlan.disputes.selectors.charges import files_charged_to
from anlan.disputes.selectors.lists import PAGE, due_colour
from anlan.units.selectors import units_crewed_by

HANDLED = ("assigned", "mediating", "agreement", "no_agreement", "performed", "defaulted")
"""States of a file in which the third push is its mediator's to visit."""
COLOURS_FIRST = ("red", "amber", "ok", "")


@dataclass(frozen=True, slots=True)
class ToVisit:
    """A push that waits for this person: what colour its deadline has now, and whether the file was given to them."""

    push: Push
    colour: str
    is_given: bool


def visits_of(actor: Actor, *, at: datetime, limit: int = PAGE) -> list[ToVisit]:
    """The actor's open pushes: late ones, then those in the last third of their time, then the others.

    Of one colour first the files given to them or their team, then what is due next. Theirs are: the first push
    with a unit they are on, any to them by name or to their role where nobody is named, and for a mediator the third
    of a file that their organisation was given. Some four queries.
    """
    given = files_charged_to(actor)
    rows = Push.objects.visible_to(actor).filter(_theirs(actor) | Q(file_id__in=given), state__in=PUSH_OPEN)
    rows = rows.annotate(is_given=Case(When(file_id__in=given, then=True), default=False))
    rows = rows.select_related("file__holder", "file__station", "to_organisation", "to_person")
    found = [
        ToVisit(push, due_colour(push.due_at, push.pushed_at, at=at), push.file_id in given)
        for push in rows.order_by("-is_given", "due_at", "id")[:limit]
    ]
    return sorted(found, key=lambda visit: COLOURS_FIRST.index(visit.colour))


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
