"""Whose rows of dispute files are: by organisation, and shut to whoever is asking their parties blindly."""

from __future__ import annotations

from typing import Self

from anlan.core import shut
from anlan.core.actor import Actor
from anlan.core.scope import ScopedQuerySet


class FileRows(ScopedQuerySet):
    """Rows that are a dispute file or hang on one; the model's ``file_field`` leads to the file's key.

    Whoever asks the parties of a closed file must not know what the unit said of it: from being chosen until both
    sides are through, neither lists nor pages nor doors show them anything of that file. What they need - the
    script and whom to call - stands with the revisit itself.
    """

    def unasked_by(self, actor: Actor) -> Self:
        """Without those of files whose parties the actor is asking."""
        return self.unshut_to(actor)

    def shut_fields(self) -> dict[str, str]:
        """The column that leads to the file."""
        return {self.model.file_field: shut.FILE}
