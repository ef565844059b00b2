"""Whose life is over, what a station can field, and what has to be bought in which year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import F, QuerySet
from django.utils import timezone

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.equipment.life_rules import life_end, years_on
from anlan.equipment.models import Budget, Item, ItemModel, KitNeed, Scrapping

GONE = ("scrapped", "missing", "scrap_proposed")
UNFIT = (*GONE, "inspection", "repair")
AT_HAND = ("in_store", "inspection")
MOST_AT_ONCE = 500


def end_of(item: Item) -> date | None:
    """The day on which a thing's service ends: the day until which it was kept on, else its years from purchase."""
    return item.serves_until or life_end(item.bought_on, item.model.life_years)


def limits_reached(*, at: datetime) -> Iterator[tuple[Item, str]]:
    """Things at hand that have come to the end of a life, each once with the limit it reached first named.

    Uses and rounds that were proposed once and refused aren't proposed again.
    """
    today = timezone.localdate(at)
    at_hand = Item.objects.filter(state__in=AT_HAND).select_related("model")
    seen: set[int] = set()
    for limit, rows in (
        ("years", _years_over(at_hand, today)),
        ("uses", list(_unrefused(at_hand.filter(uses__gte=F("model__life_uses")), "uses"))),
        ("rounds", list(_unrefused(at_hand.filter(rounds__gte=F("model__life_rounds")), "rounds"))),
    ):
        for item in rows:
            if item.pk not in seen:
                seen.add(item.pk)
                yield item, limit


def _unrefused(rows: QuerySet[Item], limit: str) -> QuerySet[Item]:
    refused = Scrapping.objects.filter(limit=limit, state="refused").values("item")
    return rows.exclude(pk__in=refused)[:MOST_AT_ONCE]


def _years_over(rows: QuerySet[Item], today: date) -> list[Item]:
    """Kept on until a day that has come, or bought so many years ago; a kind at a time, so that few are loaded."""
    found = list(rows.filter(serves_until__lte=today)[:MOST_AT_ONCE])
    for model in ItemModel.objects.filter(life_years__gt=0):
        bought = years_on(today, -(model.life_years or 0))
        if bought is not None:
            # One day more than asked for: what was bought on 29 February ends on the 28th.
            old = rows.filter(model=model, serves_until=None, bought_on__lte=bought + timedelta(days=1))
            found += [item for item in old[:MOST_AT_ONCE] if (end := end_of(item)) is not None and end <= today]
    return found


@dataclass(frozen=True, slots=True)
class Fielded:
    """Of one line of a station's kit: what is needed, what is fit and within its life on the day, what is short."""

    need: KitNeed
    fit: int
    short: int


def readiness(
    actor: Actor, *, on: date, without: Collection[int] = (), staying: Collection[int] = ()
) -> list[Fielded]:
    """What each station can field of its kits on a day, if items ``without`` (ids) were gone and ``staying`` kept.

    Fit is what is kept there, not in repair, inspection or missing, and not past its years on that day. A kind needed
    by two kits of a station is given to them in order of their names: one thing isn't counted twice.
    """
    needs = list(KitNeed.objects.visible_to(actor).select_related("place", "model"))
    have: dict[tuple[int, int], int] = defaultdict(int)
    rows = Item.objects.filter(place__in={need.place_id for need in needs}, model__in={n.model_id for n in needs})
    gone, kept = frozenset(without), frozenset(staying)
    for life in _lives(rows.exclude(state__in=UNFIT)):
        end = life.end
        have[life.place, life.model] += life.pk in kept or (life.pk not in gone and (end is None or end > on))
    found = []
    for need in needs:
        fit = min(need.count, have[need.place_id, need.model_id])
        have[need.place_id, need.model_id] -= fit
        found.append(Fielded(need, fit, need.count - fit))
    return found


class _Life(NamedTuple):
    """What of a thing tells how long it lasts, without loading the thing."""

    pk: int
    number: str
    place: int
    owner: int
    model: int
    state: str
    state_since: datetime
    bought_on: date | None
    serves_until: date | None
    life_years: int | None

    @property
    def end(self) -> date | None:
        return self.serves_until or life_end(self.bought_on, self.life_years)


def _lives(rows: QuerySet[Item]) -> Iterator[_Life]:
    fields = ("pk", "number", "place_id", "owner_id", "model_id", "state", "state_since", "bought_on", "serves_until")
    for row in rows.order_by("number").values_list(*fields, "model__life_years").iterator(chunk_size=2000):
        yield _Life(*row)


