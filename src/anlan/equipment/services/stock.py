"""The store counted against the book, in one sweep or several, and what follows from it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.equipment import events
from anlan.equipment.errors import CountSettled
from anlan.equipment.marks import mark_of
from anlan.equipment.models import Item, ItemModel, StockCount
from anlan.equipment.selectors_sharing import marks_found
from anlan.equipment.services.register import in_reach, item_state_set, signer

ELSEWHERE = ("out", "moving", "scrapped", "missing")
"""By the book such a thing isn't in its store."""
STRANGERS_KEPT = 500


@transaction.atomic
def stock_count(
    *, place: Organisation, read: list[str], model: ItemModel | None = None, by: Actor, at: datetime
) -> StockCount:
    """A sweep of the store (numbers or tags) against the book; of one kind alone where ``model`` is given."""
    require(by, "equipment.keep")
    in_reach(by, place)
    row = StockCount(place=place, model=model, counted_at=at, counted_by_id=signer(by))
    _held_against_book(row, read)
    row.save()
    _tell(row, by, at)
    return row


@transaction.atomic
def stock_count_add(*, count: StockCount, read: list[str], by: Actor, at: datetime) -> StockCount:
    """Another sweep of the same count: what was seen before stays seen. Raises ``CountSettled``."""
    require(by, "equipment.keep")
    in_reach(by, count.place)
    count = _open(count)
    _held_against_book(count, [*read, *count.seen, *count.others, *count.strangers])
    count.save()
    _tell(count, by, at)
    return count


@transaction.atomic
def stock_count_settle(*, count: StockCount, by: Actor, at: datetime) -> StockCount:
    """Close a count: what is still not seen is missing from now on, what was missing and turned up is inspected.

    What has been lent or sent on since the sweep is left as it is. Raises ``CountSettled``.
    """
    require(by, "equipment.keep")
    in_reach(by, count.place)
    count = _open(count)
    here = Item.objects.filter(place=count.place)
    lost = list(here.filter(number__in=count.missing, state__in=("in_store", "inspection", "repair")))
    found = list(here.filter(number__in=count.others, state="missing"))
    for items, to in ((lost, "missing"), (found, "inspection")):
        for item in items:
            item_state_set(item=item, to=to, by=by, at=at)
    count.settled_at = at
    count.save(update_fields=["settled_at"])
    told = {"missing": len(lost), "found": len(found)}
    event_record(events.STOCK_SETTLED, subject=count, by=by, at=at, org_ids=(count.place_id,), **told)
    return count


def _open(count: StockCount) -> StockCount:
    """The count, held against other writers while it is changed."""
    row: StockCount = (
        StockCount.objects.select_for_update(of=("self",)).select_related("place", "model").get(pk=count.pk)
    )
    if row.settled_at is not None:
        raise CountSettled(since=row.settled_at)
    return row


def _held_against_book(row: StockCount, read: list[str]) -> None:
    marks = {mark_of(mark) for mark in read if mark.strip()}
    store = Item.objects.filter(place=row.place).exclude(state__in=ELSEWHERE).prefetch_related("tags")
    own = {
        item: {mark_of(item.number), *(tag.epc.upper() for tag in item.tags.all() if tag.off_at is None)}
        for item in store
    }
    book = {item.number: names for item, names in own.items() if row.model_id in (None, item.model_id)}
    beside = marks - {mark for names in own.values() for mark in names}
    known = marks_found(beside)
    row.expected = len(book)
    row.seen = sorted(number for number, names in book.items() if names & marks)
    row.missing = sorted(set(book) - set(row.seen))
    row.others = sorted({item.number for item in known.values()})
    row.strangers = sorted(beside - set(known))[:STRANGERS_KEPT]


def _tell(row: StockCount, by: Actor, at: datetime) -> None:
    event_record(
        events.STOCK_COUNTED, subject=row, by=by, at=at, org_ids=(row.place_id,),
        expected=row.expected, seen=len(row.seen), strangers=len(row.others) + len(row.strangers),
    )  # fmt: skip
