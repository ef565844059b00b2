"""What a citizen may see of their own report: with its code and the last digits of their telephone.

The code is made from the call's key and a seal over it; nothing is stored, and without the seal's key
nobody can make one up. It tells nothing but where the matter stands and who has it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise

from anlan.core.errors import NotFound
from anlan.core.purpose import machine_use
from anlan.intake.models import Call, Reporter
from anlan.intake.rules import INCIDENT

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit."""
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_KEY_SIGNS, _SEAL_SIGNS = 6, 6
_LONG_KEY_SIGNS = 12
"""For the call after a milliard: it is taken like all others, and its code is longer."""
LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class CitizenView:
    """Where a matter stands, for the person who reported it."""

    number: str
    state: str
    state_label: str | Promise
    received_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    holder_zh: str
    holder_en: str


def tracking_code(call: Call) -> str:
    """``K3F7-9QWM-2XTA``: the code to give to the caller. Valid with the last digits of their telephone."""
    key = _signs(call.pk, _KEY_SIGNS if call.pk < 32**_KEY_SIGNS else _LONG_KEY_SIGNS)
    text = key + _seal(key)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _signs(number: int, count: int) -> str:
    if number >= 32**count:
        raise ValueError(f"call {number} has no code of {count} signs")
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(count)))


def _seal(key: str) -> str:
    digest = hmac.new(settings.EVENT_HASH_KEY.encode(), b"tracking:" + key.encode(), hashlib.sha256).digest()
    return _signs(int.from_bytes(digest[:8], "big") % 32**_SEAL_SIGNS, _SEAL_SIGNS)


def _call_id(code: str) -> int | None:
    text = code.upper().translate(_MISREAD).replace("-", "").replace(" ", "")
    key, seal = text[:-_SEAL_SIGNS], text[-_SEAL_SIGNS:]
    if len(key) not in (_KEY_SIGNS, _LONG_KEY_SIGNS) or any(sign not in _ALPHABET for sign in text):
        return None
    if not hmac.compare_digest(seal, _seal(key)):
        return None
    number = 0
    for sign in key:
        number = number * 32 + _ALPHABET.index(sign)
    return number


def incident_by_tracking_code(code: str, last_digits: str) -> CitizenView:
    """Where the matter of this code stands. A wrong code and wrong digits both answer ``NotFound``.

    After the reporter's data are erased the code opens nothing any more.
    """
    return _view(call_by_tracking_code(code, last_digits))


def is_tracking_code(code: str) -> bool:
    """Whether the code was made here; it says nothing of whether it still opens anything."""
    return _call_id(code) is not None


def call_by_tracking_code(code: str, last_digits: str) -> Call:
    """The call this code and these digits stand for, its incident with it; ``NotFound`` for either being wrong."""
    call_id = _call_id(code)
    with machine_use("compare"):
        reporter = Reporter.objects.filter(call_id=call_id).first() if call_id is not None else None
    wanted = "".join(sign for sign in (reporter.phone if reporter else "") if sign.isdecimal())[-LAST_DIGITS:]
    if len(wanted) < LAST_DIGITS or not hmac.compare_digest(wanted.encode(), last_digits.strip().encode()):
        raise NotFound
    rows = Call.objects.select_related("incident", "incident__holder", "incident__station")
    call: Call = rows.get(pk=call_id)
    return call


def _view(call: Call) -> CitizenView:
    incident = call.incident
    if incident is None:
        raise NotFound
    holder = incident.holder or incident.station
    return CitizenView(
        number=incident.number,
        state=incident.state,
        state_label=INCIDENT.labels[incident.state],
        received_at=call.answered_at or incident.received_at,
        sent_at=incident.first_sent_at,
        arrived_at=incident.first_arrived_at,
        closed_at=incident.closed_at,
        holder_zh=holder.name_zh if holder else "",
        holder_en=holder.name_en if holder else "",
    )
