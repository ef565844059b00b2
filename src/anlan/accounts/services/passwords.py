"""Passwords: chosen by their owners, or set once by an administrator so that they can choose."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from anlan.accounts import events
from anlan.accounts.errors import PasswordUnfit, PasswordWrong
from anlan.accounts.models import Person
from anlan.accounts.profiles import PROBLEMS, password_problem, problem_facts
from anlan.accounts.rules import LEGIBLE
from anlan.accounts.selectors import ACCOUNTS_CHANGES
from anlan.accounts.services.sessions import sessions_end
from anlan.core.actor import Actor
from anlan.core.services import event_record, number_next

FIRST_LENGTH = 16


@transaction.atomic
def password_change(*, person: Person, old: str | None, new: str, again: str, by: Actor, at: datetime) -> None:
    """Set one's own password. Every session of the account ends; whoever asks signs in anew in theirs.

    ``old`` is None where it was said a moment ago, at the door. Raises ``PasswordWrong`` and ``PasswordUnfit``.
    """
    if old is not None and not person.check_password(old):
        raise PasswordWrong
    problem = password_problem(new, username=person.username, name=person.name)
    if not problem:
        problem = "twice" if new != again else "same" if person.check_password(new) else ""
    if problem:
        raise PasswordUnfit(problem=str(PROBLEMS[problem]).format(**problem_facts()))
    _put(person, new, by=by, at=at, is_first=False)


@transaction.atomic
def password_reset(*, person: Person, by: Actor, at: datetime) -> str:
    """A password that opens once the way to one's own, within three days; shown to the administrator this once.

    A second proof that is set stays set: a new password is no way around it.
    """
    groups = ["".join(secrets.choice(LEGIBLE) for _ in range(4)) for _ in range(FIRST_LENGTH // 4)]
    new = "-".join([groups[0].capitalize(), *groups[1:], str(secrets.randbelow(90) + 10)])
    _put(person, new, by=by, at=at, is_first=True)
    return new


def _put(person: Person, new: str, *, by: Actor, at: datetime, is_first: bool) -> None:
    person.set_password(new)
    person.password_set_at, person.password_is_first = at, is_first
    person.save(update_fields=["password", "password_set_at", "password_is_first"])
    sessions_end(person=person, by=by, at=at, why="password")
    number_next(ACCOUNTS_CHANGES)
    event_record(
        events.PASSWORD_SET,
        subject=person,
        by=by,
        at=at,
        org_ids=[person.organisation_id],
        person=person.pk,
        is_first=is_first,
    )
