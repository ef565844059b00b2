"""Questions about what stations share: who has how many, which hours are taken, what waits to be decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.equipment.errors import MarkUnknown, NotYours
from anlan.equipment.life_rules import hours_of
from anlan.equipment.marks import mark_of
from anlan.equipment.models import BookedHour, Booking, Item, ItemModel, ItemTransfer, Loan, StockCount
from anlan.equipment.rules import OPEN_LOANS

SHOWN = 200
AT_ONCE = 400
"""So many marks are looked for in one question to the store."""


def marks_found(marks: Collection[str]) -> dict[str, Item]:
    """The things that bear these marks (their number in any case, or a tag that sticks now), by mark."""
    found: dict[str, Item] = {}
    listed = sorted(marks)
    for start in range(0, len(listed), AT_ONCE):
        part = listed[start : start + AT_ONCE]
        named = Q(number__in=part) | Q(tags__epc__in=part, tags__off_at=None)
        lower = Q(number__in=[mark.lower() for mark in part])
        for item in Item.objects.filter(named | lower).distinct().prefetch_related("tags"):
            own = {mark_of(item.number), *(tag.epc.upper() for tag in item.tags.all() if tag.off_at is None)}
            found |= dict.fromkeys(own & set(part), item)
    return found


def item_marked(text: str) -> int:
    """The thing a number, a tag or a label's address names, whoever's it is; 0 where nobody knows it."""
    text = text.replace("\0", "")  # no store keeps such a byte
    exact = Item.objects.filter(number=text.strip()).values_list("pk", flat=True).first()
    found = marks_found([mark_of(text)])
    return exact or next((item.pk for item in found.values()), 0)


def item_anywhere(text: str) -> Item:
    """A thing of whatever station, for booking it or looking at its label. Raises ``MarkUnknown``."""
    item: Item | None = Item.objects.select_related("model", "owner", "place").filter(pk=item_marked(text)).first()
    if item is None:
        raise MarkUnknown(mark=text.strip()[:60] or "–")
    return item


@dataclass(slots=True)
class Stock:
    """Of one kind at one store: how many there are, free now, lent, booked within a day, not fit for use."""

    place: Organisation
    total: int = 0
    free: int = 0
    lent: int = 0
    booked: int = 0
    unfit: int = 0


@dataclass(frozen=True, slots=True)
class Shared:
    """One kind, and every store that keeps some."""

    model: ItemModel
    stocks: list[Stock]

    @property
    def total(self) -> Stock:
        """All stores together."""
        whole = Stock(place=self.stocks[0].place)
        for one in self.stocks:
            for name in ("total", "free", "lent", "booked", "unfit"):
                setattr(whole, name, getattr(whole, name) + getattr(one, name))
        return whole


def board(*, at: datetime, model: ItemModel | None = None) -> list[Shared]:
    """All stations' things by kind and store: counts alone, the same for everybody; nobody's name is in it."""
    rows = Item.objects.exclude(state="scrapped")
    if model is not None:
        rows = rows.filter(model=model)
    counted = rows.values("model", "place", "state").annotate(n=Count("id"))
    hours = hours_of(at, at + timedelta(hours=24))
    spoken = BookedHour.objects.filter(hour__gte=hours.start, hour__lt=hours.stop, item__state="in_store")
    by_store = spoken.values_list("item__model", "item__place").annotate(n=Count("item", distinct=True))
    booked = {(kind, place): n for kind, place, n in by_store}
    places = Organisation.objects.in_bulk({row["place"] for row in counted})
    found: dict[int, dict[int, Stock]] = defaultdict(dict)
    for row in counted:
        stock = found[row["model"]].setdefault(row["place"], Stock(places[row["place"]]))
        stock.total += row["n"]
        name = {"in_store": "free", "out": "lent"}.get(row["state"], "unfit")
        setattr(stock, name, getattr(stock, name) + row["n"])
    for (kind, place), n in booked.items():
        found[kind][place].booked = n
        found[kind][place].free -= n
    models = ItemModel.objects.filter(pk__in=found)
    return [Shared(one, sorted(found[one.pk].values(), key=lambda stock: stock.place.code)) for one in models]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing and the bookings and the loan that take its hours; ``cells`` are the parts of the days shown."""

    item: Item
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a day: free, or whose it is. ``name`` is empty where the asker may not know."""

    starts_at: datetime
    kind: str
    name: str = ""
    span: int = 1


PART = timedelta(hours=6)
"""The calendar shows quarters of a day."""
DAYS = 7


def calendar(actor: Actor, items: list[Item], *, first: datetime) -> list[Line]:
    """A week of each thing, in quarters of a day from ``first``: lent, asked for, promised, or free."""
    last = first + DAYS * timedelta(days=1)
    bookings = Booking.objects.filter(
        item__in=items, state__in=("asked", "approved"), starts_at__lt=last, ends_at__gt=first
    )
    loans = Loan.objects.filter(item__in=items, state__in=OPEN_LOANS, made_at__lt=last)
    taken: dict[int, list[tuple[datetime, datetime, str, Person]]] = defaultdict(list)
    for loan in loans.select_related("holder"):
        taken[loan.item_id].append((loan.made_at, loan.due_at, "lent", loan.holder))
    for one in bookings.select_related("person"):
        taken[one.item_id].append((one.starts_at, one.ends_at, one.state, one.person))
    return [Line(item, _cells(taken[item.pk], first, actor, item)) for item in items]


def _cells(
    taken: list[tuple[datetime, datetime, str, Person]], first: datetime, actor: Actor, item: Item
) -> list[Cell]:
    """Parts of days, neighbours of the same booking put together."""
    is_near = actor.sees_all or item.place_id in actor.org_ids
    cells: list[Cell] = []
    for nth in range(DAYS * 4):
        begin = first + nth * PART
        over = [one for one in taken if one[0] < begin + PART and one[1] > begin]
        kind, person = (over[0][2], over[0][3]) if over else ("free", None)
        name = person.name if person and (is_near or person.pk == actor.id) else ""
        before = cells[-1] if cells and kind != "free" and nth % 4 else None
        if before and (before.kind, before.name) == (kind, name):
            cells[-1] = Cell(before.starts_at, kind, name, before.span + 1)
        else:
            cells.append(Cell(begin, kind, name))
    return cells


def items_shared(*, place: Organisation | None, model: ItemModel | None, actor: Actor) -> list[Item]:
    """Things to book: of a store, or of all stores in reach; of one kind or all; nothing that serves no more."""
    rows = Item.objects.filter(place=place) if place is not None else Item.objects.visible_to(actor)
    if model is not None:
        rows = rows.filter(model=model)
    rows = rows.exclude(state__in=("missing", "scrap_proposed", "scrapped")).select_related("model", "place")
    return list(rows.order_by("model__code", "number")[:SHOWN])


def stores() -> list[Organisation]:
    """Every station: whether one keeps anything is not told by the list."""
    return list(Organisation.objects.filter(kind="station").order_by("code"))


def stores_possible() -> list[Organisation]:
    """Where things may be sent: stations, and whoever keeps things already."""
    return list(
        Organisation.objects.filter(Q(kind="station") | Q(pk__in=Item.objects.values("place"))).order_by("code")
    )


def store_for(actor: Actor, code: str) -> Organisation:
    """The store of that code where the actor is at home, or ``NotFound``."""
    place = Organisation.objects.filter(code=code).first()
    if place is None or not (actor.sees_all or place.pk in actor.org_ids):
        raise NotFound
    return place


def stores_in_reach(actor: Actor) -> list[Organisation]:
    """Stores where the actor is at home, also empty ones."""
    rows = Organisation.objects.filter(Q(kind="station") | Q(pk__in=Item.objects.values("place")))
    return list((rows if actor.sees_all else rows.filter(pk__in=actor.org_ids)).order_by("code"))


def place_coded(code: str) -> Organisation | None:
    """The organisation of that code, or None."""
    return Organisation.objects.filter(code=code.replace("\0", "")).first() if code else None


def model_coded(code: str) -> ItemModel | None:
    """The kind of that code, or None."""
    return ItemModel.objects.filter(code=code.replace("\0", "")).first() if code else None


def models_all() -> list[ItemModel]:
    """Every kind."""
    return list(ItemModel.objects.all())


def bookings_waiting(actor: Actor, *, at: datetime) -> QuerySet[Booking]:
    """Asked for of stores in reach, not yet over: to be decided by a keeper."""
    rows: QuerySet[Booking] = Booking.objects.visible_to(actor).filter(state="asked", ends_at__gt=at)
    return rows.select_related("item__model", "item__place", "person")


def bookings_own(person_id: int, *, at: datetime) -> list[Booking]:
    """What somebody has asked for, still to come, and what was refused or never fetched in the last week."""
    coming = Q(state__in=("asked", "approved"), ends_at__gt=at)
    lately = Q(state__in=("refused", "lapsed"), state_since__gt=at - timedelta(days=7))
    rows = Booking.objects.filter(coming | lately, person_id=person_id)
    return list(rows.select_related("item__model", "item__place").order_by("starts_at")[:SHOWN])


def booking_for(actor: Actor, booking_id: int) -> Booking:
    """The booking of a thing in reach, or ``NotFound``."""
    row: Booking = Booking.objects.select_related("item__model", "item__place", "person").one_for(
        actor, pk=booking_id
    )
    return row


def booking_own(actor: Actor, booking_id: int) -> Booking:
    """One's own booking, of whatever station's thing, or ``NotYours``."""
    rows = Booking.objects.select_related("item__model", "item__place", "person")
    row: Booking | None = rows.filter(pk=booking_id, person_id=actor.id).first() if actor.kind == "person" else None
    if row is None:
        raise NotYours
    return row


def loan_own(actor: Actor, loan_id: int) -> Loan:
    """One's own loan, of whatever station's thing, or ``NotYours``."""
    rows = Loan.objects.select_related("item__model", "item__place", "holder")
    row: Loan | None = rows.filter(pk=loan_id, holder_id=actor.id).first() if actor.kind == "person" else None
    if row is None:
        raise NotYours
    return row


def longer_waiting(actor: Actor) -> QuerySet[Loan]:
    """Loans in reach whose holders ask to keep the thing longer."""
    rows: QuerySet[Loan] = Loan.objects.visible_to(actor).filter(state="out", asked_until__isnull=False)
    return rows.select_related("item__model", "holder").order_by("due_at")


def faults_told(actor: Actor) -> QuerySet[Loan]:
    """Things that are out and of which their holders say something is wrong."""
    rows: QuerySet[Loan] = Loan.objects.visible_to(actor).filter(state="out").exclude(fault="")
    return rows.select_related("item__model", "holder").order_by("due_at")


def transfers_of(actor: Actor, *, under_way: bool = True, limit: int = SHOWN) -> list[ItemTransfer]:
    """What is on its way from or to a store in reach; else what has ended, newest first."""
    rows = ItemTransfer.objects.visible_to(actor)
    rows = rows.filter(state="under_way") if under_way else rows.exclude(state="under_way")
    return list(rows.select_related("item__model", "origin", "goal", "given_by", "taken_by")[:limit])


def transfer_for(transfer_id: int) -> ItemTransfer:
    """The transfer, or ``NotFound``; who may sign for it or call it back is held where that is done."""
    rows = ItemTransfer.objects.select_related("item__model", "origin", "goal")
    row: ItemTransfer | None = rows.filter(pk=transfer_id).first()
    if row is None:
        raise NotFound
    return row


def counts_of(actor: Actor, *, limit: int = 30) -> list[StockCount]:
    """Counts of the stores in reach, newest first."""
    rows = StockCount.objects.visible_to(actor).select_related("place", "model", "counted_by")
    return list(rows[:limit])


def count_for(actor: Actor, count_id: int) -> StockCount:
    """The count, or ``NotFound``."""
    row: StockCount = StockCount.objects.select_related("place", "model", "counted_by").one_for(actor, pk=count_id)
    return row


def items_numbered(numbers: Collection[str]) -> list[Item]:
    """The things of these numbers, of whatever store, with who has them; for the result of a count."""
    listed = sorted(numbers)
    found: list[Item] = []
    for start in range(0, len(listed), AT_ONCE):
        part = Item.objects.filter(number__in=listed[start : start + AT_ONCE])
        found += part.select_related("model", "place", "owner")
    return found


def still_out(holders: Collection[int]) -> list[Loan]:
    """What these people still have, so that a half return is told."""
    rows = Loan.objects.filter(holder_id__in=list(holders), state__in=OPEN_LOANS)
    return list(rows.select_related("item__model", "holder").order_by("holder__name", "due_at")[:SHOWN])
