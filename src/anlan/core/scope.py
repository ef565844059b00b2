"""Row scope: another organisation's record answers like one that does not exist."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from anlan.core.actor import Actor
from anlan.core.errors import NotFound


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows that carry owning organisations in the columns named by the model's ``scope_fields``."""

    def visible_to(self, actor: Actor) -> Self:
        """Only rows of which one owning organisation lies in the actor's reach."""
        if actor.sees_all:
            return self
        reach = models.Q()
        for field in self.model.scope_fields:
            reach |= models.Q(**{f"{field}__in": actor.org_ids})
        return self.filter(reach)

    def one_for(self, actor: Actor, **lookup: Any) -> Any:
        """The one row, or ``NotFound`` - whether it is missing or merely not the actor's."""
        try:
            return self.visible_to(actor).get(**lookup)
        except (self.model.DoesNotExist, ValueError, OverflowError):
            raise NotFound from None
