"""Whom a sign-in service means: an account that is here already, tied to its lasting name for them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from anlan.accounts import events
from anlan.accounts.errors import AccountTied, AccountUnknown
from anlan.accounts.models import Organisation, Person, ServiceIdentity
from anlan.accounts.services.people import person_add
from anlan.core.actor import Actor
from anlan.core.services import event_record

if TYPE_CHECKING:
    from anlan.accounts.provider import Proof

USERNAME_MAX = 40


def identity_take(*, proof: Proof, service: str, admit: str, by: Actor, at: datetime) -> Person:
    """The account the proof is about, tied to it the first time.

    ``admit`` is the code of the organisation where the bureau lets accounts be made for whoever the service knows;
    such an account has no role, and so no rights, until somebody grants one. Empty: none is ever made.
    Raises ``AccountUnknown`` and, where the name now belongs to somebody else there, ``AccountTied``.
    """
    held = ServiceIdentity.objects.filter(issuer=proof.issuer, subject=proof.subject).select_related("person").first()
    if held is None:
        return _tied(proof, service, admit, by, at)
    if not held.person.is_active:
        raise AccountUnknown(service=service, username=held.person.username, at=at)
    return held.person


@transaction.atomic
def _tied(proof: Proof, service: str, admit: str, by: Actor, at: datetime) -> Person:
    person = Person.objects.filter(username=proof.username).first() if proof.username else None
    if person is None and admit:
        person = _admitted(proof, admit, by, at)
    if person is None or not person.is_active:
        raise AccountUnknown(service=service, username=proof.username or "–", at=at)
    other = ServiceIdentity.objects.filter(person=person, issuer=proof.issuer).first()
    if other is not None:
        raise AccountTied(service=service, username=person.username, since=other.tied_at)
    try:
        with transaction.atomic():
            row = ServiceIdentity.objects.create(
                person=person, issuer=proof.issuer, subject=proof.subject, tied_at=at
            )
    except IntegrityError as problem:
        # Somebody was quicker by the same name.
        raise AccountTied(service=service, username=person.username, since=at) from problem
    event_record(events.IDENTITY_TIED, subject=row, by=by, at=at, org_ids=[person.organisation_id], person=person.pk)
    return person


def _admitted(proof: Proof, admit: str, by: Actor, at: datetime) -> Person | None:
    where = Organisation.objects.filter(code=admit, is_active=True).first()
    if where is None or not 0 < len(proof.username) <= USERNAME_MAX:
        return None
    name = (proof.name or proof.username)[:USERNAME_MAX]
    return person_add(username=proof.username, name=name, organisation=where, password=None, by=by, at=at)


@transaction.atomic
def identity_untie(*, person: Person, by: Actor, at: datetime) -> int:
    """Forget by which names services know the person, who is tied anew at the next sign-in; how many were tied."""
    rows = list(ServiceIdentity.objects.filter(person=person))
    for row in rows:
        event_record(
            events.IDENTITY_UNTIED, subject=row, by=by, at=at, org_ids=[person.organisation_id], person=person.pk
        )
    ServiceIdentity.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
