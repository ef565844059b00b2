"""What response plans ask for, by the register: who has it in hand and fit for use, and which stores have some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count

from anlan.accounts.models import Organisation
from anlan.equipment.models import Item, Loan


@dataclass(slots=True)
class OnRecord:
    """Of one kind that the register keeps: how many each person has in hand, and how many lie ready in which store.

    What its holder has told a fault of isn't counted.
    """

    held: dict[int, int] = field(default_factory=dict)
    stores: list[tuple[Organisation, int]] = field(default_factory=list)


def on_record(kinds: Collection[str]) -> dict[str, OnRecord]:
    """By what response plans call a thing; a kind of which the register keeps nothing is left out.

    One query where it keeps none of them, else three, whatever the number of things.
    """
    asked = Item.objects.filter(model__load_kind__in=list(kinds)).exclude(state="scrapped").order_by()
    rows = list(asked.values_list("model__load_kind", "place", "state").annotate(n=Count("pk")))
    found: dict[str, OnRecord] = {kind: OnRecord() for kind, *_rest in rows}
    if not found:
        return {}
    places = Organisation.objects.in_bulk({place for _kind, place, state, _n in rows if state == "in_store"})
    for kind, place, state, n in sorted(rows, key=lambda row: (row[0], -row[3])):
        if state == "in_store":
            found[kind].stores.append((places[place], n))
    for kind, people in held_of_kinds(found).items():
        found[kind].held = people
    return found


def held_of_kinds(kinds: Collection[str]) -> dict[str, dict[int, int]]:
    """By what response plans call a thing, how many each person has in hand by the register of loans. One query."""
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = Loan.objects.filter(state="out", fault="", item__model__load_kind__in=list(kinds))
    for kind, person in rows.values_list("item__model__load_kind", "holder_id"):
        found[kind][person] += 1
    return {kind: dict(people) for kind, people in found.items()}
