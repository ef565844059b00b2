"""What units carry: read for a plan, a phone, or a keeper's page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from anlan.units.equipment import Kind, equipment_kinds
from anlan.units.models import LoadItem


@dataclass(frozen=True, slots=True)
class Carried:
    """So many of a kind."""

    kind: Kind
    count: int


def loads_of_kinds(kinds: Collection[str]) -> dict[str, dict[str, int]]:
    """By kind, how many each unit in use carries, by call sign. One query, whatever the number of units."""
    found: dict[str, dict[str, int]] = {}
    rows = LoadItem.objects.filter(kind__in=kinds, unit__is_active=True)
    for kind, sign, count in rows.values_list("kind", "unit__call_sign", "count"):
        found.setdefault(kind, {})[sign] = count
    return found


def loads_known() -> bool:
    """Whether any keeper has said of any unit what it carries: else nothing can be called short."""
    return LoadItem.objects.exists()


def loads_of_units(unit_ids: Iterable[int]) -> dict[int, list[Carried]]:
    """What each unit carries, in the order of the list of kinds. One query."""
    kinds = equipment_kinds()
    held: dict[int, dict[str, int]] = {}
    for unit_id, kind, count in LoadItem.objects.filter(unit_id__in=list(unit_ids)).values_list(
        "unit_id", "kind", "count"
    ):
        held.setdefault(unit_id, {})[kind] = count
    return {
        unit_id: [Carried(kind, load[code]) for code, kind in kinds.items() if code in load]
        for unit_id, load in held.items()
    }