@dataclass(frozen=True, slots=True)
class Replaced:
    """Of one kind in one year: what ends or was scrapped then, how many were bought then, and what the rest costs.

    ``cost_yuan`` is None where the kind has no price.
    """

    year: int
    model: ItemModel
    numbers: list[str]
    scrapped: int
    bought: int
    cost_yuan: int | None

    @property
    def to_buy(self) -> int:
        return max(0, len(self.numbers) - self.bought)


@dataclass(frozen=True, slots=True)
class OwnersYear:
    """What an owner's things of a year cost, and what it may spend (None: nobody has said)."""

    owner: Organisation
    cost_yuan: int
    budget_yuan: int | None

    @property
    def over_yuan(self) -> int:
        return max(0, self.cost_yuan - (self.budget_yuan or 0)) if self.budget_yuan is not None else 0


@dataclass(frozen=True, slots=True)
class PlanYear:
    """A year of the plan: its kinds, what they cost as far as prices are known, and that against the budgets."""

    year: int
    rows: list[Replaced]
    cost_yuan: int
    unpriced: int
    owners: list[OwnersYear]

    @property
    def budget_yuan(self) -> int | None:
        told = [one.budget_yuan for one in self.owners if one.budget_yuan is not None]
        return sum(told) if told else None


@dataclass(frozen=True, slots=True)
class ReplacementPlan:
    """Years of things to be replaced; of how many nobody knows when they end, and how many were bought in future."""

    years: list[PlanYear]
    unknown: int
    bought_ahead: int


def replacement_plan(actor: Actor, *, today: date, until: int) -> ReplacementPlan:
    """What has to be replaced from this year to the year ``until``.

    A thing counts in the year its service ends; past that, proposed or scrapped this year, in this year.
    What was bought of the kind for the same owner in that year is taken off. Costs go to the owner's budget.
    """
    ends: dict[tuple[int, int], list[_Life]] = defaultdict(list)
    bought: dict[tuple[int, int, int], int] = defaultdict(int)
    unknown = ahead = 0
    for life in _lives(Item.objects.visible_to(actor).exclude(state="missing")):
        end, is_gone = life.end, life.state in ("scrapped", "scrap_proposed")
        if life.bought_on and not is_gone:
            bought[life.bought_on.year, life.model, life.owner] += 1
            ahead += life.bought_on > today
        if life.state == "scrapped" and timezone.localdate(life.state_since).year != today.year:
            continue
        year = today.year if is_gone else max(end.year, today.year) if end else None
        unknown += year is None
        if year is not None and year <= until:
            ends[year, life.model].append(life)
    return ReplacementPlan(_years(actor, ends, bought, today.year, until), unknown, ahead)


def _years(
    actor: Actor, ends: dict[tuple[int, int], list[_Life]], bought: dict[tuple[int, int, int], int], first: int,
    until: int,
) -> list[PlanYear]:  # fmt: skip
    models = ItemModel.objects.in_bulk({model for _, model in ends})
    budgets = {
        (row.year, row.place_id): row.amount_yuan
        for row in Budget.objects.visible_to(actor).filter(year__range=(first, until))
    }
    owners = {owner for _, owner in budgets} | {life.owner for lives in ends.values() for life in lives}
    names = Organisation.objects.in_bulk(owners)
    found = []
    for year in sorted({year for year, _ in ends} | {year for year, _ in budgets}):
        costs: dict[int, int] = defaultdict(int)
        rows = []
        for _, key in sorted((pair for pair in ends if pair[0] == year), key=lambda pair: models[pair[1]].code):
            rows.append(_replaced(year, models[key], ends[year, key], bought, costs))
        of_owners = [OwnersYear(names[one], costs[one], budgets.get((year, one)))
                     for one in sorted(owners) if one in costs or (year, one) in budgets]  # fmt: skip
        unpriced = sum(row.to_buy for row in rows if row.cost_yuan is None)
        found.append(PlanYear(year, rows, sum(costs.values()), unpriced, of_owners))
    return found


def _replaced(
    year: int, model: ItemModel, lives: list[_Life], bought: dict[tuple[int, int, int], int], costs: dict[int, int]
) -> Replaced:
    """One kind of one year; ``costs`` grows by what each owner has to buy."""
    by_owner: dict[int, int] = defaultdict(int)
    for life in lives:
        by_owner[life.owner] += 1
    had = {owner: min(count, bought[year, model.pk, owner]) for owner, count in by_owner.items()}
    if model.price_yuan is not None:
        for owner, count in by_owner.items():
            costs[owner] += model.price_yuan * (count - had[owner])
    in_all = sum(had.values())
    cost = None if model.price_yuan is None else model.price_yuan * (len(lives) - in_all)
    gone = sum(life.state in ("scrapped", "scrap_proposed") for life in lives)
    return Replaced(year, model, [life.number for life in lives], gone, in_all, cost)
