"""What waits for a keeper: how much of each sort, and the most pressing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.equipment.care_reading import CareCount, Due, care_counts, care_due_of
from anlan.equipment.life_reading import Fielded, readiness
from anlan.equipment.models import (
    Booking,
    Gate,
    GateQuestion,
    Item,
    ItemTransfer,
    Loan,
    Repair,
    Scrapping,
    StrayReader,
)

SHOWN = 10
"""So many of each sort stand on the day's page; the rest is a page further."""
SILENT_AFTER = timedelta(minutes=10)
"""A reader that hasn't told anything for so long is told as silent: that isn't "nobody took anything"."""
LONGER = Q(state="out", asked_until__isnull=False)
FAULT = Q(state="out") & ~Q(fault="")
UNFIT = ("inspection", "repair", "missing", "scrap_proposed")


@dataclass(frozen=True, slots=True)
class Day:
    """What waits for a keeper, the most pressing first; of each sort a few, and in ``counts`` how many there are."""

    questions: list[GateQuestion]
    proposed: list[Loan]
    overdue: list[Loan]
    out: list[Loan]
    items: list[Item]
    gates: list[tuple[Gate, bool]]
    care: list[Due]
    plans: list[CareCount]
    short: list[Fielded]
    counts: dict[str, int]


def day_of(actor: Actor, *, at: datetime) -> Day:
    """The keeper's day in the actor's reach; of each list at most :data:`SHOWN`."""
    questions = GateQuestion.objects.visible_to(actor).filter(state="waiting")
    gates = Gate.objects.visible_to(actor)
    plans = care_counts(actor, at=at)
    short = [line for line in readiness(actor, on=timezone.localdate(at)) if line.short]
    counts = _counts(actor, at) | {
        "questions": questions.count(),
        "care_over": sum(plan.over for plan in plans),
        "care_soon": sum(plan.soon for plan in plans),
        "short": len(short),
        "strays": StrayReader.objects.count(),
    }
    return Day(
        questions=list(questions.select_related("item__model", "person", "passage__gate").order_by("id")[:SHOWN]),
        proposed=list(loans_of(actor, "proposed", at=at)[:SHOWN]),
        overdue=list(loans_of(actor, "overdue", at=at)[:SHOWN]),
        out=list(loans_of(actor, "out", at=at)[:SHOWN]),
        items=list(
            Item.objects.visible_to(actor)
            .filter(state__in=UNFIT)
            .select_related("model", "place")
            .order_by("state_since")[:SHOWN]
        ),
        gates=[(gate, gate.heard_at is None or at - gate.heard_at > SILENT_AFTER) for gate in gates],
        care=care_due_of(actor, at=at, limit=SHOWN) if counts["care_over"] else [],
        plans=plans,
        short=short,
        counts=counts,
    )


def loans_of(actor: Actor, show: str, *, at: datetime) -> QuerySet[Loan]:
    """Open loans in reach, due first on top: ``proposed``, ``overdue`` or ``out`` (neither of the two), of all that
    are out those ``longer`` asked for and those with a ``fault`` their holders told."""
    rows: QuerySet[Loan] = Loan.objects.visible_to(actor).select_related("item__model", "holder")
    asked = {
        "proposed": Q(state="proposed"),
        "overdue": Q(state="out", due_at__lte=at),
        "longer": LONGER,
        "fault": FAULT,
    }
    return rows.filter(asked.get(show, Q(state="out", due_at__gt=at))).order_by("due_at", "id")


def _counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How much of each sort there is, a query a table."""

    def of(rows: QuerySet[Item], **asked: Q) -> dict[str, int]:
        told: dict[str, int] = rows.order_by().aggregate(**{name: Count("pk", filter=q) for name, q in asked.items()})
        return told

    return {
        **of(
            Loan.objects.visible_to(actor),
            proposed=Q(state="proposed"),
            overdue=Q(state="out", due_at__lte=at),
            out=Q(state="out", due_at__gt=at),
            longer=LONGER,
            fault=FAULT,
        ),
        **of(
            Item.objects.visible_to(actor),
            inspection=Q(state="inspection"),
            missing=Q(state="missing"),
            unfit=Q(state__in=UNFIT),
        ),
        **of(Repair.objects.visible_to(actor), repairs=Q(state="open")),
        **of(
            Scrapping.objects.visible_to(actor),
            scrap_proposed=Q(state="proposed"),
            scrap_approved=Q(state="approved"),
        ),
        **of(Booking.objects.visible_to(actor), bookings=Q(state="asked", ends_at__gt=at)),
        **of(ItemTransfer.objects.visible_to(actor), transfers=Q(state="under_way")),
    }
