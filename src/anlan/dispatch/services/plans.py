"""A response plan gets a new version; a matter gets another alarm level."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from anlan.core.actor import Actor
from anlan.core.errors import NotPermitted
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.errors import (
    LevelUnknown,
    PlanDecided,
    PlanMovedOn,
    PlanNeedsTwo,
    PlanUnreadable,
    PlanWaits,
)
from anlan.dispatch.models import PlanProposal, ResponseLevel, ResponsePlan
from anlan.dispatch.plan_rules import Plan, PlanWrong, plan_content, plan_key_fits, plan_read
from anlan.dispatch.selectors.plans import plan_of, plans_forget, plans_in_force
from anlan.dispatch.services.following import incident_hold
from anlan.intake.models import Incident
from anlan.units.selectors import capability_labels


@transaction.atomic
def plan_set(*, content: Mapping[str, Any], by: Actor, at: datetime) -> ResponsePlan:
    """Put a new version of the plan ``content`` names into force from ``at``, when a centre is set up.

    For no person: of people it takes two (``plan_propose``, ``plan_decide``), whichever way they come. Raises
    ``NotPermitted`` for one, and ``PlanUnreadable`` naming the field that can't be what it says.
    """
    require(by, "dispatch.plan_set")
    if by.kind != "system":
        raise NotPermitted
    return _into_force(plan_check(content), by=by, at=at)


def _into_force(plan: Plan, *, by: Actor, at: datetime) -> ResponsePlan:
    """The version before ends; matters it answered keep its number. The same content again changes nothing."""
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


def plan_check(content: Mapping[str, Any]) -> Plan:
    """The plan as it would be. Raises ``PlanUnreadable`` naming the field that can't be what it says."""
    try:
        plan = plan_read(content, capabilities=capability_labels())
    except PlanWrong as wrong:
        raise PlanUnreadable(field=wrong.field, value=str(wrong.value)[:80]) from wrong
    if not plan_key_fits(plan.key) and plan.key not in {held.key for held in plans_in_force()}:
        raise PlanUnreadable(field="key", value=plan.key)
    return plan


@transaction.atomic
def plan_propose(*, content: Mapping[str, Any], by: Actor, at: datetime) -> PlanProposal:
    """Write a new version down for another person to approve; until then the plan in force stays.

    Raises ``PlanUnreadable``, and ``PlanWaits`` while another version of the plan waits.
    """
    require(by, "dispatch.plan_set")
    if by.kind != "person" or by.id is None:
        raise NotPermitted
    plan = plan_check(content)
    waiting = PlanProposal.objects.filter(key=plan.key, outcome="waiting").first()
    if waiting is not None:
        raise PlanWaits(plan=plan.name, since=waiting.proposed_at)
    row = PlanProposal.objects.create(
        key=plan.key,
        base_version=_version_in_force(plan.key),
        content=plan_content(plan),
        proposed_at=at,
        proposed_by=by.id,
    )
    event_record(events.PLAN_PROPOSED, subject=row, by=by, at=at, plan=row.key, base_version=row.base_version)
    return row


@transaction.atomic
def plan_decide(*, proposal: PlanProposal, approve: bool, by: Actor, at: datetime) -> PlanProposal:
    """Another person puts the proposed version into force, or refuses it; who wrote it may take it back so.

    Raises ``PlanNeedsTwo`` when who wrote it would approve it, ``PlanMovedOn`` when another version came into force
    meanwhile, ``PlanDecided`` when it was decided already.
    """
    require(by, "dispatch.plan_set")
    if approve and by.id == proposal.proposed_by:
        raise PlanNeedsTwo(since=proposal.proposed_at)
    in_force = _version_in_force(proposal.key)
    if approve and in_force != proposal.base_version:
        raise PlanMovedOn(plan=proposal.key, version=in_force, base=proposal.base_version)
    outcome = "approved" if approve else "refused"
    waiting = PlanProposal.objects.filter(pk=proposal.pk, outcome="waiting")
    won = waiting.update(outcome=outcome, decided_at=at, decided_by=by.id if by.kind == "person" else None)
    proposal.refresh_from_db()
    if not won:
        raise PlanDecided(since=proposal.decided_at, outcome=proposal.get_outcome_display())
    if approve:
        _into_force(plan_check(proposal.content), by=by, at=at)
    else:
        event_record(events.PLAN_REFUSED, subject=proposal, by=by, at=at, plan=proposal.key)
    return proposal


def _version_in_force(key: str) -> int:
    """The version a plan has now; 1 for one that comes with the program or is new."""
    rows = ResponsePlan.objects.filter(key=key, valid_to=None)
    return rows.values_list("version", flat=True).first() or 1


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
