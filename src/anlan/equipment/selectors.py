"""Questions about things: who has what, what a keeper has to do today, and one thing's story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.equipment.errors import HolderUnknown
from anlan.equipment.life_reading import care_due_of, held_of_kinds, readiness, replacement_plan
from anlan.equipment.models import Gate, GateQuestion, Item, Loan
from anlan.equipment.selectors_register import papers_named

__all__ = [
    "Day",
    "care_due_of",
    "day_of",
    "gate_for",
    "gates_all",
    "held_by",
    "held_of_kinds",
    "holder_named",
    "item_for",
    "items_in_reach",
    "loan_for",
    "papers_named",
    "question_for",
    "readiness",
    "replacement_plan",
    "story_of",
]

SHOWN = 200
SILENT_AFTER = timedelta(minutes=10)
"""A reader that hasn't told anything for so long is told as silent: that isn't "nobody took anything"."""


@dataclass(frozen=True, slots=True)
class Day:
    """What waits for a keeper: the most pressing first."""

    questions: list[GateQuestion]
    proposed: list[Loan]
    overdue: list[Loan]
    out: list[Loan]
    items: list[Item]
    gates: list[tuple[Gate, bool]]


def day_of(actor: Actor, *, at: datetime) -> Day:
    """The keeper's day in the actor's reach; of each list at most :data:`SHOWN`."""
    loans = Loan.objects.visible_to(actor).select_related("item__model", "holder").order_by("due_at", "id")
    questions = GateQuestion.objects.visible_to(actor).filter(state="waiting")
    gates = Gate.objects.visible_to(actor)
    return Day(
        questions=list(questions.select_related("item__model", "person", "passage__gate").order_by("id")[:SHOWN]),
        proposed=list(loans.filter(state="proposed")[:SHOWN]),
        overdue=list(loans.filter(state="out", due_at__lte=at)[:SHOWN]),
        out=list(loans.filter(state="out", due_at__gt=at)[:SHOWN]),
        items=list(
            Item.objects.visible_to(actor)
            .filter(state__in=("inspection", "repair", "missing", "scrap_proposed"))
            .select_related("model", "place")
            .order_by("state_since")[:SHOWN]
        ),
        gates=[(gate, gate.heard_at is None or at - gate.heard_at > SILENT_AFTER) for gate in gates],
    )


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


def story_of(item: Item, *, limit: int = SHOWN) -> tuple[list[Loan], list[Event]]:
    """Who had it, newest first, and what happened to it."""
    loans = list(item.loans.select_related("holder", "passage_out", "passage_in"))
    own = Event.objects.filter(subject_type="equipment.item", subject_id=item.pk)
    of_loans = Event.objects.filter(subject_type="equipment.loan", subject_id__in=[loan.pk for loan in loans])
    return loans[:limit], sorted([*own, *of_loans], key=lambda event: (event.at, event.pk), reverse=True)[:limit]


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
