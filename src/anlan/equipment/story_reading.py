"""One thing's whole story in the order of time: every change of it and of what hangs on it, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext

from anlan.accounts.models import Person
from anlan.core.models import Event
from anlan.core.sentences import sentence_for
from anlan.equipment import events
from anlan.equipment.models import (
    Booking,
    GateQuestion,
    Inspection,
    Item,
    ItemTag,
    ItemTransfer,
    Loan,
    Repair,
    Scrapping,
)

LINES = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One change: when, in words, by whom, and what only the record beside it tells."""

    key: int
    at: datetime
    text: str
    who: str
    detail: str


@dataclass(frozen=True, slots=True)
class Story:
    """Some lines, newest first; ``before`` opens the older ones, None where there are none."""

    lines: list[Line]
    before: int | None


def story_of(item: Item, *, before: int | None = None, lines: int = LINES) -> Story:
    """A page of an item's story, older than the line ``before``.

    Whatever names the item as its own is told, by its subject; what was deleted because its time was over isn't.
    """
    asked = Q(subject_type=_sort(Item), subject_id=item.pk)
    for model, _joins, _words in TOLD:
        own = model._base_manager.filter(item=item).order_by().values("pk")
        asked |= Q(subject_type=_sort(model), subject_id__in=own)
    rows = Event.objects.filter(asked)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: lines + 1])
    shown = found[:lines]
    return Story(_lines(shown), shown[-1].pk if len(found) > lines else None)


def _sort(model: type[Model]) -> str:
    return model._meta.label_lower


def _lines(rows: list[Event]) -> list[Line]:
    people = Person.objects.in_bulk({row.actor_id for row in rows if row.actor_kind == "person"})
    keys: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        keys[row.subject_type].add(row.subject_id)
    beside: dict[tuple[str, int], str] = {}
    for model, joins, words in TOLD:
        sort = _sort(model)
        if keys[sort]:
            records = {row.pk: row for row in model._base_manager.select_related(*joins).filter(pk__in=keys[sort])}
            for event in (row for row in rows if row.subject_type == sort and row.subject_id in records):
                beside[sort, event.pk] = " · ".join(part for part in words(records[event.subject_id], event) if part)
    return [
        Line(
            row.pk,
            row.at,
            sentence_for(row),
            people[row.actor_id].name if row.actor_id in people else gettext("the system"),
            beside.get((row.subject_type, row.pk), ""),
        )
        for row in rows
    ]


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _loan(row: Loan, event: Event) -> list[str]:
    by_door = row.passage_in if event.kind == events.LOAN_RETURNED else row.passage_out
    words = [row.holder.name, row.purpose]
    if event.kind in (events.LOAN_MADE, events.LOAN_PROPOSED):
        words.append(gettext("due {at}").format(at=_clock(row.due_at)))
    if event.kind == events.LOAN_RETURNED:
        words.append(gettext("damaged") if event.data.get("is_damaged") else "")
    if by_door is not None and row.confidence is not None:
        told = gettext("by the door {gate}, {share} sure")
        words.append(told.format(gate=by_door.gate.name, share=f"{row.confidence:.3f}"))
    return words


def _booking(row: Booking, event: Event) -> list[str]:
    return [row.person.name, row.purpose, f"{_clock(row.starts_at)} – {_clock(row.ends_at)}"]


def _transfer(row: ItemTransfer, event: Event) -> list[str]:
    return [f"{row.origin.name_shown} → {row.goal.name_shown}"]


def _inspection(row: Inspection, event: Event) -> list[str]:
    return [row.plan.name if row.plan else "", *row.failed, row.remark]


def _repair(row: Repair, event: Event) -> list[str]:
    is_over = event.kind == events.REPAIR_ENDED and row.cost_yuan is not None
    return [row.fault, f"¥ {row.cost_yuan}" if is_over else ""]


def _scrapping(row: Scrapping, event: Event) -> list[str]:
    if event.kind == events.DESTROYED and row.witness is not None:
        return [row.method, gettext("witness: {name}").format(name=row.witness.name)]
    return [row.reason, str(row.get_limit_display()) if row.limit else ""]


def _question(row: GateQuestion, event: Event) -> list[str]:
    return [row.passage.gate.name, str(row.get_reason_display())]


def _tag(row: ItemTag, event: Event) -> list[str]:
    return [row.tid]


TOLD: list[tuple[type[Model], tuple[str, ...], Callable[[Any, Event], list[str]]]] = [
    (Loan, ("holder", "passage_out__gate", "passage_in__gate"), _loan),
    (Booking, ("person",), _booking),
    (ItemTransfer, ("origin", "goal"), _transfer),
    (Inspection, ("plan",), _inspection),
    (Repair, (), _repair),
    (Scrapping, ("witness",), _scrapping),
    (GateQuestion, ("passage__gate",), _question),
    (ItemTag, (), _tag),
]
"""What hangs on a thing by its column ``item``: its rows, what is loaded with them, and what they add in words."""
