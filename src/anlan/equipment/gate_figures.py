"""How much doors told and what was written of it, in numbers alone: for whoever measures, nobody's name or way."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Max, Sum

from anlan.equipment.models import Gate, GateBatch, GateQuestion, Loan, Passage


def events_kept() -> int:
    """Events in all messages that readers told."""
    return int(GateBatch.objects.aggregate(n=Sum("count"))["n"] or 0)


def messages_kept() -> int:
    """Messages that are known, with their lines or without."""
    return GateBatch.objects.count()


def doors_behind() -> int:
    """Doors that told something which isn't judged yet."""
    last = dict(GateBatch.objects.values_list("gate").annotate(last=Max("id")))
    return sum(gate.judged_to < last.get(gate.pk, 0) for gate in Gate.objects.all())


def books_count() -> dict[str, int]:
    """Rows that doors, or people because of them, wrote."""
    return {
        "loans": Loan.objects.count(),
        "loans out": Loan.objects.filter(state="out").count(),
        "passages": Passage.objects.count(),
        "questions": GateQuestion.objects.count(),
    }


def ends_us(passages: Collection[int]) -> dict[int, int]:
    """By passage: when it ended by its reader's clock, microseconds."""
    return dict(Passage.objects.filter(pk__in=passages).values_list("id", "end_us"))
