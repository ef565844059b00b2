"""Questions to the register: lists by kind, store, state and holder; tags in words; papers; stores by the piece."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.engines.rfid import EpcProblem, epc_decode
from anlan.equipment.models import Gate, Item, ItemModel, ItemPaper, ItemTag, Loan, StaffBadge, Stock, StockMove
from anlan.equipment.rules import ITEM, OPEN_LOANS

A_PAGE = 50
EPC_DIGITS = 24


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


def models_all() -> list[ItemModel]:
    """Every kind of thing, by name."""
    return list(ItemModel.objects.order_by("name", "code"))


def model_coded(code: str) -> ItemModel | None:
    """The kind with that code."""
    return ItemModel.objects.filter(code=code.strip()).first()


def places_of(actor: Actor) -> list[Organisation]:
    """Organisations in reach at which things may be kept, those with stores or staff of the police first."""
    rows = Organisation.objects.filter(is_active=True).exclude(kind="partner")
    return list(rows if actor.sees_all else rows.filter(pk__in=actor.org_ids))


def tag_for(actor: Actor, tag_id: int) -> ItemTag:
    """A tag on a thing in reach, or ``NotFound``."""
    item = Item.objects.one_for(actor, tags__pk=tag_id)
    tag: ItemTag = item.tags.select_related("item__model").get(pk=tag_id)
    return tag


def papers_of(item: Item) -> list[ItemPaper]:
    """Photos and papers at a thing, the newest first."""
    return list(item.papers.filter(removed_at=None).select_related("added_by"))


def paper_for(actor: Actor, paper_id: int) -> ItemPaper:
    """A paper of a thing in reach, or ``NotFound``."""
    row: ItemPaper = ItemPaper.objects.select_related("item__model").one_for(actor, pk=paper_id)
    return row


def papers_named(digests: Collection[str]) -> set[str]:
    """Which of the digests a paper that was not taken off names."""
    rows = ItemPaper.objects.filter(sha256__in=digests, removed_at=None)
    return set(rows.values_list("sha256", flat=True))


def stocks_of(actor: Actor) -> list[Stock]:
    """Stores by the piece in reach, what has run low first in each."""
    rows = Stock.objects.visible_to(actor).select_related("place", "model")
    return sorted(rows, key=lambda row: (row.count >= row.least, row.place.code, row.model.name))


def stock_for(actor: Actor, stock_id: int) -> Stock:
    """One store by the piece in reach, or ``NotFound``."""
    row: Stock = Stock.objects.select_related("place", "model").one_for(actor, pk=stock_id)
    return row


def stock_moves(stock: Stock) -> list[StockMove]:
    """What came and went lately, the newest first."""
    return list(stock.moves.select_related("by")[:A_PAGE])


def badges_of(actor: Actor) -> list[StaffBadge]:
    """Badges given out to people in reach, by name; read for the doors of stores alone."""
    rows = StaffBadge.objects.filter(taken_at=None).select_related("person__organisation")
    if not actor.sees_all:
        rows = rows.filter(person__organisation__in=actor.org_ids)
    return list(rows.order_by("person__name", "number"))


def badge_for(actor: Actor, badge_id: int) -> StaffBadge | None:
    """One badge of somebody in reach."""
    rows = StaffBadge.objects.select_related("person__organisation").filter(pk=badge_id)
    return (rows if actor.sees_all else rows.filter(person__organisation__in=actor.org_ids)).first()


def person_in_reach(actor: Actor, username: str) -> Person | None:
    """Somebody in reach by the name they sign in with."""
    rows = Person.objects.filter(username=username.strip(), is_active=True).select_related("organisation")
    return (rows if actor.sees_all else rows.filter(organisation__in=actor.org_ids)).first()


def doors_of(actor: Actor) -> list[Gate]:
    """Doors with readers in reach."""
    return list(Gate.objects.visible_to(actor).select_related("place"))


def held_since(kinds: Collection[str]) -> dict[str, dict[int, tuple[int, datetime]]]:
    """By what response plans call a thing: who has how many in hand by the register of loans, since when (earliest).

    One query. A kind that the register keeps no thing of is left out (:func:`kinds_kept`).
    """
    found: dict[str, dict[int, tuple[int, datetime]]] = {}
    rows = Loan.objects.filter(state="out", item__model__load_kind__in=list(kinds))
    for kind, person, since in rows.values_list("item__model__load_kind", "holder_id", "made_at"):
        count, first = found.setdefault(kind, {}).get(person, (0, since))
        found[kind][person] = (count + 1, min(first, since))
    return found


def kinds_kept(kinds: Collection[str]) -> set[str]:
    """Which of the kinds of response plans the register keeps things of: of these it knows who has them."""
    rows = ItemModel.objects.filter(load_kind__in=list(kinds), items__isnull=False)
    return set(rows.values_list("load_kind", flat=True).distinct())
