"""Care: what is to be looked at of a kind, what was looked at, and how far a thing has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from anlan.core.actor import Actor
from anlan.core.errors import BadInput, DomainError
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.equipment import events
from anlan.equipment.errors import ItemNotAtHand
from anlan.equipment.models import CarePlan, Inspection, Item, ItemModel
from anlan.equipment.rules import ITEM
from anlan.equipment.services.life import repair_order
from anlan.equipment.services.register import of_item

AT_HAND = ("in_store", "inspection")
MOST = 1_000_000
LONGEST_LIST = 40
"""Points of a checklist: more than a page is no list anybody ticks."""


@transaction.atomic
def care_plan_set(
    *,
    model: ItemModel,
    name: str,
    every_days: int | None = None,
    every_uses: int | None = None,
    every_rounds: int | None = None,
    checklist: list[str] | None = None,
    by: Actor,
    at: datetime,
) -> CarePlan:
    """One of a kind's plans of care, set or changed; due by days, uses or rounds, whichever comes first."""
    require(by, "equipment.register")
    limits = [every_days, every_uses, every_rounds]
    if not name.strip() or not any(limits) or any(limit is not None and not 0 < limit < MOST for limit in limits):
        raise BadInput(field="every", problem=name.strip()[:60] or "–")
    points = list(dict.fromkeys(point.strip()[:60] for point in checklist or [] if point.strip()))
    if len(points) > LONGEST_LIST:
        raise BadInput(field="checklist", problem=str(len(points)))
    plan, _ = CarePlan.objects.update_or_create(
        model=model, name=name.strip()[:60],
        defaults={"every_days": every_days, "every_uses": every_uses, "every_rounds": every_rounds,
                  "checklist": points, "is_active": True},
    )  # fmt: skip
    event_record(events.CARE_PLAN_SET, subject=plan, by=by, at=at, plan=plan.pk, model=model.code)
    return plan


@transaction.atomic
def care_plan_stop(*, plan: CarePlan, by: Actor, at: datetime) -> CarePlan:
    """A plan asks for nothing any more; what was inspected by it stays on record. Set again, it runs again."""
    require(by, "equipment.register")
    if plan.is_active:
        plan.is_active = False
        plan.save(update_fields=["is_active"])
        event_record(events.CARE_PLAN_STOPPED, subject=plan, by=by, at=at, plan=plan.pk, model=plan.model.code)
    return plan


@transaction.atomic
def inspection_record(
    *,
    item: Item,
    plan: CarePlan | None,
    failed: list[str],
    remark: str = "",
    is_fit: bool = True,
    by: Actor,
    at: datetime,
) -> Inspection:
    """A thing at hand was looked at: by a plan, or (``plan`` None) after damage, repair or a refused scrapping.

    In order, it is ready again; with a point that isn't, or ``is_fit`` false and a remark that says what is wrong, a
    repair is ordered. Raises ``ItemNotAtHand``, and ``BadInput`` for points that aren't on the plan's list.
    """
    require(by, "equipment.keep")
    unknown = set(failed) - set(plan.checklist if plan else ())
    if (plan and plan.model_id != item.model_id) or unknown:
        raise BadInput(field="failed", problem=", ".join(sorted(unknown)) or str(plan))
    faults = [*failed, *([remark.strip()] if remark.strip() else [])]
    if not is_fit and not faults:
        raise BadInput(field="remark", problem="–")
    item.refresh_from_db(fields=["uses", "rounds", "state", "state_since"])
    if item.state not in AT_HAND:
        raise ItemNotAtHand(item=str(item), state=ITEM.labels[item.state], since=item.state_since)
    row = Inspection.objects.create(
        item=item, plan=plan, at=at, by_id=by.id if by.kind == "person" else None, uses=item.uses,
        rounds=item.rounds, failed=failed, remark=remark.strip()[:200],
    )  # fmt: skip
    plan_id = plan.pk if plan else None
    of_item(events.INSPECTED, item, by=by, at=at, subject=row, plan=plan_id, failed=len(failed), is_fit=is_fit)
    if failed or not is_fit:
        repair_order(item=item, fault=", ".join(faults), by=by, at=at)
    elif item.state == "inspection":
        ITEM.move(item, "in_store", at=at, subject=str(item))
    return row


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of one thing: points not in order, a remark, and whether it is fit for use."""

    failed: tuple[str, ...] = ()
    remark: str = ""
    is_fit: bool = True


@dataclass(frozen=True, slots=True)
class Inspected:
    """What became of one thing of many: whether it is in order, or in words why it couldn't be inspected."""

    number: str
    is_fit: bool
    refusal: str


def items_inspect(*, plan: CarePlan, found: Mapping[str, Looked], by: Actor, at: datetime) -> list[Inspected]:
    """Inspect many of a kind at one go, by their numbers; one that can't be is told with its reason."""
    require(by, "equipment.keep")
    told = []
    for number, looked in found.items():
        try:
            with transaction.atomic():
                item = Item.objects.select_related("model").one_for(by, number=number)
                inspection_record(
                    item=item, plan=plan, failed=list(looked.failed), remark=looked.remark, is_fit=looked.is_fit,
                    by=by, at=at,
                )  # fmt: skip
                told.append(Inspected(number, looked.is_fit and not looked.failed, ""))
        except DomainError as refused:
            told.append(Inspected(number, False, str(refused)))
    return told


@transaction.atomic
def item_used(*, item: Item, uses: int = 0, rounds: int = 0, by: Actor, at: datetime) -> Item:
    """Uses or rounds beyond loans, as at a range: they bring care and the end of a life nearer."""
    require(by, "equipment.keep")
    if min(uses, rounds) < 0 or uses + rounds == 0 or max(uses, rounds) > MOST:
        raise BadInput(field="uses", problem=f"{uses}, {rounds}")
    Item.objects.filter(pk=item.pk).update(uses=F("uses") + uses, rounds=F("rounds") + rounds)
    of_item(events.USED, item, by=by, at=at, uses=uses, rounds=rounds)
    item.refresh_from_db(fields=["uses", "rounds"])
    return item
