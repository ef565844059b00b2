"""Stores counted by the piece: so many came, so many went, and never more than there were."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.equipment import events
from anlan.equipment.models import ItemModel, Stock, StockMove
from anlan.equipment.register_errors import StockTooLow
from anlan.equipment.register_rules import STOCK_INTO, STOCK_MOST, STOCK_OUT
from anlan.equipment.services.register import in_reach


@transaction.atomic
def stock_set(*, place: Organisation, model: ItemModel, least: int, by: Actor, at: datetime) -> Stock:
    """A store keeps a kind by the piece, and at least so many of it."""
    require(by, "equipment.register")
    in_reach(by, place)
    if not 0 <= least <= STOCK_MOST:
        raise BadInput(field="least", problem=str(least))
    row: Stock
    row, _is_new = Stock.objects.update_or_create(place=place, model=model, defaults={"least": least})
    event_record(
        events.STOCK_SET,
        subject=row,
        by=by,
        at=at,
        org_ids=(place.pk,),
        model=model.name,
        code=model.code,
        least=least,
    )
    return row


@transaction.atomic
def stock_move(*, stock: Stock, count: int, reason: str, note: str = "", by: Actor, at: datetime) -> StockMove:
    """So many pieces came or went, as ``reason`` says. Raises ``StockTooLow``: no store has less than nothing."""
    require(by, "equipment.lend")
    in_reach(by, stock.place)
    if reason not in (*STOCK_INTO, *STOCK_OUT) or not 0 < count <= STOCK_MOST:
        raise BadInput(field="count", problem=f"{reason} {count}")
    change = count if reason in STOCK_INTO else -count
    rows = Stock.objects.filter(pk=stock.pk, count__gte=-change, count__lte=STOCK_MOST - change)
    moved = rows.update(count=F("count") + change)
    stock.refresh_from_db()
    if not moved and change < 0:
        raise StockTooLow(place=stock.place.name_shown, kind=stock.model.name, count=stock.count, wanted=count)
    if not moved:
        raise BadInput(field="count", problem=str(count))
    return _moved(stock, change, reason, note, by, at)


@transaction.atomic
def stock_counted(*, stock: Stock, count: int, note: str = "", by: Actor, at: datetime) -> StockMove:
    """Somebody counted: so many there are, whatever the book said; the difference is on record."""
    require(by, "equipment.keep")
    in_reach(by, stock.place)
    if not 0 <= count <= STOCK_MOST:
        raise BadInput(field="count", problem=str(count))
    before = Stock.objects.select_for_update().get(pk=stock.pk).count
    Stock.objects.filter(pk=stock.pk).update(count=count)
    stock.refresh_from_db()
    return _moved(stock, count - before, "counted", note, by, at)


def _moved(stock: Stock, change: int, reason: str, note: str, by: Actor, at: datetime) -> StockMove:
    row: StockMove = StockMove.objects.create(
        stock=stock, change=change, reason=reason, note=note[:120], count_after=stock.count, at=at,
        by_id=by.id if by.kind == "person" else None,
    )  # fmt: skip
    event_record(
        events.STOCK_MOVED, subject=stock, by=by, at=at, org_ids=(stock.place_id,),
        model=stock.model.name, change=f"{change:+d}", reason=reason, count=stock.count,
    )  # fmt: skip
    return row
