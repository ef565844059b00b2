"""What is due, what a station can field, and what has to be bought in which year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Min

from anlan.core.actor import Actor
from anlan.equipment.life_rules import Wear, care_due, life_end
from anlan.equipment.models import CarePlan, Inspection, Item, ItemModel, KitNeed, Loan

GONE = ("scrapped", "missing", "scrap_proposed")
UNFIT = (*GONE, "inspection", "repair")


@dataclass(frozen=True, slots=True)
class Due:
    """A thing and a plan of care that is due, and when it was last done (None: never)."""

    item: Item
    plan: CarePlan
    last_at: datetime | None


def care_due_of(actor: Actor, *, at: datetime) -> list[Due]:
    """Care that is due in the actor's reach; a thing never inspected counts from when it was entered."""
    plans = defaultdict(list)
    for plan in CarePlan.objects.all():
        plans[plan.model_id].append(plan)
    every = Item.objects.visible_to(actor).filter(model__in=plans).exclude(state__in=GONE).select_related("model")
    items = every.annotate(first_lent_at=Min("loans__made_at"))
    newest = Inspection.objects.values("item", "plan").annotate(last=Max("id")).values_list("last", flat=True)
    last = {(row.item_id, row.plan_id): row for row in Inspection.objects.filter(pk__in=list(newest))}
    found = []
    for item in items:
        for plan in plans[item.model_id]:
            seen = last.get((item.pk, plan.pk))
            then = (
                Wear(seen.at, seen.uses, seen.rounds)
                if seen
                else Wear(min(item.state_since, item.first_lent_at or at), 0, 0)
            )
            limits = {"every_days": plan.every_days, "every_uses": plan.every_uses, "every_rounds": plan.every_rounds}
            if care_due(then, Wear(at, item.uses, item.rounds), **limits):
                found.append(Due(item, plan, seen.at if seen else None))
    return found


@dataclass(frozen=True, slots=True)
class Fielded:
    """Of one line of a station's kit: what is needed, what is fit and within its life on the day, what is short."""

    need: KitNeed
    fit: int
    short: int


def readiness(actor: Actor, *, on: date, without: Collection[int] = ()) -> list[Fielded]:
    """What each station can field of its kits on a day, if the items ``without`` (ids) were gone.

    Fit is what is kept there, not in repair, inspection or missing, and not past its years on that day. A kind needed
    by two kits of a station is given to them in order of their names: one thing isn't counted twice.
    """
    needs = KitNeed.objects.visible_to(actor).select_related("place", "model")
    have: dict[tuple[int, int], int] = defaultdict(int)
    rows = Item.objects.filter(place__in={need.place_id for need in needs}).exclude(state__in=UNFIT)
    for item in rows.exclude(pk__in=list(without)).select_related("model"):
        end = life_end(item.bought_on, item.model.life_years)
        have[item.place_id, item.model_id] += end is None or end > on
    found = []
    for need in needs:
        fit = min(need.count, have[need.place_id, need.model_id])
        have[need.place_id, need.model_id] -= fit
        found.append(Fielded(need, fit, need.count - fit))
    return found


@dataclass(frozen=True, slots=True)
class Replaced:
    """So many of a kind end in a year, and what the same number costs (None: the kind has no price)."""

    year: int
    model: ItemModel
    numbers: list[str]
    cost_yuan: int | None


def replacement_plan(actor: Actor, *, until: int) -> tuple[list[Replaced], int]:
    """What ends up to the year ``until``, by year and kind; and how many things have no day of purchase or years."""
    ends = defaultdict(list)
    unknown = 0
    for item in Item.objects.visible_to(actor).exclude(state__in=("scrapped", "missing")).select_related("model"):
        end = life_end(item.bought_on, item.model.life_years)
        unknown += end is None
        if end is not None and end.year <= until:
            ends[end.year, item.model.code].append(item)
    rows = []
    for (year, _code), items in sorted(ends.items()):
        model = items[0].model
        cost = None if model.price_yuan is None else model.price_yuan * len(items)
        rows.append(Replaced(year, model, [item.number for item in items], cost))
    return rows, unknown


def held_of_kinds(kinds: Collection[str]) -> dict[str, dict[int, int]]:
    """By what response plans call a thing, how many each person has in hand by the register of loans. One query."""
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = Loan.objects.filter(state="out", item__model__load_kind__in=list(kinds))
    for kind, person in rows.values_list("item__model__load_kind", "holder_id"):
        found[kind][person] += 1
    return {kind: dict(people) for kind, people in found.items()}
