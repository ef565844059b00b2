"""What the rights of those who listen hang on, asked for all of them at once.

Hundreds of streams stand open for hours and almost never does a right change. Each stream keeps what its
rights hung on when they were last looked at; only where that is no longer the same are they looked at again.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from hashlib import sha256

from django.contrib.sessions.models import Session
from django.db.models import Count, Q

from anlan.accounts.models import Person, RoleGrant
from anlan.accounts.selectors import ACCOUNTS_CHANGES
from anlan.core.selectors import number_last


def standings(whose: Sequence[tuple[str, int | None]], *, at: datetime) -> list[Hashable]:
    """For each session key ("" for a token) and person: equal as long as nothing their rights hang on has changed.

    That is: no service has changed an account, role or token; no role has begun or ended by time; the session
    is there, not run out and says the same; the person is active under the same password.
    """
    mark = (number_last(ACCOUNTS_CHANGES), *_roles_by_time(at))
    keys = {key for key, _ in whose if key}
    held = Session.objects.filter(session_key__in=keys, expire_date__gt=at)
    sessions = {key: _short(data) for key, data in held.values_list("session_key", "session_data")}
    known = Person.objects.filter(pk__in={pk for _, pk in whose if pk is not None})
    people = {
        pk: (_short(password), active) for pk, password, active in known.values_list("pk", "password", "is_active")
    }
    return [(mark, sessions.get(key), people.get(pk or 0)) for key, pk in whose]


def _roles_by_time(at: datetime) -> tuple[int, int]:
    """How many roles have begun and how many have ended by ``at``: neither number ever goes back."""
    counts = RoleGrant.objects.aggregate(
        begun=Count("pk", filter=Q(valid_from__lte=at)), ended=Count("pk", filter=Q(valid_to__lte=at))
    )
    return counts["begun"], counts["ended"]


def _short(text: str) -> bytes:
    return sha256(text.encode()).digest()[:16]
