"""The second proof: set, used, taken away, and demanded of a role. Each of these is on the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.accounts import events
from anlan.accounts.errors import CodeWrong, FactorDemanded, FactorInPlace, FactorNotBegun
from anlan.accounts.models import FactorDemand, Organisation, Person, RecoveryCode, SecondFactor
from anlan.accounts.rules import CODES_MADE, code_new, code_plain, secret_new, step_of
from anlan.accounts.selectors import demand_told, factor_demand_on, recovery_digest, secret_opened, secret_sealed
from anlan.core.actor import Actor
from anlan.core.services import event_record


@transaction.atomic
def factor_begin(*, person: Person, by: Actor, at: datetime) -> str:
    """A new secret for an authenticator app, in force only once a code of it was given (``factor_set``).

    Raises ``FactorInPlace`` where one is in force.
    """
    held = SecondFactor.objects.filter(person=person).first()
    if held is not None and held.set_at is not None:
        raise FactorInPlace(since=held.set_at)
    secret = secret_new()
    columns = {"secret": secret_sealed(secret), "begun_at": at, "set_at": None, "step": 0}
    row, _ = SecondFactor.objects.update_or_create(person=person, defaults=columns)
    event_record(events.FACTOR_BEGUN, subject=row, by=by, at=at, org_ids=[person.organisation_id], person=person.pk)
    return secret


@transaction.atomic
def factor_set(*, person: Person, code: str, by: Actor, at: datetime) -> list[str]:
    """Put the secret that was begun in force, shown to be in the app by one of its codes.

    Gives the codes for a lost telephone, which are never shown again. Raises ``FactorNotBegun``, ``FactorInPlace``
    and ``CodeWrong``.
    """
    row = SecondFactor.objects.filter(person=person).first()
    if row is None:
        raise FactorNotBegun
    step = step_of(secret_opened(row.secret), code, at=at)
    if step is None:
        raise CodeWrong(at=at)
    if not SecondFactor.objects.filter(pk=row.pk, set_at=None).update(set_at=at, step=step):
        raise FactorInPlace(since=row.set_at)
    event_record(events.FACTOR_SET, subject=row, by=by, at=at, org_ids=[person.organisation_id], person=person.pk)
    return _codes_make(person, at)


@transaction.atomic
def recovery_codes_make(*, person: Person, by: Actor, at: datetime) -> list[str]:
    """New codes for a lost telephone; those of before open nothing any more. Raises ``FactorNotBegun``."""
    row = SecondFactor.objects.filter(person=person).exclude(set_at=None).first()
    if row is None:
        raise FactorNotBegun
    codes = _codes_make(person, at)
    event_record(
        events.RECOVERY_CODES_MADE, subject=row, by=by, at=at, org_ids=[person.organisation_id], person=person.pk
    )
    return codes


def _codes_make(person: Person, at: datetime) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = [code_new() for _ in range(CODES_MADE)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, digest=recovery_digest(person, code_plain(code)), made_at=at) for code in codes
    )
    return codes


@transaction.atomic
def factor_take(*, person: Person, code: str, by: Actor, at: datetime) -> str:
    """What the code was, used up by this: ``app``, ``recovery``, or nothing where it opens nothing.

    A code of the app opens once, however often it is sent within its half-minute, and none older than it ever after.
    """
    row = SecondFactor.objects.filter(person=person).exclude(set_at=None).first()
    if row is None:
        return ""
    step = step_of(secret_opened(row.secret), code, at=at)
    if step is not None:
        return "app" if SecondFactor.objects.filter(pk=row.pk, step__lt=step).update(step=step) else ""
    codes = RecoveryCode.objects.filter(person=person, used_at=None)
    if not codes.filter(digest=recovery_digest(person, code_plain(code))).update(used_at=at):
        return ""
    event_record(
        events.RECOVERY_CODE_USED,
        subject=row,
        by=by,
        at=at,
        org_ids=[person.organisation_id],
        person=person.pk,
        left=codes.count(),
    )
    return "recovery"


@transaction.atomic
def factor_remove(*, person: Person, by: Actor, at: datetime, is_reset: bool = False) -> bool:
    """Do without the second proof; False where there was none.

    ``is_reset`` is the administrator's way for a lost telephone: where the role demands a factor, the person sets a
    new one at the next sign-in. Otherwise raises ``FactorDemanded``.
    """
    demand = None if is_reset else factor_demand_on(person, at=at)
    if demand is not None:
        raise FactorDemanded(role=demand_told(demand), since=demand.valid_from)
    row = SecondFactor.objects.filter(person=person).first()
    if row is None:
        return False
    RecoveryCode.objects.filter(person=person).delete()
    SecondFactor.objects.filter(pk=row.pk).delete()
    event_record(
        events.FACTOR_REMOVED,
        subject=row,
        by=by,
        at=at,
        org_ids=[person.organisation_id],
        person=person.pk,
        is_reset=is_reset,
    )
    return True


@transaction.atomic
def factor_demand(*, role: str, by: Actor, at: datetime, organisation: Organisation | None = None) -> bool:
    """From ``at`` on whoever holds the role signs in with two proofs; False where that is so already.

    With an ``organisation`` only who holds it there or beneath, and with an empty ``role`` everybody there. Who is
    signed in stays so: nobody loses the desk in the middle of a shift.
    """
    row, is_new = FactorDemand.objects.get_or_create(
        role=role, organisation=organisation, valid_to=None, defaults={"valid_from": at}
    )
    if is_new:
        event_record(events.FACTOR_DEMANDED, subject=row, by=by, at=at, **_of_whom(role, organisation))
    return is_new


@transaction.atomic
def factor_demand_end(*, role: str, by: Actor, at: datetime, organisation: Organisation | None = None) -> bool:
    """The same people sign in with a password again; False where nothing was demanded. Factors that are set stay."""
    row = FactorDemand.objects.filter(role=role, organisation=organisation, valid_to=None).first()
    if row is None or not FactorDemand.objects.filter(pk=row.pk, valid_to=None).update(valid_to=at):
        return False
    event_record(events.FACTOR_DEMAND_ENDED, subject=row, by=by, at=at, **_of_whom(role, organisation))
    return True


def _of_whom(role: str, organisation: Organisation | None) -> dict[str, Any]:
    there = {"org_ids": [organisation.pk], "organisation": organisation.code} if organisation else {}
    return {"role": role, **there}
