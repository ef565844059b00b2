"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import tokens_to_warn
from anlan.accounts.services import token_warned
from anlan.core.actor import SYSTEM
from anlan.notices import services
from anlan.notices.messages import TOKEN_ENDS
from anlan.notices.services import Rung, notice_send, to_role


def notices_tick(*, at: datetime) -> int:
    """Tell the next in line where nobody answered, and end what ran out."""
    return services.notices_tick(at=at)


def notice_words_erase(*, at: datetime) -> int:
    """Empty the words of notices past their keeping time."""
    return services.words_erase(at=at)


def message_addresses_erase(*, at: datetime) -> int:
    """Remove addresses of messages past their keeping time."""
    return services.addresses_erase(at=at)


GUARDING = ("admin", "security_admin")
"""Who sees to programs' secrets."""


def tokens_warn(*, at: datetime) -> int:
    """Tell those who guard the accounts, once, that a program's secret runs out; returns of how many."""
    told = 0
    for token in tokens_to_warn(at=at):
        with transaction.atomic():
            until = token.expires_at
            if until is None or not token_warned(token=token, by=SYSTEM, at=at):
                continue
            there = token.person.organisation
            root = Organisation.objects.filter(parent=None, kind=Organisation.Kind.BUREAU).first() or there
            notice_send(
                message=TOKEN_ENDS,
                chain=[Rung(tuple(to_role(role, root) for role in GUARDING))],
                organisation=there,
                blanks={"number": token.pk, "until": until.isoformat()},
                subject=token,
                expires_at=until,
                by=SYSTEM,
                at=at,
            )
            told += 1
    return told
