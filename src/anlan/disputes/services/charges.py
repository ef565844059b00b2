"""The owner of a file gives it to one of its teams or officers, and takes it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.disputes import events
from anlan.disputes.charge_errors import NobodyInCharge, NotOfTheOwner, NotTheOwner
from anlan.disputes.models import DisputeFile, FileCharge
from anlan.disputes.selectors.charges import charges_of, choices_of
from anlan.disputes.services.parts import live_hold, person_id, tell
from anlan.units.models import Unit


@transaction.atomic
def file_charge_give(
    *, file: DisputeFile, by: Actor, at: datetime, unit: Unit | None = None, person: Person | None = None
) -> FileCharge:
    """Give a live file to one team or one officer of the organisation that owns it; from another it is taken.

    Owner, deadline and pushes stay as they are. Given again to who has it, nothing changes. Raises
    ``NotTheOwner``, ``NotOfTheOwner``, ``FileOver``.
    """
    require(by, "disputes.give")
    if (unit is None) == (person is None):
        raise BadInput(field="to", problem="–")
    live_hold(file)
    owner = _owner(file, by)
    chosen = choices_of(owner, at=at)
    if unit not in chosen.teams and person not in chosen.people:
        who = unit.call_sign if unit is not None else person.name if person is not None else "–"
        raise NotOfTheOwner(who=who, owner=owner.name_shown, file=file.number, choices=chosen.names)
    standing = charges_of([file.pk]).get(file.pk)
    if standing is not None and (standing.unit, standing.person) == (unit, person):
        return standing
    FileCharge.objects.filter(file=file, ended_at=None).update(ended_at=at)
    row: FileCharge = FileCharge.objects.create(
        file=file, organisation=owner, unit=unit, person=person, given_at=at, given_by=person_id(by)
    )
    tell(
        events.CHARGE_GIVEN, file, by=by, at=at, unit=unit.call_sign if unit is not None else "",
        unit_id=unit.pk if unit is not None else None, person=person.pk if person is not None else None,
    )  # fmt: skip
    return row


@transaction.atomic
def file_charge_take(*, file: DisputeFile, by: Actor, at: datetime) -> DisputeFile:
    """Take it back: the file is the owner's, in nobody's charge. Raises ``NobodyInCharge``, ``NotTheOwner``."""
    require(by, "disputes.give")
    live_hold(file)
    _owner(file, by)
    standing = charges_of([file.pk]).get(file.pk)
    if standing is None:
        raise NobodyInCharge(file=file.number)
    FileCharge.objects.filter(pk=standing.pk, ended_at=None).update(ended_at=at)
    tell(events.CHARGE_TAKEN, file, by=by, at=at, unit_id=standing.unit_id, person=standing.person_id)
    return file


def _owner(file: DisputeFile, by: Actor) -> Organisation:
    owner = file.holder
    assert owner is not None, "a live file has an owner"
    if not by.sees_all and owner.pk not in by.org_ids:
        raise NotTheOwner(file=file.number, owner=owner.name_shown, since=file.held_since)
    return owner
