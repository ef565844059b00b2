"""Which response plans are in force, and which one a matter is answered by."""

from __future__ import annotations

from collections.abc import Hashable

from django.db.models import Count, Max

from anlan.accounts.models import Organisation
from anlan.core.errors import NotFound
from anlan.core.snapshot import Snapshot
from anlan.dispatch.models import PlanProposal, ResponsePlan
from anlan.dispatch.plan_rules import Matter, Plan, plan_choose, plan_read, plans_packaged
from anlan.intake.models import Incident
from anlan.units.selectors import capability_labels


def _load() -> tuple[Plan, ...]:
    """The bureau's own plans; what comes with the program stands for every key it has not set itself."""
    able = frozenset(capability_labels())
    held = {plan.key: plan for plan in plans_packaged(able)}
    for row in ResponsePlan.objects.filter(valid_to=None):
        held[row.key] = plan_read(row.content, capabilities=able, version=row.version)
    return tuple(held[key] for key in sorted(held))


def _version() -> Hashable:
    return tuple(ResponsePlan.objects.aggregate(n=Count("id"), last=Max("id"), ended=Max("valid_to")).values())


_plans = Snapshot(_load, _version)


def _organisations_version() -> Hashable:
    return tuple(Organisation.objects.aggregate(n=Count("id"), last=Max("id")).values())


_parents = Snapshot(lambda: dict(Organisation.objects.values_list("id", "parent_id")), _organisations_version)


def plans_in_force() -> tuple[Plan, ...]:
    """Every plan as it stands now, by key."""
    return _plans.get()


def plans_forget() -> None:
    """Read the plans anew at the next question: one has just been set."""
    _plans.forget()


def plan_versions(key: str) -> list[ResponsePlan]:
    """All versions a bureau has set of a plan, newest first."""
    return list(ResponsePlan.objects.filter(key=key).order_by("-version"))


def proposals_waiting() -> list[PlanProposal]:
    """Versions that wait for a second person, the oldest first."""
    return list(PlanProposal.objects.filter(outcome="waiting").order_by("proposed_at", "id"))


def proposal_for(proposal_id: int) -> PlanProposal:
    """The proposed version, waiting or decided, or ``NotFound``."""
    row = PlanProposal.objects.filter(pk=proposal_id).first()
    if row is None:
        raise NotFound
    return row


def plan_of(incident: Incident) -> tuple[Plan, tuple[Plan, ...]]:
    """The plan of a matter, and those its other dangers call for beside it."""
    matter = Matter(
        code=incident.code,
        priority=incident.priority,
        danger=tuple(incident.danger),
        setting=incident.setting,
        station=incident.station.code if incident.station_id and incident.station else "",
    )
    chosen = plan_choose(plans_in_force(), matter)
    if chosen is None:  # a bureau has narrowed the plan for everything: one unit always goes
        return plan_choose(plans_packaged(frozenset(capability_labels())), matter) or (plans_in_force()[0], ())
    return chosen


def zone_of(organisation_id: int | None) -> int | None:
    """The organisation above: the zone of a station. None where nobody is above."""
    return _parents.get().get(organisation_id) if organisation_id is not None else None
