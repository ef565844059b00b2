"""Questions about things: who has what, what a keeper has to do today, and one thing's story."""

from __future__ import annotations

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.equipment.care_reading import care_due_of
from anlan.equipment.errors import HolderUnknown
from anlan.equipment.life_reading import readiness, replacement_plan
from anlan.equipment.load_reading import OnRecord, held_of_kinds, on_record
from anlan.equipment.models import Gate, GateQuestion, Item, Loan
from anlan.equipment.selectors_day import SILENT_AFTER, Day, day_of
from anlan.equipment.selectors_register import item_entered, papers_named
from anlan.equipment.story_reading import story_of

__all__ = [
    "SILENT_AFTER",
    "Day",
    "OnRecord",
    "care_due_of",
    "day_of",
    "gate_for",
    "gates_all",
    "held_by",
    "held_of_kinds",
    "holder_named",
    "item_entered",
    "item_for",
    "items_in_reach",
    "loan_for",
    "on_record",
    "papers_named",
    "question_for",
    "readiness",
    "replacement_plan",
    "story_of",
]

SHOWN = 200


def item_for(actor: Actor, number: str) -> Item:
    """The item, or ``NotFound``."""
    item: Item = Item.objects.select_related("model", "owner", "place").one_for(actor, number=number)
    return item


def loan_for(actor: Actor, loan_id: int) -> Loan:
    """The loan, or ``NotFound``."""
    loan: Loan = Loan.objects.select_related("item__model", "holder").one_for(actor, pk=loan_id)
    return loan


def question_for(actor: Actor, question_id: int) -> GateQuestion:
    """The door's question, or ``NotFound``."""
    row: GateQuestion = GateQuestion.objects.select_related("item__model", "person", "passage__gate").one_for(
        actor, pk=question_id
    )
    return row


def gate_for(actor: Actor, reader: str) -> Gate:
    """The door of a reader, or ``NotFound``."""
    gate: Gate = Gate.objects.one_for(actor, reader=reader)
    return gate


def holder_named(username: str) -> Person:
    """Who takes things, by the name they sign in with, at whatever station. Raises ``HolderUnknown``."""
    person = Person.objects.filter(username=username.strip(), is_active=True).first()
    if person is None:
        raise HolderUnknown(name=username.strip()[:60] or "–")
    return person


def items_in_reach(actor: Actor, *, limit: int = 500) -> list[Item]:
    """Everything in reach but what is scrapped, by store and number."""
    rows = Item.objects.visible_to(actor).exclude(state="scrapped").select_related("model", "place")
    return list(rows.order_by("place__code", "number")[:limit])


def held_by(person_id: int) -> list[Loan]:
    """What somebody has now, what is due first at the top."""
    rows = Loan.objects.filter(holder_id=person_id, state__in=("proposed", "out"))
    return list(rows.select_related("item__model").order_by("due_at", "id"))


def gates_all() -> list[Gate]:
    """Every door, for the worker."""
    return list(Gate.objects.all())
