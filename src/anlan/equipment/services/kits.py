"""Kits: a thing with parts that are things. Lent whole; what of it isn't back is told by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.equipment import events
from anlan.equipment.kit_reading import KitStanding, kit_standing
from anlan.equipment.models import Item, Loan
from anlan.equipment.register_errors import KitNotWhole, NoKit, PartOfAnother
from anlan.equipment.services.loans import loan_issue
from anlan.equipment.services.register import in_reach_of, of_item

__all__ = ["KitStanding", "kit_issue", "kit_standing", "part_put", "part_take_out"]


@transaction.atomic
def part_put(*, kit: Item, item: Item, by: Actor, at: datetime) -> Item:
    """A thing becomes a part of a kit. Raises ``NoKit`` where one of them is what it can't be, ``PartOfAnother``."""
    require(by, "equipment.register")
    in_reach_of(by, kit)
    in_reach_of(by, item)
    # Both rows are held, so that no other puts the kit itself into a third one meanwhile.
    held = {row.pk: row for row in Item.objects.select_for_update().filter(pk__in=(kit.pk, item.pk)).order_by("pk")}
    if kit.pk == item.pk or held[kit.pk].kit_id is not None or held[item.pk].parts.exists():
        raise NoKit(item=str(item), kit=str(kit))
    if held[item.pk].kit_id not in (None, kit.pk):
        raise PartOfAnother(item=str(item), kit=str(Item.objects.get(pk=held[item.pk].kit_id)))
    Item.objects.filter(pk=item.pk).update(kit=kit)
    item.kit = kit
    of_item(events.KIT_CHANGED, item, by=by, at=at, kit=kit.number, is_in=True)
    return item


@transaction.atomic
def part_take_out(*, item: Item, by: Actor, at: datetime) -> Item:
    """A thing is no part of its kit any more; one that is in none stays as it is."""
    require(by, "equipment.register")
    in_reach_of(by, item)
    kit = item.kit
    if kit is not None and Item.objects.filter(pk=item.pk, kit=kit).update(kit=None):
        item.kit = None
        of_item(events.KIT_CHANGED, item, by=by, at=at, kit=kit.number, is_in=False)
    return item


@transaction.atomic
def kit_issue(*, kit: Item, holder: Person, by: Actor, at: datetime, **terms: Any) -> list[Loan]:
    """Lend a kit with all its parts, or none of it. Raises ``KitNotWhole`` and what :func:`loan_issue` raises."""
    standing = kit_standing(kit)
    if not standing.is_whole:
        missing = [*(loan.item for loan in standing.out), *standing.unfit]
        raise KitNotWhole(kit=str(kit), parts=", ".join(part.number for part in missing), count=len(missing))
    return [loan_issue(item=one, holder=holder, by=by, at=at, **terms) for one in (kit, *standing.here)]
