"""What stations must be able to field, how long a kind lasts and what it costs, and what may be spent in a year."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.equipment import events
from anlan.equipment.models import Budget, ItemModel, KitNeed
from anlan.equipment.services.register import in_reach

MOST_NEEDED = 10_000
LONGEST_YEARS = 60
MOST_YUAN = 2_000_000_000
MOST_USES = 1_000_000


@transaction.atomic
def need_set(
    *, place: Organisation, kit: str, model: ItemModel, count: int, by: Actor, at: datetime
) -> KitNeed | None:
    """So many of a kind a station must be able to field in this kit; none: the line is taken out (and None given)."""
    require(by, "equipment.register")
    in_reach(by, place)
    if not 0 <= count <= MOST_NEEDED or not kit.strip():
        raise BadInput(field="count", problem=str(count)[:20])
    name = kit.strip()[:60]
    if count:
        row, _ = KitNeed.objects.update_or_create(place=place, kit=name, model=model, defaults={"count": count})
        event_record(
            events.NEED_SET, subject=row, by=by, at=at, org_ids=(place.pk,), model=model.code, count=count
        )  # fmt: skip
        return row
    gone = KitNeed.objects.filter(place=place, kit=name, model=model).first()
    if gone is None:
        raise BadInput(field="count", problem="0")
    event_record(events.NEED_SET, subject=gone, by=by, at=at, org_ids=(place.pk,), model=model.code, count=0)
    gone.delete()
    return None


@transaction.atomic
def model_life_set(
    *,
    model: ItemModel,
    life_years: int | None,
    life_uses: int | None,
    life_rounds: int | None,
    price_yuan: int | None,
    by: Actor,
    at: datetime,
) -> ItemModel:
    """How long a kind lasts, by years, uses or rounds, and what one costs; None: nobody knows."""
    require(by, "equipment.register")
    told = {"life_years": life_years, "life_uses": life_uses, "life_rounds": life_rounds, "price_yuan": price_yuan}
    most = {"life_years": LONGEST_YEARS, "life_uses": MOST_USES, "life_rounds": MOST_USES, "price_yuan": MOST_YUAN}
    for field, value in told.items():
        if value is not None and not 0 < value <= most[field]:
            raise BadInput(field=field, problem=str(value)[:20])
        setattr(model, field, value)
    model.save(update_fields=list(told))
    event_record(events.MODEL_LIFE_SET, subject=model, by=by, at=at, model=model.code, life=told)
    return model


@transaction.atomic
def budget_set(*, place: Organisation, year: int, amount_yuan: int, by: Actor, at: datetime) -> Budget:
    """What an organisation may spend on equipment in a year, set or changed."""
    require(by, "equipment.budget")
    in_reach(by, place)
    if not 2000 <= year <= 2200 or not 0 <= amount_yuan <= MOST_YUAN:
        raise BadInput(field="amount_yuan", problem=f"{year}: {amount_yuan}"[:40])
    row, _ = Budget.objects.update_or_create(place=place, year=year, defaults={"amount_yuan": amount_yuan})
    event_record(
        events.BUDGET_SET, subject=row, by=by, at=at, org_ids=(place.pk,), year=year, amount_yuan=amount_yuan
    )  # fmt: skip
    return row
