"""Row scope: another organisation's record answers like one that does not exist."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.shut import shutter_of


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows that carry owning organisations in the columns named by the model's ``scope_fields``.

    Its ``shut_fields``, where it has any, name columns that lead to rows which a rule may shut to a person for a
    while, each with the sort of those rows (see ``core.shut``).
    """

    def visible_to(self, actor: Actor) -> Self:
        """Only rows of which one owning organisation lies in the actor's reach, and that are not shut to them."""
        return self.counted_for(actor).unshut_to(actor)

    def counted_for(self, actor: Actor) -> Self:
        """Rows in the actor's reach, shut or not: for figures, which must not hang on who looks, and open work."""
        if actor.sees_all:
            return self
        reach = models.Q()
        for field in self.model.scope_fields:
            reach |= models.Q(**{f"{field}__in": actor.org_ids})
        return self.filter(reach)

    def unshut_to(self, actor: Actor) -> Self:
        """Without rows shut to the actor. No query of its own."""
        rows = self
        for field, sort in self.shut_fields().items():
            shutter = shutter_of(sort)
            if shutter is not None and (keys := shutter.keys(actor)) is not None:
                rows = rows.exclude(**{f"{field}__in": keys})
        return rows

    def one_for(self, actor: Actor, **lookup: Any) -> Any:
        """The one row, or ``NotFound`` - whether it is missing or merely not the actor's.

        Where only a rule shuts it, that rule's own refusal says so.
        """
        try:
            return self.visible_to(actor).get(**lookup)
        except (self.model.DoesNotExist, ValueError, OverflowError):
            self.refuse_shut(actor, **lookup)
            raise NotFound from None

    def refuse_shut(self, actor: Actor, **lookup: Any) -> None:
        """Raise the refusal of the rule that shuts this row to the actor; nothing where none does."""
        for field, sort in self.shut_fields().items():
            shutter = shutter_of(sort)
            if shutter is None or (keys := shutter.keys(actor)) is None:
                continue
            try:
                shut = self.counted_for(actor).filter(**lookup, **{f"{field}__in": keys})
                key = shut.values_list(field, flat=True).first()
            except (ValueError, OverflowError):
                return
            if key is not None:
                shutter.refuse(actor, key)

    def shut_fields(self) -> dict[str, str]:
        """Which columns lead to rows that may be shut, and their sort."""
        return getattr(self.model, "shut_fields", {})
