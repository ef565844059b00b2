"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class LedgerKeyLost(DomainError):
    """The signing key is not where it was left, or is another one."""

    code = "ledger_key_lost"
    status = 503
    message = _(
        "The ledger can't be signed: the key file {path} doesn't hold the key {key}. Nothing else is touched. "
        "Put the key file back from where it is kept; a ledger is never signed with a key it did not name itself."
    )


class LedgerEmpty(DomainError):
    """Nothing has been sealed so far."""

    code = "ledger_empty"
    status = 409
    message = _("Nothing has been sealed so far. The first checkpoint is signed within ten minutes of the first row.")


class NotSealedYet(DomainError):
    """The rows asked for lie after the last checkpoint."""

    code = "ledger_not_sealed_yet"
    status = 409
    message = _(
        "The history of {subject} has {waiting} rows that no checkpoint covers yet. "
        "Ask again after the next checkpoint, in ten minutes at most."
    )
