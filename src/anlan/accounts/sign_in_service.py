"""Which sign-in service is set up, if any. What speaks with it is loaded where there is one, and by nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from anlan.accounts.provider import Provider

_providers: dict[tuple[tuple[str, Any], ...], Provider] = {}


def provider() -> Provider | None:
    """The sign-in service that is set up; None where there is none, which is so unless somebody says otherwise."""
    told: dict[str, Any] = settings.OIDC
    if not told["issuer"]:
        return None
    from anlan.accounts.provider import Provider

    key = tuple(sorted(told.items()))
    if key not in _providers:
        _providers[key] = Provider(**{**told, "factors": frozenset(told["factors"].split())})
    return _providers[key]
