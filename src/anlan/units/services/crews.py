"""Who is on a unit, and when it is planned to be on duty."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.services import event_record
from anlan.units import events
from anlan.units.errors import CrewElsewhere
from anlan.units.models import CrewMember, Shift, Unit


def crew_join(*, unit: Unit, person: Person, by: Actor, at: datetime) -> CrewMember:
    """Put a person on a unit from ``at``; joining the unit one is on changes nothing.

    Raises ``CrewElsewhere`` while they are on another unit.
    """
    try:
        with transaction.atomic():
            member, is_new = CrewMember.objects.get_or_create(
                person=person, left_at=None, defaults={"unit": unit, "joined_at": at}
            )
            if is_new:
                event_record(
                    events.CREW_JOINED,
                    subject=member,
                    by=by,
                    at=at,
                    org_ids=[unit.organisation_id],
                    unit=unit.call_sign,
                    person=person.pk,
                )
    except IntegrityError:
        member = CrewMember.objects.get(person=person, left_at=None)
    if member.unit_id != unit.pk:
        raise CrewElsewhere(person=person.name, call_sign=member.unit.call_sign, since=member.joined_at)
    return member


@transaction.atomic
def crew_leave(*, person: Person, by: Actor, at: datetime) -> bool:
    """Take a person off the unit they are on; False when they are on none."""
    member = CrewMember.objects.select_related("unit").filter(person=person, left_at=None).first()
    if member is None or not CrewMember.objects.filter(pk=member.pk, left_at=None).update(left_at=at):
        return False
    event_record(
        events.CREW_LEFT,
        subject=member,
        by=by,
        at=at,
        org_ids=[member.unit.organisation_id],
        unit=member.unit.call_sign,
        person=person.pk,
    )
    return True


@transaction.atomic
def shift_set(*, unit: Unit, starts_at: datetime, ends_at: datetime, by: Actor, at: datetime) -> Shift:
    """Plan the unit's duty. A plan that overlaps earlier ones of the unit takes their place."""
    if ends_at <= starts_at:
        raise BadInput(field="ends_at", problem=f"{ends_at.isoformat()} ≤ {starts_at.isoformat()}")
    Shift.objects.filter(unit=unit, starts_at__lt=ends_at, ends_at__gt=starts_at).delete()
    shift = Shift.objects.create(unit=unit, starts_at=starts_at, ends_at=ends_at)
    event_record(
        events.SHIFT_SET,
        subject=shift,
        by=by,
        at=at,
        org_ids=[unit.organisation_id],
        unit=unit.call_sign,
        starts_at=starts_at.isoformat(),
        ends_at=ends_at.isoformat(),
    )
    return shift
