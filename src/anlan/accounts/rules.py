"""How long somebody waits who can't say their password, and which codes prove a person a second time."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=12)
"""So long after the last wrong try the count begins anew."""


def wait_after(failures: int) -> timedelta:
    """The wait after the n-th wrong try in a row: none for the first four, then 30 s, doubling to 15 min."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings: int = min(failures - FREE_TRIES, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


CODE_DIGITS = 6
CODE_HOLDS_S = 30
CODES_MADE = 10
"""So many codes for a lost telephone."""
HALF_WAY_FOR = timedelta(minutes=10)
"""So long the second proof may take after the first."""
# Without letters and digits that are taken for one another when copied from paper.
LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"


def secret_new() -> str:
    """A secret for an authenticator app: 160 bits, in the letters such apps take (RFC 4226, section 4)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def app_of(secret: str) -> TOTP:
    """What an authenticator app reckons from the secret (RFC 6238 with what all apps know: SHA-1, 6 digits, 30 s)."""
    return TOTP(base64.b32decode(secret), CODE_DIGITS, SHA1(), CODE_HOLDS_S)


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The half-minute, counted from 1970, whose code this is; None where it is none of those around ``at``.

    One before and one after are taken too, for clocks that differ (RFC 6238, section 5.2).
    """
    typed, app = "".join(code.split()), app_of(secret)
    now = int(at.timestamp()) // CODE_HOLDS_S
    steps = [now + apart for apart in (0, -1, 1)]
    return next(
        (step for step in steps if constant_time_compare(app.generate(step * CODE_HOLDS_S).decode(), typed)), None
    )


def code_new() -> str:
    """A code for a lost telephone, ``abcde-fgh23``: 49 bits."""
    drawn = "".join(secrets.choice(LEGIBLE) for _ in range(10))
    return f"{drawn[:5]}-{drawn[5:]}"


def code_plain(code: str) -> str:
    """As it is compared: without blanks, dashes and capital letters."""
    return "".join(letter for letter in code.casefold() if letter.isalnum())


SERVICE_WITHIN = timedelta(minutes=10)
"""So long somebody may take at the sign-in service."""
PROOF_PROBLEMS = {
    "issuer": _("it was issued by another service"),
    "audience": _("it was meant for another program"),
    "nonce": _("it belongs to another sign-in"),
    "expired": _("it has run out, or one of the two clocks is wrong"),
    "signature": _("none of the service's published keys signed it"),
    "format": _("it lacks what has to be in it"),
}
"""Why what a sign-in service sent can't be trusted."""
