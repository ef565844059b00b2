"""Secrets of programs: made, renewed, made useless, and noted when they are used."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from anlan.accounts import events
from anlan.accounts.errors import TokenRevoked
from anlan.accounts.models import ApiToken, Person
from anlan.accounts.selectors import ACCOUNTS_CHANGES, token_digest
from anlan.core.actor import Actor
from anlan.core.services import event_record, number_next

USED_EVERY = timedelta(hours=1)
"""So far apart it is written down that a token is in use."""


@transaction.atomic
def token_issue(*, person: Person, label: str, by: Actor, at: datetime, expires_at: datetime | None = None) -> str:
    """A new secret for a program, shown this once; good until ``expires_at``, without one until it is revoked."""
    secret = secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        person=person, label=label, digest=token_digest(secret), created_at=at, expires_at=expires_at
    )
    number_next(ACCOUNTS_CHANGES)
    event_record(
        events.TOKEN_ISSUED,
        subject=row,
        by=by,
        at=at,
        org_ids=[person.organisation_id],
        person=person.pk,
        expires_at=expires_at.isoformat() if expires_at else None,
    )
    return secret


@transaction.atomic
def token_renew(*, token: ApiToken, by: Actor, at: datetime, expires_at: datetime | None) -> str:
    """Another secret for the same program. The old one stays good for its time, so that nothing is missed between.

    Raises ``TokenRevoked``.
    """
    row = ApiToken.objects.select_related("person").get(pk=token.pk)
    if row.revoked_at is not None:
        raise TokenRevoked(number=row.pk, label=row.label, since=row.revoked_at)
    return token_issue(person=row.person, label=row.label, by=by, at=at, expires_at=expires_at)


@transaction.atomic
def token_revoke(*, token: ApiToken, by: Actor, at: datetime) -> bool:
    """Make a secret useless at once; False when it was already."""
    done = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
    if done:
        number_next(ACCOUNTS_CHANGES)
        event_record(events.TOKEN_REVOKED, subject=token, by=by, at=at, person=token.person_id)
    return bool(done)


def token_used(*, secret: str, at: datetime) -> bool:
    """Note that a token is in use; False where that is known to the hour."""
    known = Q(last_used_at__gt=at - USED_EVERY, last_used_at__lte=at)
    rows = ApiToken.objects.filter(digest=token_digest(secret)).exclude(known)
    return bool(rows.update(last_used_at=at))


@transaction.atomic
def token_warned(*, token: ApiToken, by: Actor, at: datetime) -> bool:
    """Take it upon oneself to say that a token runs out; False where somebody has."""
    done = ApiToken.objects.filter(pk=token.pk, warned_at=None, revoked_at=None).update(warned_at=at)
    if done:
        event_record(events.TOKEN_WARNED, subject=token, by=by, at=at, person=token.person_id)
    return bool(done)
