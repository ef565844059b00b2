"""Refusals of files that people send."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class TableRefused(DomainError):
    """The table as a whole; ``problem`` says why and what to do, in both languages at once."""

    code = "imports_table_refused"
    status = 415
    message = _("The table was not taken: {problem}.")
