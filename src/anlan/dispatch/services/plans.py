"""A response plan gets a new version; a matter gets another alarm level."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.errors import LevelUnknown, PlanUnreadable
from anlan.dispatch.models import ResponseLevel, ResponsePlan
from anlan.dispatch.plan_rules import PlanWrong, plan_content, plan_read
from anlan.dispatch.selectors.plans import plan_of, plans_forget
from anlan.dispatch.services.following import incident_hold
from anlan.intake.models import Incident
from anlan.units.selectors import capability_labels


@transaction.atomic
def plan_set(*, content: Mapping[str, Any], by: Actor, at: datetime) -> ResponsePlan:
    """Put a new version of the plan ``content`` names into force from ``at``; the one before ends then.

    Matters answered by an earlier version keep its number. The same content again changes nothing.
    Raises ``PlanUnreadable`` naming the field that can't be what it says.
    """
    require(by, "dispatch.plan_set")
    try:
        plan = plan_read(content, capabilities=capability_labels())
    except PlanWrong as wrong:
        raise PlanUnreadable(field=wrong.field, value=str(wrong.value)[:80]) from wrong
    rows = ResponsePlan.objects.filter(key=plan.key)
    last = rows.filter(valid_to=None).first()
    if last is not None and last.content == plan_content(plan):
        return last
    # The version that comes with the program is the first.
    version = (rows.aggregate(last=Max("version"))["last"] or 1) + 1
    rows.filter(valid_to=None).update(valid_to=at)
    row = ResponsePlan.objects.create(
        key=plan.key, version=version, content=plan_content(plan), valid_from=at, set_by=by.id
    )
    event_record(events.PLAN_SET, subject=row, by=by, at=at, plan=row.key, version=version)
    transaction.on_commit(plans_forget)
    return row


@transaction.atomic
def response_level_set(*, incident: Incident, level: int, by: Actor, at: datetime) -> ResponseLevel:
    """Answer the matter at another alarm level; what that asks for is proposed, nobody is sent by it.

    Raises ``LevelUnknown`` for a level the matter's plan hasn't.
    """
    require(by, "dispatch.send")
    incident_hold(incident)
    plan, _beside = plan_of(incident)
    if not 1 <= level <= len(plan.levels):
        raise LevelUnknown(plan=plan.name, most=len(plan.levels), level=level)
    row, _made = ResponseLevel.objects.update_or_create(
        incident=incident,
        defaults={
            "level": level,
            "plan": plan.key,
            "plan_version": plan.version,
            "set_at": at,
            "set_by": by.id if by.kind == "person" else None,
        },
    )
    event_record(
        events.RESPONSE_LEVEL_SET,
        subject=row,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=[incident.station_id, incident.holder_id, incident.routed_to_id],
        incident=incident.number,
        level=level,
        plan=plan.key,
        version=plan.version,
    )
    return row
