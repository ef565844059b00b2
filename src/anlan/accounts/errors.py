"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class SignInLocked(DomainError):
    code = "sign_in_locked"
    status = 429
    message = _(
        "There were {failures} wrong tries for this user name from this machine, the last at {since:%H:%M:%S}. "
        "Sign-in opens again at {until:%H:%M:%S}. If you don't know the password, ask the administrator of your "
        "organisation for a new one."
    )
