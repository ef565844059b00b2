"""Kinds of things, things, tags, badges and doors are entered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.engines.rfid import EpcProblem, epc_decode
from anlan.equipment import events
from anlan.equipment.errors import BadgeTaken, ItemNotReady, NumberTaken, TagTaken
from anlan.equipment.learnt import PLANES
from anlan.equipment.models import Gate, Item, ItemModel, ItemTag, StaffBadge
from anlan.equipment.register_errors import BadgeOff, BoughtInFuture, TagOff
from anlan.equipment.rules import ITEM

NUMBER_MOST, SERIAL_MOST, TAG_MOST = 40, 60, 64
REFERENCE_MOST = 20
LIFE_YEARS_MOST, PRICE_MOST = 100, 100_000_000
BY_HAND = ("in_store", "inspection", "repair", "missing", "scrap_proposed", "scrapped")
"""States a keeper sets; ``out`` comes of a loan alone."""


def in_reach(by: Actor, organisation: Organisation) -> None:
    """Raise ``NotFound`` for an organisation beyond the actor's reach."""
    if not (by.sees_all or organisation.pk in by.org_ids):
        raise NotFound


def in_reach_of(by: Actor, item: Item) -> None:
    """Raise ``NotFound`` for a thing neither owned nor kept within the actor's reach."""
    if not (by.sees_all or {item.owner_id, item.place_id} & set(by.org_ids)):
        raise NotFound


def signer(by: Actor) -> int:
    """The person who signs: no program does. Raises ``BadInput``."""
    if by.kind != "person" or by.id is None:
        raise BadInput(field="by", problem=by.name)
    return by.id


def of_item(
    kind: str, item: Item, *, by: Actor, at: datetime, subject: models.Model | None = None, **data: Any
) -> None:
    """Tell what happened to an item to its owner and the place where it is kept."""
    owners = (item.owner_id, item.place_id)
    event_record(kind, subject=subject or item, by=by, at=at, org_ids=owners, item=item.number, **data)


@transaction.atomic
def model_add(
    *,
    code: str,
    name: str,
    name_en: str = "",
    measure_word: str = "件",
    is_controlled: bool = False,
    is_counted: bool = False,
    life_years: int | None = None,
    price_yuan: int | None = None,
    terms: str = "",
    load_kind: str = "",
    by: Actor,
    at: datetime,
) -> ItemModel:
    """A kind of thing; known by its code it is given back as it is. ``life_years`` empty: nobody has said yet."""
    require(by, "equipment.register")
    for field, told, most in (("code", code, 40), ("name", name, 80), ("measure_word", measure_word, 4)):
        if not 0 < len(told.strip()) <= most:
            raise BadInput(field=field, problem=told[:most] or "–")
    if life_years is not None and not 0 < life_years <= LIFE_YEARS_MOST:
        raise BadInput(field="life_years", problem=str(life_years))
    if price_yuan is not None and not 0 <= price_yuan <= PRICE_MOST:
        raise BadInput(field="price_yuan", problem=str(price_yuan))
    row, is_new = ItemModel.objects.get_or_create(
        code=code.strip(),
        defaults={
            "name": name.strip(),
            "name_en": name_en.strip()[:80],
            "measure_word": measure_word.strip(),
            "is_controlled": is_controlled,
            "is_counted": is_counted,
            "life_years": life_years,
            "price_yuan": price_yuan,
            "terms": terms.strip()[:400],
            "load_kind": load_kind.strip()[:32],
        },
    )
    if is_new:
        event_record(events.MODEL_SET, subject=row, by=by, at=at, model=row.code)
    return row


