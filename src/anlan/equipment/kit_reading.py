"""Where the parts of kits are: at hand, lent, or neither."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from anlan.core.actor import Actor
from anlan.equipment.models import Item, Loan
from anlan.equipment.rules import OPEN_LOANS

KITS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class KitStanding:
    """A kit and its parts: those at hand in the store, those out (with their loans) and those that are neither."""

    kit: Item
    here: list[Item]
    out: list[Loan]
    unfit: list[Item]

    @property
    def is_whole(self) -> bool:
        """All parts in the store, ready for use."""
        return not self.out and not self.unfit

    @property
    def is_half_back(self) -> bool:
        """Some of it came back and some of it didn't."""
        return bool(self.out) and (bool(self.here) or self.kit.state != "out")


def kit_standing(kit: Item) -> KitStanding:
    """Where the parts of a kit are now. Two queries."""
    return kits_standing([kit])[0]


def kits_standing(kits: Sequence[Item]) -> list[KitStanding]:
    """Where the parts of each of these kits are now. Two queries, whatever their number."""
    parts, loans = defaultdict(list), defaultdict(list)
    rows = list(Item.objects.filter(kit__in=kits).select_related("model").order_by("number"))
    for part in rows:
        parts[part.kit_id].append(part)
    for loan in Loan.objects.filter(item__in=rows, state__in=OPEN_LOANS).select_related("item__model", "holder"):
        loans[loan.item.kit_id].append(loan)
    return [
        KitStanding(
            kit=kit,
            here=[part for part in parts[kit.pk] if part.state == "in_store"],
            out=loans[kit.pk],
            unfit=[part for part in parts[kit.pk] if part.state not in ("in_store", "out")],
        )
        for kit in kits
    ]


def kits_in_reach(actor: Actor) -> list[KitStanding]:
    """The kits in reach that have parts, what lacks most of them first; at most :data:`KITS_SHOWN`."""
    return kits_standing(list(kits_of(actor)[:KITS_SHOWN]))


def kits_of(actor: Actor) -> QuerySet[Item]:
    """Every kit in reach, what lacks most of its parts first."""
    lacking = Count("parts", filter=~Q(parts__state="in_store"))
    kits = Item.objects.visible_to(actor).alias(n=Count("parts"), lacking=lacking).filter(n__gt=0)
    ordered: QuerySet[Item] = kits.select_related("model", "place").order_by("-lacking", "number")
    return ordered
