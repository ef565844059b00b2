"""Changes to the tree, the people and their rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from anlan.accounts import events
from anlan.accounts.errors import RolesApart
from anlan.accounts.models import Organisation, Person, Role, RoleGrant, SignInTry
from anlan.accounts.profiles import APART, profile
from anlan.accounts.rules import FORGOTTEN_AFTER, wait_after
from anlan.accounts.selectors import ACCOUNTS_CHANGES, sign_in_key
from anlan.core.actor import Actor
from anlan.core.services import event_record, number_next


@transaction.atomic
def organisation_add(
    *,
    code: str,
    kind: str,
    name_zh: str,
    name_en: str,
    by: Actor,
    at: datetime,
    parent: Organisation | None = None,
    contact_line: str = "",
) -> Organisation:
    """Add a node beneath ``parent`` (the bureau itself has none)."""
    row = Organisation.objects.create(
        code=code, kind=kind, name_zh=name_zh, name_en=name_en, parent=parent, contact_line=contact_line
    )
    row.path = f"{parent.path if parent else '/'}{row.pk}/"
    row.save(update_fields=["path"])
    number_next(ACCOUNTS_CHANGES)
    event_record(
        events.ORGANISATION_ADDED,
        subject=row,
        by=by,
        at=at,
        org_ids=[row.pk],
        code=code,
        organisation_kind=kind,
    )
    return row


@transaction.atomic
def person_add(
    *, username: str, name: str, organisation: Organisation, password: str | None, by: Actor, at: datetime
) -> Person:
    """Add a person; without a password they can only sign in by other means."""
    row = Person(username=username, name=name, organisation=organisation)
    if password is None:
        row.set_unusable_password()
    else:
        row.set_password(password)
        row.password_set_at = at
    row.save()
    number_next(ACCOUNTS_CHANGES)
    event_record(events.PERSON_ADDED, subject=row, by=by, at=at, org_ids=[organisation.pk])
    return row


@transaction.atomic
def role_grant(
    *, person: Person, role: str, by: Actor, at: datetime, organisation: Organisation | None = None
) -> RoleGrant:
    """Give a role at an organisation (their own by default), from ``at`` on.

    Raises ``RolesApart`` where the profile keeps the three administrators apart and the person is another of them.
    """
    where = organisation or person.organisation
    _keep_apart(person, role, at)
    row = RoleGrant.objects.create(person=person, role=role, organisation=where, valid_from=at)
    number_next(ACCOUNTS_CHANGES)
    event_record(events.ROLE_GRANTED, subject=row, by=by, at=at, org_ids=[where.pk], role=role, person=person.pk)
    return row


def _keep_apart(person: Person, role: str, at: datetime) -> None:
    if role not in APART or not profile().is_apart:
        return
    # One grant after another: of two at once, the second finds the first.
    Person.objects.select_for_update().get(pk=person.pk)
    held = RoleGrant.objects.filter(person=person, role__in=APART - {role})
    other = held.filter(Q(valid_to=None) | Q(valid_to__gt=at)).order_by("valid_from").first()
    if other is not None:
        raise RolesApart(
            username=person.username,
            held=other.get_role_display(),
            since=other.valid_from,
            role=Role(role).label,
        )


@transaction.atomic
def role_end(*, grant: RoleGrant, by: Actor, at: datetime) -> bool:
    """End a grant; False when it had ended already."""
    ended = RoleGrant.objects.filter(pk=grant.pk, valid_to=None).update(valid_to=at)
    if ended:
        number_next(ACCOUNTS_CHANGES)
        event_record(events.ROLE_ENDED, subject=grant, by=by, at=at, org_ids=[grant.organisation_id], role=grant.role)
    return bool(ended)


@transaction.atomic
def sign_in_record(
    *, person: Person, by: Actor, at: datetime, address: str = "", factor: str = "", by_service: bool = False
) -> None:
    """Put a sign-in on the record; wrong tries before it, from that address, are forgotten.

    ``factor``: by which second proof, ``app``, ``recovery`` or ``service``; nothing where the first was enough.
    ``by_service``: the first proof was the bureau's sign-in service and no password.
    """
    SignInTry.objects.filter(key=sign_in_key(person.username, address)).delete()
    told: dict[str, Any] = {"factor": factor or None, **({"by_service": True} if by_service else {})}
    event_record(
        events.SIGNED_IN,
        subject=person,
        by=by,
        at=at,
        org_ids=[person.organisation_id],
        **told,
    )


@transaction.atomic
def sign_in_fail(*, username: str, address: str, by: Actor, at: datetime) -> SignInTry:
    """Count a wrong try for this user name from this address; from the fifth on one has to wait, each time longer.

    Whether there is such an account makes no difference. The event carries neither name nor address.
    """
    SignInTry.objects.filter(failed_at__lt=at - FORGOTTEN_AFTER).delete()
    row, _ = SignInTry.objects.get_or_create(key=sign_in_key(username, address), defaults={"failed_at": at})
    SignInTry.objects.filter(pk=row.pk).update(failures=F("failures") + 1, failed_at=at)
    row.refresh_from_db()
    wait = wait_after(row.failures)
    if wait:
        SignInTry.objects.filter(pk=row.pk).update(locked_until=at + wait)
        row.refresh_from_db()
    person = Person.objects.filter(username=username).values_list("pk", "organisation_id").first()
    event_record(
        events.SIGN_IN_FAILED,
        subject=row,
        by=by,
        at=at,
        org_ids=[person[1]] if person else [],
        person=person[0] if person else None,
        failures=row.failures,
        wait_s=wait.total_seconds(),
    )
    return row


@transaction.atomic
def person_deactivate(*, person: Person, by: Actor, at: datetime) -> bool:
    """Close an account at once; False when it was closed already. What the person did stays on the record."""
    done = Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False)
    if done:
        number_next(ACCOUNTS_CHANGES)
        event_record(events.PERSON_DEACTIVATED, subject=person, by=by, at=at, org_ids=[person.organisation_id])
    return bool(done)
