"""What doors saw and what came of it as EPCIS 2.0 events: tags, doors, places and times; nobody's name or badge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.engines.epcis import Correction, Observed, document, observed_event
from anlan.equipment.models import GateQuestion, Loan, Passage

MOVEMENT = {"loan": "taken_out", "return": "brought_back"}


def epcis_of(*, since: datetime, until: datetime, at: datetime) -> dict[str, Any]:
    """The document of all passages that ended in the time: loans and returns the door wrote, and what it asked.

    A loan that was reversed, and a question that a keeper denied, are told and declared wrong
    (``errorDeclaration``): what a door said is never taken away.
    """
    passages = Passage.objects.filter(ended_at__gte=since, ended_at__lt=until).select_related("gate__place")
    events: list[dict[str, Any]] = []
    for row in passages.order_by("ended_at", "id"):
        for loan in row.loans_out.select_related("item").prefetch_related("item__tags"):
            events += _loan(row, loan, "loan")
        for loan in row.loans_in.select_related("item").prefetch_related("item__tags"):
            events += _loan(row, loan, "return")
        events += [one for question in row.questions.all() for one in _question(row, question)]
    return document(events, at=at)


def _loan(row: Passage, loan: Loan, claim: str) -> list[dict[str, Any]]:
    epcs = tuple(tag.epc for tag in loan.item.tags.all() if tag.off_at is None)
    if not epcs:
        return []
    sure = loan.confidence if claim == "loan" else None
    one = _observed(row, f"loan-{loan.pk}-{claim}", epcs, MOVEMENT[claim], sure)
    wrong = claim == "loan" and loan.state == "reversed"
    return _told(one, Correction(loan.state_since, "did_not_occur") if wrong else None)


def _question(row: Passage, question: GateQuestion) -> list[dict[str, Any]]:
    """What the door supposed; denied it is declared wrong. Agreed, the loan that came of it is told by itself."""
    one = _observed(row, f"question-{question.pk}", (question.epc,), MOVEMENT[question.claim], question.confidence)
    denied = question.state == "denied"
    return _told(one, Correction(question.state_since, "incorrect_data") if denied else None)


def _told(one: Observed, correction: Correction | None) -> list[dict[str, Any]]:
    first = observed_event(one)
    return [first] if correction is None else [first, observed_event(one, correction)]


def _observed(row: Passage, key: str, epcs: tuple[str, ...], movement: str, confidence: float | None) -> Observed:
    gate = row.gate
    return Observed(
        f"{gate.reader}:{row.begin_us}:{key}", row.ended_at, row.judged_at, epcs, gate.reader, gate.place.code,
        movement, confidence,
    )  # fmt: skip
