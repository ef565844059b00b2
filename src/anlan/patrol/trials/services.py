"""A trial is drafted, signed by a second person, begun, lived day by day, stopped or ended, and analysed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from anlan.accounts.selectors import organisation_ids_beneath
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.row_changes import row_reread
from anlan.core.services import event_record
from anlan.notices.services import Rung, notice_send, notices_withdraw_for, to_role
from anlan.patrol import events
from anlan.patrol.models import PatrolPlan, PatrolTrial, PatrolTrialDay
from anlan.patrol.trials.counting import families_offered
from anlan.patrol.trials.drafting import Wish, protocol_draft
from anlan.patrol.trials.errors import (
    ApprovedTooLate,
    DaysWrong,
    FamilyUnknown,
    NotAPerson,
    PlanGone,
    ProtocolChanged,
    SamePerson,
    SettingWrong,
    StopReasonUnknown,
    TrialsOverlap,
)
from anlan.patrol.trials.messages import STOPPED_NOW, WAITS
from anlan.patrol.trials.rules import (
    BLOCKS,
    BY_PERSON,
    DAYS,
    DESIGNS,
    LEAST_NOTICE_DAYS,
    PERIOD_DAYS,
    TRIAL,
    VISITS,
    protocol_hash,
)

FARTHEST_DAYS = 366


def trial_draw(*, plan: PatrolPlan, wish: Wish, seed: int, nonce: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Work out what is to be fixed, with its power. Nothing is changed: to be called outside a transaction.

    ``nonce`` hides the ``seed`` in what the register tells of the lot before the start.
    Raises what is wrong with the wish, naming it.
    """
    require(by, "patrol.trial")
    _must_be_wishable(wish, timezone.localdate(at))
    if plan.state == "dropped":
        raise PlanGone(trial=str(plan))
    return protocol_draft(plan, wish, seed=seed, nonce=nonce, at=at)


def _must_be_wishable(wish: Wish, today: date) -> None:
    if wish.design not in DESIGNS:
        raise BadInput(field="design", problem=wish.design[:40] or "–")
    if wish.family not in families_offered():
        raise FamilyUnknown(value=wish.family[:40] or "–")
    limits = {"days": DAYS, "blocks": BLOCKS, "visits": VISITS, "period_days": PERIOD_DAYS}
    for name, (low, high) in limits.items():
        if not low <= getattr(wish, name) <= high:
            raise SettingWrong(field=name, value=getattr(wish, name), low=low, high=high)
    if not 0 <= wish.washout_days <= PERIOD_DAYS[1]:
        raise SettingWrong(field="washout_days", value=wish.washout_days, low=0, high=PERIOD_DAYS[1])
    if not today + timedelta(days=LEAST_NOTICE_DAYS) < wish.first_day < today + timedelta(days=FARTHEST_DAYS):
        raise DaysWrong(field="first_day", problem=wish.first_day.isoformat())


@transaction.atomic
def patrol_trial_make(*, plan: PatrolPlan, protocol: dict[str, Any], by: Actor, at: datetime) -> PatrolTrial:
    """Keep a draft, and ask those who may approve it."""
    require(by, "patrol.trial")
    if by.kind != "person" or by.id is None:
        raise NotAPerson
    first_day = date.fromisoformat(protocol["first_day"])
    trial = PatrolTrial.objects.create(
        organisation=plan.organisation,
        plan=plan,
        design=protocol["design"],
        family=protocol["family"],
        first_day=first_day,
        last_day=first_day + timedelta(days=protocol["days"] - 1),
        state_since=at,
        seed=protocol["seed"],
        protocol=protocol,
        protocol_sha256=protocol_hash(protocol),
        drafted_at=at,
        drafted_by_id=by.id,
    )
    _tell(events.TRIAL_DRAFTED, trial, by=by, at=at, blocks=len(protocol["blocks"]), days=protocol["days"])
    notice_send(
        message=WAITS,
        chain=[Rung((to_role("chief", plan.organisation),))],
        organisation=plan.organisation,
        blanks={"first_day": first_day.isoformat()},
        subject=trial,
        key=_key(trial),
        by=by,
        at=at,
    )
    return trial


def _key(trial: PatrolTrial) -> str:
    return f"patrol-trial:{trial.pk}"


@transaction.atomic
def patrol_trial_approve(*, trial: PatrolTrial, by: Actor, at: datetime) -> None:
    """A second person signs everything as it was fixed, and the register has its entry, before the first day.

    Raises ``NotAPerson``, ``SamePerson``, ``ApprovedTooLate``, ``PlanGone``, ``TrialsOverlap``, ``ProtocolChanged``.
    """
    require(by, "patrol.trial_approve")
    _hold_those_days(trial)
    row_reread(trial)
    if by.kind != "person" or by.id is None:
        raise NotAPerson
    if by.id == trial.drafted_by_id:
        raise SamePerson(trial=str(trial))
    today = timezone.localdate(at)
    if today >= trial.first_day:
        raise ApprovedTooLate(trial=str(trial), first_day=trial.first_day)
    if PatrolPlan.objects.filter(pk=trial.plan_id, state="dropped").exists():
        raise PlanGone(trial=str(trial))
    _must_be_unchanged(trial)
    _must_be_alone(trial)
    TRIAL.move(
        trial,
        "approved",
        at=at,
        subject=str(trial),
        is_read=True,
        approved_at=at,
        approved_on=today,
        approved_by_id=by.id,
        register_number=f"T-{trial.pk:04d}",
    )
    _tell(events.TRIAL_APPROVED, trial, by=by, at=at, register=trial.register_number, sha256=trial.protocol_sha256)
    notices_withdraw_for(key=_key(trial), by=by, at=at)


