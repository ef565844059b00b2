"""What the rights of those who listen hang on, asked for all of them at once.

Hundreds of streams stand open for hours and almost never does a right change. So it is only asked whether
anything has changed that anybody's rights hang on; where it has, everybody is looked at again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime
from hashlib import sha256

from django.db.models import Count, Q

from anlan.accounts.models import GlassBroken, Person, RoleGrant
from anlan.accounts.selectors import ACCOUNTS_CHANGES, people_by_sessions
from anlan.core.selectors import number_last


def rights_mark(*, at: datetime) -> Hashable:
    """The same as before as long as nobody's rights have changed, whoever it is.

    That is: no service has changed an account, role or token; no role has begun or ended by time; everybody's
    password and whether they are active are what they were.
    """
    counts = RoleGrant.objects.aggregate(
        begun=Count("pk", filter=Q(valid_from__lte=at)), ended=Count("pk", filter=Q(valid_to__lte=at))
    )
    # A look beyond one's own area ends by the clock as well, and that one to the second.
    glasses = GlassBroken.objects.filter(ends_at__lte=at).count()
    people = sha256()
    for row in Person.objects.order_by("pk").values_list("pk", "password", "is_active").iterator(2000):
        people.update(repr(row).encode())
    # None of these counts ever goes back, so a beginning can't hide an end.
    return number_last(ACCOUNTS_CHANGES), counts["begun"], counts["ended"], glasses, people.digest()


def sessions_open(keys: Iterable[str], *, at: datetime) -> frozenset[str]:
    """Which of these sessions are there, have not run out, and are not over by the rules of the house."""
    return frozenset(people_by_sessions({key for key in keys if key}, at=at))
