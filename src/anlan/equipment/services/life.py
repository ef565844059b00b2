"""How long things last: care by plan, repairs, and scrapping that another person approves and a witness sees."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.equipment import events
from anlan.equipment.errors import AnotherPersonNeeded
from anlan.equipment.life_rules import REPAIR, SCRAPPING
from anlan.equipment.models import CarePlan, Inspection, Item, ItemModel, KitNeed, Repair, Scrapping
from anlan.equipment.rules import ITEM
from anlan.equipment.services.register import in_reach, of_item, signer


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
    if not name.strip() or not (every_days or every_uses or every_rounds):
        raise BadInput(field="every", problem=name or "–")
    plan, _ = CarePlan.objects.update_or_create(
        model=model, name=name.strip(),
        defaults={"every_days": every_days, "every_uses": every_uses, "every_rounds": every_rounds,
                  "checklist": checklist or []},
    )  # fmt: skip
    event_record(events.CARE_PLAN_SET, subject=plan, by=by, at=at, plan=plan.pk, model=model.code)
    return plan


@transaction.atomic
def inspection_record(*, item: Item, plan: CarePlan, failed: list[str], by: Actor, at: datetime) -> Inspection:
    """A thing was looked at by a plan. In order, it is ready again; with a point that isn't, a repair is ordered."""
    require(by, "equipment.keep")
    if plan.model_id != item.model_id or set(failed) - set(plan.checklist):
        raise BadInput(field="failed", problem=", ".join(sorted(set(failed) - set(plan.checklist))) or plan.name)
    item.refresh_from_db(fields=["uses", "rounds", "state"])
    row = Inspection.objects.create(
        item=item, plan=plan, at=at, by_id=by.id if by.kind == "person" else None, uses=item.uses,
        rounds=item.rounds, failed=failed,
    )  # fmt: skip
    of_item(events.INSPECTED, item, by=by, at=at, subject=row, plan=plan.pk, failed=len(failed))
    if failed and item.state in ("in_store", "inspection"):
        repair_order(item=item, fault=", ".join(failed), by=by, at=at)
    elif not failed and item.state == "inspection":
        ITEM.move(item, "in_store", at=at, subject=str(item))
    return row


@transaction.atomic
def item_used(*, item: Item, uses: int = 0, rounds: int = 0, by: Actor, at: datetime) -> Item:
    """Uses or rounds beyond loans, as at a range: they bring care and the end of a life nearer."""
    require(by, "equipment.keep")
    if min(uses, rounds) < 0 or uses + rounds == 0:
        raise BadInput(field="uses", problem=f"{uses}, {rounds}")
    Item.objects.filter(pk=item.pk).update(uses=F("uses") + uses, rounds=F("rounds") + rounds)
    of_item(events.USED, item, by=by, at=at, uses=uses, rounds=rounds)
    item.refresh_from_db(fields=["uses", "rounds"])
    return item


@transaction.atomic
def repair_order(*, item: Item, fault: str, by: Actor, at: datetime) -> Repair:
    """A thing is put right before anybody has it again."""
    require(by, "equipment.keep")
    if not fault.strip():
        raise BadInput(field="fault", problem="–")
    ITEM.move(item, "repair", at=at, subject=str(item))
    row = Repair.objects.create(item=item, fault=fault.strip()[:200], state_since=at, ordered_at=at)
    of_item(events.REPAIR_ORDERED, item, by=by, at=at, subject=row)
    return row


@transaction.atomic
def repair_end(*, repair: Repair, is_fixed: bool, cost_yuan: int | None = None, by: Actor, at: datetime) -> Repair:
    """Put right, and to be inspected before it is lent; or beyond repair, and proposed for scrapping."""
    require(by, "equipment.keep")
    to = "done" if is_fixed else "beyond"
    REPAIR.move(repair, to, at=at, subject=str(repair.item), cost_yuan=cost_yuan)
    of_item(events.REPAIR_ENDED, repair.item, by=by, at=at, subject=repair, state=to)
    if is_fixed:
        ITEM.move(repair.item, "inspection", at=at, subject=str(repair.item))
    else:
        scrap_propose(item=repair.item, reason=repair.fault, by=by, at=at)
    return repair


@transaction.atomic
def scrap_propose(*, item: Item, reason: str, by: Actor, at: datetime) -> Scrapping:
    """A keeper proposes: the thing is lent to nobody until another person has decided."""
    require(by, "equipment.keep")
    if not reason.strip():
        raise BadInput(field="reason", problem=reason or "–")
    ITEM.move(item, "scrap_proposed", at=at, subject=str(item))
    row = Scrapping.objects.create(
        item=item, reason=reason.strip()[:200], state_since=at, proposed_by_id=signer(by), proposed_at=at
    )
    of_item(events.SCRAPPING_PROPOSED, item, by=by, at=at, subject=row)
    return row


@transaction.atomic
def scrap_decide(*, scrapping: Scrapping, is_approved: bool, by: Actor, at: datetime) -> Scrapping:
    """Another person than who proposed it; refused, the thing is inspected. Raises ``AnotherPersonNeeded``."""
    require(by, "equipment.scrap")
    if by.id == scrapping.proposed_by_id:
        raise AnotherPersonNeeded(item=str(scrapping.item), name=by.name)
    to = "approved" if is_approved else "refused"
    SCRAPPING.move(scrapping, to, at=at, subject=str(scrapping.item), decided_by_id=by.id)
    if not is_approved:
        ITEM.move(scrapping.item, "inspection", at=at, subject=str(scrapping.item))
    of_item(events.SCRAPPING_DECIDED, scrapping.item, by=by, at=at, subject=scrapping, state=to)
    return scrapping


@transaction.atomic
def scrap_destroy(*, scrapping: Scrapping, method: str, witness: Person, by: Actor, at: datetime) -> Scrapping:
    """The record of destruction: how, by whom, before whom. Raises ``AnotherPersonNeeded``, ``WrongState``."""
    require(by, "equipment.keep")
    if not method.strip():
        raise BadInput(field="method", problem="–")
    if by.id == witness.pk:
        raise AnotherPersonNeeded(item=str(scrapping.item), name=by.name)
    SCRAPPING.move(
        scrapping, "destroyed", at=at, subject=str(scrapping.item), destroyed_by_id=by.id, witness_id=witness.pk,
        method=method.strip()[:80],
    )  # fmt: skip
    ITEM.move(scrapping.item, "scrapped", at=at, subject=str(scrapping.item))
    of_item(events.DESTROYED, scrapping.item, by=by, at=at, subject=scrapping)
    return scrapping


@transaction.atomic
def need_set(*, place: Organisation, kit: str, model: ItemModel, count: int, by: Actor, at: datetime) -> KitNeed:
    """So many of a kind a station must be able to field in this kit."""
    require(by, "equipment.register")
    in_reach(by, place)
    if count < 1 or not kit.strip():
        raise BadInput(field="count", problem=str(count))
    row, _ = KitNeed.objects.update_or_create(place=place, kit=kit.strip(), model=model, defaults={"count": count})
    event_record(
        events.NEED_SET, subject=row, by=by, at=at, org_ids=(place.pk,), model=model.code, count=count
    )  # fmt: skip
    return row
