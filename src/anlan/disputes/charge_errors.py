"""Refusals around who has a file in charge, and around files that a rule suggests."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class NotTheOwner(DomainError):
    """Only the owner knows which of its teams is free."""

    code = "dispute_not_the_owner"
    message = _(
        "File {file} is owned by {owner} since {since:%Y-%m-%d %H:%M}; only they give it to one of their teams or "
        "officers. Ask them, or accept the file first."
    )


class NotOfTheOwner(DomainError):
    code = "dispute_not_of_the_owner"
    message = _("{who} is no team or officer of {owner}, which owns file {file}. Choose one of: {choices}.")


class NobodyInCharge(DomainError):
    code = "dispute_nobody_in_charge"
    message = _("File {file} is in nobody's charge; there is nothing to take back.")


class OpeningDecided(DomainError):
    code = "dispute_opening_decided"
    message = _("Somebody has decided this already: {state} since {since:%Y-%m-%d %H:%M}.")
