"""Questions to the register: lists by kind, store, state and holder; tags in words; papers; stores by the piece."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.engines.rfid import EpcProblem, epc_decode
from anlan.equipment.models import Item, ItemPaper, ItemTag, Loan, StaffBadge, Stock, StockMove
from anlan.equipment.rules import ITEM, OPEN_LOANS

A_PAGE = 50
EPC_DIGITS = 24
MOVES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the register is asked for; empty fields ask for everything."""

    words: str = ""
    kind: str = ""
    place: str = ""
    state: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing in particular is asked for."""
        return not (self.words or self.kind or self.place or self.state)


@dataclass(frozen=True, slots=True)
class Registered:
    """A thing in the list, with its open loan and its tags that stick."""

    item: Item
    loan: Loan | None
    tags: list[ItemTag]


def register_list(actor: Actor, asked: Asked, *, start: int = 0) -> tuple[list[Registered], int]:
    """A page of things in the actor's reach by number, and how many there are. Four queries, whatever their number.

    ``words`` is found in numbers, serial numbers, names of kinds, holders' names and tags.
    """
    rows = _found(Item.objects.visible_to(actor), asked)
    count = rows.count()
    loans = Loan.objects.filter(state__in=OPEN_LOANS).select_related("holder")
    shown = rows.select_related("model", "owner", "place", "kit__model").prefetch_related(
        Prefetch("loans", queryset=loans, to_attr="open_loans"),
        Prefetch("tags", queryset=ItemTag.objects.filter(off_at=None), to_attr="tags_on"),
    )
    page = shown.order_by("number")[start : start + A_PAGE]
    return [Registered(item, next(iter(item.open_loans), None), item.tags_on) for item in page], count


def _found(rows: QuerySet[Item], asked: Asked) -> QuerySet[Item]:
    if asked.kind:
        rows = rows.filter(model__code=asked.kind)
    if asked.place:
        rows = rows.filter(place__code=asked.place)
    if asked.state in ITEM.states:
        rows = rows.filter(state=asked.state)
    for word in asked.words.split()[:5]:
        held = Loan.objects.filter(state__in=OPEN_LOANS, holder__name__icontains=word)
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(serial__icontains=word)
            | Q(model__name__icontains=word)
            | Q(model__name_en__icontains=word)
            | Q(pk__in=held.values("item"))
            | Q(pk__in=ItemTag.objects.filter(off_at=None, epc__icontains=word).values("item"))
        )
    return rows


@dataclass(frozen=True, slots=True)
class TagTold:
    """A tag with what its number says: scheme, company, reference and serial where it follows the standard."""

    tag: ItemTag
    scheme: str
    company: str
    reference: str
    serial: str


def tags_told(item: Item) -> list[TagTold]:
    """The tags that stick on a thing, decoded."""
    return [tag_told(tag) for tag in item.tags.filter(off_at=None)]


def tag_told(tag: ItemTag) -> TagTold:
    """One tag decoded; a number of no scheme is told as it is."""
    try:
        said = epc_decode(tag.epc)
    except EpcProblem:
        return TagTold(tag, "raw", "", "", "")
    return TagTold(tag, said.scheme, said.company, said.reference, said.serial)


def item_entered(number: str) -> Item | None:
    """The thing of that number, whoever's it is, or None."""
    found: Item | None = Item.objects.select_related("model", "owner").filter(number=number).first()
    return found


def tag_of(item: Item, tag_id: int) -> ItemTag:
    """A tag that stuck on this thing, or ``NotFound``."""
    found = item.tags.select_related("item").filter(pk=tag_id).first()
    if found is None:
        raise NotFound
    return found


def badge_for(actor: Actor, number: str) -> StaffBadge:
    """The badge somebody in reach bears now, or ``NotFound``."""
    rows = StaffBadge.objects.select_related("person__organisation").filter(number=number, taken_at=None)
    found = (rows if actor.sees_all else rows.filter(person__organisation_id__in=actor.org_ids)).first()
    if found is None:
        raise NotFound
    return found


def papers_of(item: Item) -> list[ItemPaper]:
    """Photos and documents of a thing that were not taken off, the newest first."""
    return list(ItemPaper.objects.filter(item=item, removed_at=None).select_related("added_by"))


def paper_for(actor: Actor, paper_id: int) -> ItemPaper:
    """The photo or document, or ``NotFound``."""
    row: ItemPaper = ItemPaper.objects.select_related("item").one_for(actor, pk=paper_id)
    return row


def stocks_in_reach(actor: Actor) -> list[Stock]:
    """Stores counted by the piece, with their last moves in ``lately``; what is below its least first."""
    last = Prefetch("moves", queryset=StockMove.objects.select_related("by")[:MOVES_SHOWN], to_attr="lately")
    rows = Stock.objects.visible_to(actor).select_related("place", "model").prefetch_related(last)
    return sorted(rows, key=lambda one: one.count >= one.least)


def stock_for(actor: Actor, stock_id: int) -> Stock:
    """A store of a kind counted by the piece, or ``NotFound``."""
    row: Stock = Stock.objects.select_related("place", "model").one_for(actor, pk=stock_id)
    return row


def papers_named(digests: Collection[str]) -> set[str]:
    """Which of the digests a paper that was not taken off names."""
    rows = ItemPaper.objects.filter(sha256__in=digests, removed_at=None)
    return set(rows.values_list("sha256", flat=True))
