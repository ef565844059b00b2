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


class CodeWrong(DomainError):
    code = "code_wrong"
    status = 422
    message = _(
        "At {at:%H:%M:%S} this code opens nothing. Each code holds for half a minute and opens once: type the one "
        "your telephone shows now, and see that its clock is right. Without the telephone, type one of your recovery "
        "codes."
    )


class FactorInPlace(DomainError):
    code = "factor_in_place"
    message = _("A second proof has been in force since {since:%Y-%m-%d %H:%M}. Take it away before you set another.")


class FactorNotBegun(DomainError):
    code = "factor_not_begun"
    message = _(
        "There is no second proof to go on with. Begin with a new one, and read its picture with your telephone."
    )


class FactorDemanded(DomainError):
    code = "factor_demanded"
    message = _(
        "Since {since:%Y-%m-%d} the bureau demands a second proof of your role ({role}), so it can't be taken away. "
        "With a new telephone, ask the administrator of your organisation to reset it; you set the new one at "
        "sign-in."
    )
