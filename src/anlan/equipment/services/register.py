"""Kinds of things, things, tags, badges and doors are entered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.engines.rfid import EpcProblem, epc_decode
from anlan.equipment import events
from anlan.equipment.errors import BadgeTaken, NumberTaken, TagTaken
from anlan.equipment.models import Gate, Item, ItemModel, ItemTag, StaffBadge
from anlan.equipment.rules import ITEM

BY_HAND = ("in_store", "inspection", "repair", "missing", "scrap_proposed", "scrapped")
"""States a keeper sets; ``out`` comes of a loan alone."""


def in_reach(by: Actor, organisation: Organisation) -> None:
    """Raise ``NotFound`` for an organisation beyond the actor's reach."""
    if not (by.sees_all or organisation.pk in by.org_ids):
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
    *, code: str, name: str, measure_word: str = "件", is_controlled: bool = False, by: Actor, at: datetime
) -> ItemModel:
    """A kind of thing; known by its code it is given back as it is."""
    require(by, "equipment.register")
    if not code.strip() or not name.strip():
        raise BadInput(field="code", problem=code)
    row, is_new = ItemModel.objects.get_or_create(
        code=code.strip(),
        defaults={"name": name.strip(), "measure_word": measure_word, "is_controlled": is_controlled},
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
    epc: str = "",
    by: Actor,
    at: datetime,
) -> Item:
    """Enter a thing, with a tag where it has one. Raises ``NumberTaken`` and ``TagTaken``."""
    require(by, "equipment.register")
    in_reach(by, owner)
    if not number.strip():
        raise BadInput(field="number", problem=number)
    try:
        with transaction.atomic():
            item = Item.objects.create(
                number=number.strip(), model=model, owner=owner, place=place or owner, serial=serial,
                bought_on=bought_on, state_since=at,
            )  # fmt: skip
    except IntegrityError:
        raise NumberTaken(item=number) from None
    of_item(events.ITEM_ENTERED, item, by=by, at=at)
    if epc:
        tag_stick(item=item, epc=epc, by=by, at=at)
    return item


@transaction.atomic
def tag_stick(*, item: Item, epc: str, tid: str = "", by: Actor, at: datetime) -> ItemTag:
    """A tag is on an item from now on. Raises ``BadInput`` for no number, ``TagTaken`` where it sticks elsewhere."""
    require(by, "equipment.register")
    try:
        number = epc_decode(epc).hex
    except EpcProblem as wrong:
        raise BadInput(field="epc", problem=wrong.reason) from wrong
    try:
        with transaction.atomic():
            tag = ItemTag.objects.create(item=item, epc=number, tid=tid, stuck_at=at)
    except IntegrityError:
        other = ItemTag.objects.select_related("item").get(epc=number, off_at=None)
        raise TagTaken(epc=number, item=str(other.item), since=other.stuck_at) from None
    of_item(events.TAG_STUCK, item, by=by, at=at, epc=number)
    return tag


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
def gate_set(
    *, reader: str, name: str, place: Organisation, layout: str, reference: list[str], by: Actor, at: datetime
) -> Gate:
    """A door with a reader, entered or changed."""
    require(by, "equipment.register")
    in_reach(by, place)
    row, _ = Gate.objects.update_or_create(
        reader=reader, defaults={"name": name, "place": place, "layout": layout, "reference": sorted(reference)}
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
