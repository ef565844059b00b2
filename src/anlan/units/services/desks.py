"""Who sits at which desk, from when to when."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.accounts.models import Organisation, Person, Role
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.services import event_record
from anlan.units import events
from anlan.units.models import DeskDuty


@transaction.atomic
def duty_take(*, person: Person, organisation: Organisation, role: str, by: Actor, at: datetime) -> DeskDuty:
    """A person is on duty at a desk in ``role`` from ``at``; they leave the one they were at.

    Sitting there already in that role changes nothing.
    """
    if role not in Role.values:
        raise BadInput(field="role", problem=role)
    standing = DeskDuty.objects.filter(person=person, left_at=None)
    here: DeskDuty | None = standing.filter(organisation=organisation, role=role).first()
    if here is not None:
        return here
    duty_leave(person=person, by=by, at=at)
    try:
        with transaction.atomic():
            duty: DeskDuty = DeskDuty.objects.create(person=person, organisation=organisation, role=role, taken_at=at)
    except IntegrityError:
        raced: DeskDuty = standing.get()
        return raced
    _tell(events.DESK_TAKEN, duty, by=by, at=at)
    return duty


@transaction.atomic
def duty_leave(*, person: Person, by: Actor, at: datetime, organisation: Organisation | None = None) -> bool:
    """A person leaves their desk (only if it is this organisation's, where one is named); False if at none."""
    rows = DeskDuty.objects.select_related("organisation").filter(person=person, left_at=None)
    duty = (rows.filter(organisation=organisation) if organisation is not None else rows).first()
    if duty is None or not DeskDuty.objects.filter(pk=duty.pk, left_at=None).update(left_at=at):
        return False
    _tell(events.DESK_LEFT, duty, by=by, at=at)
    return True


def _tell(kind: str, duty: DeskDuty, *, by: Actor, at: datetime) -> None:
    event_record(
        kind,
        subject=duty,
        by=by,
        at=at,
        org_ids=[duty.organisation_id],
        desk=duty.organisation.code,
        role=duty.role,
        person=duty.person_id,
    )