def _must_be_unchanged(trial: PatrolTrial) -> None:
    if protocol_hash(trial.protocol) != trial.protocol_sha256:
        raise ProtocolChanged(trial=str(trial))


def _hold_those_days(trial: PatrolTrial) -> None:
    """Of two approvals at one instant the second waits here, and then sees the first."""
    if connection.features.has_select_for_update:
        rows = PatrolTrial.objects.select_for_update().exclude(state__in=("dropped", "analysed"))
        rows = rows.filter(first_day__lte=trial.last_day, last_day__gte=trial.first_day)
        list(rows.order_by("pk").values_list("pk"))


def _must_be_alone(trial: PatrolTrial) -> None:
    others = PatrolTrial.objects.filter(
        state__in=("approved", "running"), first_day__lte=trial.last_day, last_day__gte=trial.first_day
    ).select_related("organisation")
    mine = organisation_ids_beneath(trial.organisation)
    for other in others.exclude(pk=trial.pk):
        if mine & organisation_ids_beneath(other.organisation):
            raise TrialsOverlap(
                trial=str(trial), other=str(other), first_day=other.first_day, last_day=other.last_day
            )


@transaction.atomic
def patrol_trial_drop(*, trial: PatrolTrial, by: Actor, at: datetime) -> None:
    """Give a trial up before it begins. What stands in the register stays there and says so."""
    require(by, "patrol.trial")
    TRIAL.move(trial, "dropped", at=at, subject=str(trial))
    PatrolTrialDay.objects.filter(trial=trial).delete()
    _tell(events.TRIAL_DROPPED, trial, by=by, at=at)
    notices_withdraw_for(key=_key(trial), by=by, at=at)


@transaction.atomic
def patrol_trial_begin(*, trial: PatrolTrial, by: Actor, at: datetime) -> None:
    """Its first day has come."""
    _must_be_unchanged(trial)
    TRIAL.move(trial, "running", at=at, subject=str(trial))
    _tell(events.TRIAL_BEGUN, trial, by=by, at=at)


@transaction.atomic
def patrol_trial_day_assign(
    *, trial: PatrolTrial, day: date, extra: list[int], is_washout: bool, by: Actor, at: datetime
) -> bool:
    """Tell a day's extra visits, once; False where they were told before."""
    _row, is_new = PatrolTrialDay.objects.get_or_create(
        trial=trial, day=day, defaults={"assigned_at": at, "extra": extra, "is_washout": is_washout}
    )
    if is_new:
        _tell(events.TRIAL_DAY_ASSIGNED, trial, by=by, at=at, day=day.isoformat(), extra=len(extra))
    return is_new


@transaction.atomic
def patrol_trial_day_count(
    *, row: PatrolTrialDay, counts: dict[str, Any], visits: dict[str, Any], look: dict[str, Any], is_known: bool,
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Keep what a day that is over came to, once."""
    kept = {"counts": counts, "visits": visits, "look": look, "is_known": is_known, "counted_at": at}
    if PatrolTrialDay.objects.filter(pk=row.pk, counted_at=None).update(**kept):
        _tell(events.TRIAL_DAY_COUNTED, row.trial, by=by, at=at, day=row.day.isoformat(), known=is_known)


@transaction.atomic
def patrol_trial_stop(
    *, trial: PatrolTrial, reason: str, by: Actor, at: datetime, extra: int = 0, usual: int = 0
) -> None:
    """End a trial before its last day: by the harm rule, or by a person with a reason. Leaders are told."""
    if by.kind == "person":
        require(by, "patrol.trial_approve")
        if reason not in BY_PERSON:
            raise StopReasonUnknown(field="reason", value=reason[:40] or "–")
    day = timezone.localdate(at)
    TRIAL.move(trial, "stopped", at=at, subject=str(trial), stopped_day=day, stopped_reason=reason)
    PatrolTrialDay.objects.filter(trial=trial, day__gte=day, counted_at=None).delete()
    _tell(events.TRIAL_STOPPED, trial, by=by, at=at, why=reason)
    notice_send(
        message=STOPPED_NOW,
        chain=[Rung((to_role("chief", trial.organisation), to_role("duty_leader", trial.organisation)))],
        organisation=trial.organisation,
        blanks={"trial": str(trial), "why": reason, "extra": extra, "usual": usual},
        subject=trial,
        key=_key(trial),
        by=by,
        at=at,
    )


@transaction.atomic
def patrol_trial_end(*, trial: PatrolTrial, by: Actor, at: datetime) -> None:
    """Its last day is over."""
    TRIAL.move(trial, "ended", at=at, subject=str(trial))
    _tell(events.TRIAL_ENDED, trial, by=by, at=at)


@transaction.atomic
def patrol_trial_analyse(*, trial: PatrolTrial, result: dict[str, Any], by: Actor, at: datetime) -> None:
    """Keep what came of it, worked out by the protocol that was signed. Raises ``ProtocolChanged``."""
    _must_be_unchanged(trial)
    TRIAL.move(trial, "analysed", at=at, subject=str(trial), result=result)
    _tell(events.TRIAL_ANALYSED, trial, by=by, at=at, verdict=result["verdict"])


def _tell(kind: str, trial: PatrolTrial, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(kind, subject=trial, by=by, at=at, org_ids=[trial.organisation_id], **data)
