"""What the books say when somebody goes through a door: whose things are, who has them, who booked them for now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from anlan.accounts.models import Person
from anlan.engines.gate import Known
from anlan.equipment.models import Booking, Gate, Item, ItemTag, Loan, StaffBadge

BOOKED_EARLY = timedelta(hours=1)
"""Whoever booked a thing from eight may fetch it from seven on."""
NOT_HERE = ("missing", "moving", "scrapped")
"""States of what no store holds: turned up at a door it is asked after, whichever way it goes."""


@dataclass(frozen=True, slots=True)
class Books:
    """``items`` and what is ``known`` of them by tag; ``people`` by the badges that were shown."""

    items: dict[str, Item]
    known: dict[str, Known]
    people: dict[str, Person]


def books_of(gate: Gate, epcs: Iterable[str], badges: Iterable[str], *, at: datetime) -> Books:
    """Of the tags heard; of what those who showed a badge have booked from this store and nobody has lent; and of
    what went out together with something heard."""
    shown = StaffBadge.objects.filter(number__in=list(badges), taken_at=None, person__is_active=True)
    people = {badge.number: badge.person for badge in shown.select_related("person")}
    tags = ItemTag.objects.filter(epc__in=list(epcs), off_at=None).select_related("item__model")
    items = {tag.epc: tag.item for tag in tags}
    chips = {tag.epc: tag.tid.upper() for tag in tags}
    items |= _forgotten(gate, people, {item.pk for item in items.values()}, at=at)
    items |= _left_with({item.pk for item in items.values()})
    lent = _lent(items)
    booked = _booked(items, people, at=at)
    known = {
        epc: Known(
            item.number,
            item.model.is_controlled,
            lent.get(item.pk, ("", ""))[0],
            frozenset(booked[item.pk]),
            lent.get(item.pk, ("", ""))[1],
            chips.get(epc, ""),
            item.place_id == gate.place_id and item.state not in NOT_HERE,
        )
        for epc, item in items.items()
    }
    return Books(items, known, people)


def booking_for(item: Item, person: Person, *, at: datetime) -> Booking | None:
    """The approved booking under which this person fetches the thing now."""
    return _holding(at).filter(item=item, person=person).first()


def _holding(at: datetime) -> models.QuerySet[Booking]:
    """Approved bookings whose time it is."""
    return Booking.objects.filter(state="approved", starts_at__lte=at + BOOKED_EARLY, ends_at__gt=at)


def _forgotten(gate: Gate, people: Mapping[str, Person], heard: set[int], *, at: datetime) -> dict[str, Item]:
    """By one tag each: what these people booked from this store, lies there, and wasn't heard."""
    mine = _holding(at).filter(person__in=people.values(), item__place=gate.place_id, item__state="in_store")
    return _one_tag_each(mine.exclude(item__in=heard).values("item"))


def _one_tag_each(items: models.QuerySet[Any, Any]) -> dict[str, Item]:
    tags = ItemTag.objects.filter(item__in=items, off_at=None).select_related("item__model").order_by("-id")
    return {tag.epc: tag.item for tag in {tag.item_id: tag for tag in tags}.values()}


def _left_with(heard: set[int]) -> dict[str, Item]:
    """By one tag each: what the same people took at the same moment as something heard, and wasn't heard."""
    own = Loan.objects.filter(item__in=heard, state="out")
    same = own.filter(holder=models.OuterRef("holder"), made_at=models.OuterRef("made_at"))
    return _one_tag_each(Loan.objects.filter(models.Exists(same), state="out").exclude(item__in=heard).values("item"))


def _lent(items: Mapping[str, Item]) -> dict[int, tuple[str, str]]:
    """By item: the badge of who has it (without one it is lent all the same), and the taking in which it went out:
    who and when, the same for what went out together."""
    rows = Loan.objects.filter(item__in=items.values(), state="out").values_list("item_id", "holder_id", "made_at")
    lent = {item: (holder, made_at) for item, holder, made_at in rows}
    own = StaffBadge.objects.filter(person__in={holder for holder, _ in lent.values()}, taken_at=None)
    badges = dict(own.values_list("person_id", "number"))
    return {
        item: (badges.get(holder, f"person-{holder}"), f"{holder}@{made_at.isoformat()}")
        for item, (holder, made_at) in lent.items()
    }


def _booked(items: Mapping[str, Item], people: Mapping[str, Person], *, at: datetime) -> Mapping[int, set[str]]:
    """Badges shown here whose owners booked it for now, by item."""
    badges = defaultdict(set)
    for number, person in people.items():
        badges[person.pk].add(number)
    booked: defaultdict[int, set[str]] = defaultdict(set)
    mine = _holding(at).filter(item__in=items.values(), person__in=people.values())
    for item_id, person_id in mine.values_list("item_id", "person_id"):
        booked[item_id] |= badges[person_id]
    return booked
