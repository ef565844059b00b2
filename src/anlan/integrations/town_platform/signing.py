"""Who sent it, unchanged and just now: HMAC-SHA256 over the time and the body, by a key known by its name.

``X-Anlan-Key: town-west``, ``X-Anlan-Timestamp: 1767225600`` (seconds since 1970), ``X-Anlan-Signature:
v1=<hex of HMAC(secret, timestamp + "." + body)>``. What is older than five minutes, or as far ahead, is refused:
a copy taken on the way is worth nothing later, and within the five minutes the event's id keeps it from
counting twice.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError

KEY, TIMESTAMP, SIGNATURE = "X-Anlan-Key", "X-Anlan-Timestamp", "X-Anlan-Signature"
WINDOW = timedelta(minutes=5)
LEAST_SECRET = 24


class SignatureRefused(DomainError):
    """An unknown key and a wrong signature are told alike."""

    code = "signature_refused"
    status = 401
    message = _("The signature does not fit the key, the time and the body. Check the key's name and secret.")


class TimeRefused(DomainError):
    code = "time_refused"
    status = 401
    message = _(
        "The message says it is of {said:%Y-%m-%d %H:%M:%S}; here it is {now:%Y-%m-%d %H:%M:%S}. Five minutes are "
        "allowed: set the clock, sign anew and send again."
    )


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """A key by name: its secret, and the organisation (a town room) whose matters it may speak of."""

    name: str
    secret: str
    organisation: str

    def __repr__(self) -> str:
        return f"PlatformKey({self.name}, {self.organisation})"


def keys_read(text: str) -> dict[str, PlatformKey]:
    """Keys from a setting: ``name:organisation:secret``, several parted by blanks. Raises ``ValueError``."""
    found: dict[str, PlatformKey] = {}
    for part in text.split():
        name, _colon, rest = part.partition(":")
        organisation, _colon, secret = rest.partition(":")
        if not (name and organisation) or len(secret) < LEAST_SECRET or name in found:
            raise ValueError(f"key {name or '?'}: wanted once, as name:organisation:secret of {LEAST_SECRET} signs")
        found[name] = PlatformKey(name, secret, organisation)
    return found


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of this body at this time."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed(key: PlatformKey, body: bytes, *, at: datetime) -> dict[str, str]:
    """The three headers."""
    timestamp = str(int(at.timestamp()))
    return {KEY: key.name, TIMESTAMP: timestamp, SIGNATURE: sign(key.secret, timestamp, body)}


def verify(headers: Mapping[str, str], body: bytes, *, keys: Mapping[str, PlatformKey], at: datetime) -> PlatformKey:
    """The key it was signed with. The signature is looked at first: only who has the key is told about the time.

    Raises ``SignatureRefused`` or ``TimeRefused``.
    """
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    key = keys.get(headers.get(KEY, ""))
    wanted = sign(key.secret if key is not None else "nobody's", timestamp, body)
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")) or key is None:
        raise SignatureRefused
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11):
        raise SignatureRefused
    said = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(at - said) > WINDOW:
        raise TimeRefused(said=said, now=at)
    return key
