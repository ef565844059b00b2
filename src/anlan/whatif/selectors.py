"""Questions to this room."""

from __future__ import annotations

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisations
from anlan.core.actor import Actor
from anlan.whatif.models import Question


def questions_for(actor: Actor, *, limit: int = 30) -> list[Question]:
    """The newest questions in the actor's reach."""
    rows = Question.objects.visible_to(actor).select_related("organisation", "asked_by")
    return list(rows.order_by("-asked_at", "-id")[:limit])


def question_for(actor: Actor, question_id: int) -> Question:
    """The question, or ``NotFound``."""
    row: Question = Question.objects.select_related("organisation", "asked_by").one_for(actor, pk=question_id)
    return row


def organisations_to_try(actor: Actor) -> list[Organisation]:
    """Bureaus, zones and stations in the actor's reach."""
    rows = [row for kind in ("bureau", "zone", "station") for row in organisations(kind)]
    return [row for row in rows if actor.sees_all or row.pk in actor.org_ids]
