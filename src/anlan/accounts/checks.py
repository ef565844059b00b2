"""What has to be right before anybody is served: a sign-in service that is set up wrongly is said so at start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from anlan.accounts.profiles import PROFILES
from anlan.accounts.sign_in_service import provider


@register(Tags.security)
def sign_in_service_is_whole(app_configs: Any, **more: Any) -> list[CheckMessage]:
    """The address is private, and each mark of a second proof says which claim it stands in."""
    try:
        service = provider()
    except ValueError as problem:
        return [Error(str(problem), id="accounts.E001")]
    odd = [mark for mark in (service.factors if service else ()) if not mark.startswith(("amr:", "acr:"))]
    if odd:
        hint = "write for example: amr:otp amr:hwk acr:https://refeds.org/profile/mfa"
        return [Error(f"ANLAN_OIDC_FACTORS: {settings.OIDC['factors']!r}", hint=hint, id="accounts.E002")]
    return []


@register(Tags.security)
def profile_is_known(app_configs: Any, **more: Any) -> list[CheckMessage]:
    """A profile misspelt would be none at all."""
    if settings.SECURITY_PROFILE not in PROFILES:
        hint = f"one of: {', '.join(PROFILES)}"
        return [Error(f"ANLAN_PROFILE: {settings.SECURITY_PROFILE!r}", hint=hint, id="accounts.E003")]
    return []
