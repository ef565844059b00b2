"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError, NotSignedIn


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


class TokenOver(NotSignedIn):
    """A program comes with a secret that was good once; whoever has it may know how long."""

    code = "token_over"
    message = _(
        "Token no. {number} ({label}), made on {since:%Y-%m-%d}, has opened nothing since {until:%Y-%m-%d %H:%M}; "
        "nothing was saved. Keep what you have to send, let the administrator make a new one (anlan token renew "
        "{number}), and send it again with that."
    )


class TokenRevoked(DomainError):
    code = "token_revoked"
    message = _(
        "Token no. {number} ({label}) was made useless at {since:%Y-%m-%d %H:%M} and stays so. Make another for the "
        "account."
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


class ProviderUnreachable(DomainError):
    code = "provider_unreachable"
    status = 503
    message = _(
        "The sign-in service {service} gave no usable answer at {at:%H:%M:%S}. Sign in with user name and password "
        "here, and tell the administrator."
    )


class ProviderRefused(DomainError):
    code = "provider_refused"
    status = 403
    message = _(
        "At {at:%H:%M:%S} the sign-in service {service} let nobody in ({problem}). Begin anew; if it says so again, "
        "sign in with user name and password, and ask the administrator."
    )


class SignInStale(DomainError):
    code = "sign_in_stale"
    status = 422
    message = _(
        "This sign-in was begun in another browser, more than {minutes} minutes before {at:%H:%M:%S}, or was used "
        "already. Begin anew."
    )


class ProofWrong(DomainError):
    code = "proof_wrong"
    status = 403
    message = _(
        "What the sign-in service {service} sent at {at:%H:%M:%S} can't be trusted: {problem}. Nobody was signed in. "
        "Sign in with user name and password, and tell the administrator."
    )


class AccountUnknown(DomainError):
    code = "account_unknown"
    status = 403
    message = _(
        "At {at:%H:%M:%S} the sign-in service {service} named you {username}, and no open account here bears that "
        "name. Ask the administrator of your organisation for an account; your service's password stays as it is."
    )


class AccountTied(DomainError):
    code = "account_tied"
    status = 403
    message = _(
        "Since {since:%Y-%m-%d %H:%M} the account {username} is another person's at the sign-in service {service}. "
        "If it is yours, ask the administrator to untie it (anlan sso untie {username})."
    )


class PasswordUnfit(DomainError):
    code = "password_unfit"
    status = 422
    message = _("This password can't be taken: {problem}. Choose another; the one you have stays as it is.")


class PasswordWrong(DomainError):
    code = "password_wrong"
    status = 422
    message = _(
        "The password you have is another one; nothing was changed. If you don't know it, ask the administrator of "
        "your organisation for a new one."
    )


class FirstPasswordOver(DomainError):
    code = "first_password_over"
    status = 403
    message = _(
        "The password that the administrator set at {since:%Y-%m-%d %H:%M} was good until {until:%Y-%m-%d %H:%M} and "
        "nobody set their own by then. Ask the administrator of your organisation for a new one."
    )


class RolesApart(DomainError):
    code = "roles_apart"
    message = _(
        "{username} has been {held} since {since:%Y-%m-%d} and so can't be {role} too: the three administrators are "
        "three people (profile gb). Give the role to somebody else, or end the other one first."
    )


class GlassReasonMissing(DomainError):
    code = "glass_reason_missing"
    status = 422
    message = _(
        "Whoever looks beyond their own organisation says what for, in at least {least} letters. The organisation, "
        "and who guards the record, read it."
    )


class GlassNotNeeded(DomainError):
    code = "glass_not_needed"
    message = _("{organisation} lies within your reach already; there is nothing to break.")


class GlassReviewed(DomainError):
    code = "glass_reviewed"
    message = _("This look was judged at {since:%Y-%m-%d %H:%M} already; that stays as it stands.")


class GlassOwn(DomainError):
    code = "glass_own"
    status = 403
    message = _("Nobody judges their own look beyond their organisation. Ask another privacy officer.")
