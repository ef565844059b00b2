"""Which care is due, and why: by days, uses or rounds since a thing was last looked at by each plan of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.equipment.models import CarePlan, Inspection, Item, ItemModel

GONE = ("scrapped", "missing", "scrap_proposed")
SOON = timedelta(days=14)
NEAR = 0.9
"""Of uses and rounds: from this share on care is told as due soon."""
MOST_PLANS = 80
"""So many plans are asked for in one query."""


@dataclass(frozen=True, slots=True)
class Due:
    """A thing and a plan of care: when it was last done (None: never), and what of each limit is left.

    ``due_on`` is the day by which the plan's days are over, ``uses_left`` and ``rounds_left`` what may still be done;
    None where the plan doesn't ask for it. ``is_over``: one of them is reached.
    """

    item: Item
    plan: CarePlan
    last_at: datetime | None
    due_on: date | None
    uses_left: int | None
    rounds_left: int | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class CareCount:
    """How much care is due and how much comes due soon, by plan."""

    plan: CarePlan
    over: int
    soon: int


def care_due_of(actor: Actor, *, at: datetime, soon: timedelta = timedelta(0), plan: CarePlan | None = None,
                item: Item | None = None, limit: int = 200) -> list[Due]:  # fmt: skip
    """Care in the actor's reach that is due within ``soon``, overdue first; at most ``limit`` lines are loaded."""
    plans = _plans(plan=plan, item=item)
    found: list[Due] = []
    for rows in _rows(actor, plans, at=at, soon=soon, item=item):
        lines = list(rows.order_by("since", "name", "thing")[: max(0, limit - len(found))])
        items = {row.pk: row for row in _items(actor).filter(pk__in={line["thing"] for line in lines})}
        found += [_due(items[line["thing"]], plans[line["pk"]], line, at) for line in lines if line["thing"] in items]
    return sorted(found, key=lambda due: (not due.is_over, due.plan.pk, due.item.number))


def care_of_item(item: Item, actor: Actor, *, at: datetime) -> list[Due]:
    """Every plan of a thing, due or not, with what is left of each limit."""
    plans = _plans(item=item)
    lines = _joined(actor, list(plans), item=item)
    return [_due(item, plans[line["pk"]], line, at) for line in lines.order_by("name")]


def care_counts(actor: Actor, *, at: datetime, soon: timedelta = SOON) -> list[CareCount]:
    """By plan, how much is due and how much comes due within ``soon``; plans with neither are left out."""
    plans = _plans()
    by_plan: dict[int, list[int]] = {}
    for within in (timedelta(0), soon):
        for rows in _rows(actor, plans, at=at, soon=within):
            for pk in rows.values_list("pk", flat=True):
                by_plan.setdefault(pk, [0, 0])[within > timedelta(0)] += 1
    return [CareCount(plans[pk], over, within - over) for pk, (over, within) in sorted(by_plan.items())]


def care_plan_for(plan_id: int) -> CarePlan:
    """The plan, or ``NotFound``; plans are of kinds, which belong to nobody."""
    plan = CarePlan.objects.select_related("model").filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    return plan


def items_to_inspect(actor: Actor, plan: CarePlan, *, limit: int) -> list[Item]:
    """What is at hand of the plan's kind, by place and number."""
    rows = _items(actor).filter(model=plan.model_id, state__in=("in_store", "inspection"))
    return list(rows.order_by("place__code", "number")[:limit])


def kinds_cared_for() -> list[ItemModel]:
    """All kinds with their plans, running ones first."""
    return list(ItemModel.objects.prefetch_related("care_plans"))


def _plans(*, plan: CarePlan | None = None, item: Item | None = None) -> dict[int, CarePlan]:
    rows = CarePlan.objects.filter(is_active=True).select_related("model")
    if plan is not None:
        rows = rows.filter(pk=plan.pk)
    if item is not None:
        rows = rows.filter(model=item.model_id)
    return {row.pk: row for row in rows.order_by("pk")}


def _items(actor: Actor) -> QuerySet[Item]:
    rows: QuerySet[Item] = Item.objects.visible_to(actor).exclude(state__in=GONE)
    return rows.select_related("model", "place")


def _joined(actor: Actor, plans: list[int], *, item: Item | None = None) -> QuerySet[Any, Any]:
    """Each plan with each thing of its kind: since when it counts, and what was done since."""
    things = Item.objects.visible_to(actor).exclude(state__in=GONE)
    if item is not None:
        things = things.filter(pk=item.pk)
    last = Inspection.objects.filter(plan=OuterRef("pk"), item=OuterRef("thing")).order_by("-at", "-id")
    return (
        CarePlan.objects.filter(pk__in=plans, model__items__in=things.order_by().values("pk"))
        .annotate(thing=F("model__items__id"))
        .annotate(last_at=Subquery(last.values("at")[:1]))
        .annotate(
            since=Coalesce("last_at", "model__items__entered_at", "model__items__state_since"),
            used=F("model__items__uses") - Coalesce(Subquery(last.values("uses")[:1]), 0),
            fired=F("model__items__rounds") - Coalesce(Subquery(last.values("rounds")[:1]), 0),
        )
        .values("pk", "thing", "last_at", "since", "used", "fired")
    )


def _rows(actor: Actor, plans: dict[int, CarePlan], *, at: datetime, soon: timedelta, item: Item | None = None
          ) -> list[QuerySet[Any, Any]]:  # fmt: skip
    """What is due within ``soon``, a query for every :data:`MOST_PLANS` plans."""
    keys, found = list(plans), []
    for start in range(0, len(keys), MOST_PLANS):
        part = keys[start : start + MOST_PLANS]
        asked = Q()
        for key in part:
            asked |= _asked(plans[key], at + soon, NEAR if soon else 1.0)
        found.append(_joined(actor, part, item=item).filter(asked))
    return found


def _asked(plan: CarePlan, until: datetime, share: float) -> Q:
    """Whether one plan's limits are reached: the row's own plan, and any of what it asks for."""
    limits = Q()
    if plan.every_days:
        limits |= Q(since__lte=until - timedelta(days=plan.every_days))
    if plan.every_uses:
        limits |= Q(used__gte=_near(plan.every_uses, share))
    if plan.every_rounds:
        limits |= Q(fired__gte=_near(plan.every_rounds, share))
    return Q(pk=plan.pk) & limits


def _near(limit: int, share: float) -> int:
    return max(1, -int(-limit * share // 1))


def _due(item: Item, plan: CarePlan, line: dict[str, Any], at: datetime) -> Due:
    due_at = line["since"] + timedelta(days=plan.every_days) if plan.every_days else None
    uses = plan.every_uses - line["used"] if plan.every_uses else None
    rounds = plan.every_rounds - line["fired"] if plan.every_rounds else None
    is_over = (due_at is not None and due_at <= at) or (uses is not None and uses <= 0) or (
        rounds is not None and rounds <= 0)  # fmt: skip
    due_on = timezone.localdate(due_at) if due_at else None
    return Due(item, plan, line["last_at"], due_on, uses, rounds, is_over)
