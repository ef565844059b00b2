"""Whose rows of dispute files are: by organisation, and shut to whoever is asking their parties blindly."""

from __future__ import annotations

from typing import Any, Self

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import permitted
from anlan.core.scope import ScopedQuerySet
from anlan.disputes.revisit_errors import AskedBlindly


class FileRows(ScopedQuerySet):
    """Rows that are a dispute file or hang on one; the model's ``file_field`` leads to the file's key.

    Whoever asks the parties of a closed file must not know what the unit said of it: from being chosen until both
    sides are through, neither lists nor pages nor doors show them anything of that file. What they need - the
    script and whom to call - stands with the revisit itself.
    """

    def visible_to(self, actor: Actor) -> Self:
        """Rows in the actor's reach, without those of files whose parties they are asking."""
        return super().visible_to(actor).unasked_by(actor)

    def unasked_by(self, actor: Actor) -> Self:
        """Without those of files whose parties the actor is asking."""
        asked = self._asked_by(actor)
        return self if asked is None else self.exclude(**{f"{self.model.file_field}__in": asked.values("file_id")})

    def counted_for(self, actor: Actor) -> Self:
        """Rows in the actor's reach for figures: what is counted must not hang on who looks."""
        return super().visible_to(actor)

    def one_for(self, actor: Actor, **lookup: Any) -> Any:
        """The one row, or ``NotFound``; ``AskedBlindly`` where only the revisit stands in the way."""
        try:
            return super().one_for(actor, **lookup)
        except NotFound:
            if (asked := self._asked_by(actor)) is not None:
                self._refuse_asking(actor, asked, lookup)
            raise

    def _refuse_asking(self, actor: Actor, asked: Any, lookup: dict[str, Any]) -> None:
        try:
            hidden = self.counted_for(actor).filter(**lookup).values_list(self.model.file_field, flat=True)[:1]
            revisit = asked.select_related("file").filter(file_id__in=list(hidden)).first()
        except (ValueError, OverflowError):
            return
        if revisit is not None:
            raise AskedBlindly(file=revisit.file.number, since=revisit.assigned_at, revisit=revisit.pk)

    def _asked_by(self, actor: Actor) -> Any:
        """Revisits the actor has in hand; None for whoever can't have any."""
        if actor.kind != "person" or actor.id is None or not permitted(actor, "disputes.revisit"):
            return None
        revisits = self.model._meta.apps.get_model("disputes", "FileRevisit").objects
        return revisits.filter(assigned_to_id=actor.id, state="assigned")
