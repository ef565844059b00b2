"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class ReplayPurposeMissing(DomainError):
    code = "replay_purpose_missing"
    status = 422
    message = _(
        "A replay is opened for a purpose. Choose one and say in a few words what you want to find out; "
        "both are kept with your name."
    )


class ReplayNotPast(DomainError):
    code = "replay_not_past"
    status = 422
    message = _("{moment:%Y-%m-%d %H:%M} has not come yet. Choose a moment in the past.")


class ReplayOver(DomainError):
    code = "replay_over"
    status = 403
    message = _(
        "This replay was opened for another stretch, by somebody else or too long ago. "
        "Open one for the stretch you need and say what for."
    )