@transaction.atomic
def item_add(
    *,
    number: str,
    model: ItemModel,
    owner: Organisation,
    place: Organisation | None = None,
    serial: str = "",
    bought_on: date | None = None,
    price_yuan: int | None = None,
    epc: str = "",
    tid: str = "",
    by: Actor,
    at: datetime,
) -> Item:
    """Enter a thing, with a tag where it has one. Raises ``NumberTaken``, ``TagTaken`` and ``BoughtInFuture``."""
    require(by, "equipment.register")
    for organisation in (owner, place or owner):
        in_reach(by, organisation)
    if not 0 < len(number.strip()) <= NUMBER_MOST or len(serial) > SERIAL_MOST:
        raise BadInput(field="number", problem=number[:NUMBER_MOST] or "–")
    if price_yuan is not None and not 0 <= price_yuan <= PRICE_MOST:
        raise BadInput(field="price_yuan", problem=str(price_yuan))
    if bought_on is not None and bought_on > timezone.localdate(at):
        raise BoughtInFuture(item=number, day=bought_on)
    try:
        with transaction.atomic():
            item = Item.objects.create(
                number=number.strip(), model=model, owner=owner, place=place or owner, serial=serial,
                bought_on=bought_on, price_yuan=price_yuan, state_since=at, entered_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise NumberTaken(item=number) from None
    of_item(events.ITEM_ENTERED, item, by=by, at=at)
    if epc:
        tag_stick(item=item, epc=epc, tid=tid, by=by, at=at)
    return item


@transaction.atomic
def tag_stick(*, item: Item, epc: str, tid: str = "", by: Actor, at: datetime) -> ItemTag:
    """A tag is on an item from now on. Raises ``BadInput`` for no number, ``TagTaken`` where it sticks elsewhere."""
    require(by, "equipment.register")
    number = tag_number("epc", epc)
    if len(tid) > TAG_MOST:
        raise BadInput(field="tid", problem=tid[:TAG_MOST])
    try:
        with transaction.atomic():
            tag = ItemTag.objects.create(item=item, epc=number, tid=tid, stuck_at=at)
    except IntegrityError:
        other = ItemTag.objects.select_related("item").get(epc=number, off_at=None)
        raise TagTaken(epc=number, item=str(other.item), since=other.stuck_at) from None
    of_item(events.TAG_STUCK, item, by=by, at=at, epc=number)
    return tag


def tag_number(field: str, text: str) -> str:
    """A tag's number as it is kept. Raises ``BadInput`` for none, or one too long to be kept whole."""
    try:
        number = epc_decode(text).hex
    except EpcProblem as wrong:
        raise BadInput(field=field, problem=wrong.reason) from wrong
    if len(number) > TAG_MOST:
        raise BadInput(field=field, problem=f"{number[:TAG_MOST]}…")
    return number


@transaction.atomic
def tag_off(*, tag: ItemTag, by: Actor, at: datetime) -> ItemTag:
    """A tag is taken off its thing and may be stuck on another. Raises ``TagOff`` for one that is off already."""
    require(by, "equipment.register")
    in_reach_of(by, tag.item)
    if not ItemTag.objects.filter(pk=tag.pk, off_at=None).update(off_at=at):
        tag.refresh_from_db()
        raise TagOff(epc=tag.epc, since=tag.off_at)
    tag.off_at = at
    of_item(events.TAG_OFF, tag.item, by=by, at=at, epc=tag.epc)
    return tag


@transaction.atomic
def item_correct(
    *, item: Item, owner: Organisation, place: Organisation, serial: str, bought_on: date | None,
    price_yuan: int | None, by: Actor, at: datetime,
) -> Item:  # fmt: skip
    """What the register says of a thing, put right; what changed is on record.

    A thing that is lent or on its way keeps its place: it is moved by being brought back or received.
    """
    require(by, "equipment.register")
    in_reach_of(by, item)
    if bought_on is not None and bought_on > timezone.localdate(at):
        raise BoughtInFuture(item=str(item), day=bought_on)
    if price_yuan is not None and not 0 <= price_yuan <= PRICE_MOST:
        raise BadInput(field="price_yuan", problem=str(price_yuan))
    if len(serial.strip()) > SERIAL_MOST:
        raise BadInput(field="serial", problem=serial[:SERIAL_MOST])
    held = Item.objects.select_for_update().get(pk=item.pk)
    said = {"owner_id": owner.pk, "place_id": place.pk, "serial": serial.strip(),
            "bought_on": bought_on, "price_yuan": price_yuan}  # fmt: skip
    changed = {field: value for field, value in said.items() if getattr(held, field) != value}
    for field, organisation in (("owner_id", owner), ("place_id", place)):
        if field in changed:
            in_reach(by, organisation)
    if "place_id" in changed and held.state in ("out", "moving"):
        raise ItemNotReady(item=str(item), state=ITEM.labels[held.state], since=held.state_since)
    if changed:
        Item.objects.filter(pk=item.pk).update(**changed)
        item.refresh_from_db()
        of_item(events.ITEM_CHANGED, item, by=by, at=at, fields=", ".join(sorted(changed)))
    return item


@transaction.atomic
def badge_give(*, number: str, person: Person, by: Actor, at: datetime) -> StaffBadge:
    """A badge for the doors of stores. Raises ``BadgeTaken``."""
    require(by, "equipment.register")
    in_reach(by, person.organisation)
    try:
        with transaction.atomic():
            row = StaffBadge.objects.create(number=number, person=person, given_at=at)
    except IntegrityError:
        other = StaffBadge.objects.select_related("person").get(number=number, taken_at=None)
        raise BadgeTaken(badge=number, name=other.person.name) from None
    event_record(events.BADGE_GIVEN, subject=row, by=by, at=at, org_ids=(person.organisation_id,))
    return row


@transaction.atomic
def badge_take(*, badge: StaffBadge, by: Actor, at: datetime) -> StaffBadge:
    """A badge is taken back and may be given to another. Raises ``BadgeOff`` for one that was taken already."""
    require(by, "equipment.register")
    in_reach(by, badge.person.organisation)
    if not StaffBadge.objects.filter(pk=badge.pk, taken_at=None).update(taken_at=at):
        badge.refresh_from_db()
        raise BadgeOff(badge=badge.number, since=badge.taken_at)
    badge.taken_at = at
    event_record(events.BADGE_TAKEN, subject=badge, by=by, at=at, org_ids=(badge.person.organisation_id,))
    return badge


@transaction.atomic
def gate_set(
    *, reader: str, name: str, place: Organisation, layout: str, reference: list[str], by: Actor, at: datetime
) -> Gate:
    """A door with a reader, entered or changed by those who reach both where it stood and where it stands.

    Raises ``BadInput`` for a layout nobody has learnt doors of, for what is no tag's number among the tags fixed at
    its antennas, or too many of them.
    """
    require(by, "equipment.register")
    in_reach(by, place)
    there = Gate.objects.select_for_update(of=("self",)).select_related("place").filter(reader=reader).first()
    if there is not None:
        in_reach(by, there.place)
    if layout not in PLANES:
        raise BadInput(field="layout", problem=layout[:REFERENCE_MOST] or "–")
    if len(reference) > REFERENCE_MOST:
        raise BadInput(field="reference", problem=f"{len(reference)} > {REFERENCE_MOST}")
    fixed = sorted(tag_number("reference", text) for text in reference)
    row, _ = Gate.objects.update_or_create(
        reader=reader, defaults={"name": name, "place": place, "layout": layout, "reference": fixed}
    )
    event_record(events.GATE_SET, subject=row, by=by, at=at, org_ids=(place.pk,), gate=reader, layout=layout)
    return row


@transaction.atomic
def item_state_set(*, item: Item, to: str, by: Actor, at: datetime) -> Item:
    """A keeper inspects, repairs, misses, proposes for scrapping. Raises ``WrongState``."""
    require(by, "equipment.scrap" if to == "scrapped" else "equipment.keep")
    if to not in BY_HAND:
        raise BadInput(field="state", problem=to)
    only_from = tuple(state for state in ITEM.states if state != "out")
    ITEM.move(item, to, at=at, subject=str(item), only_from=only_from)
    of_item(events.ITEM_MOVED, item, by=by, at=at, state=to)
    return item
