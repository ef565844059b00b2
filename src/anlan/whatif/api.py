"""JSON doors of this room: ask, see how far it is, read the answer, give it up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from anlan.core.actor import Actor
from anlan.core.api import REFUSALS, actor_of, command
from anlan.core.errors import NotFound
from anlan.whatif import selectors, services
from anlan.whatif.models import Question
from anlan.whatif.rules import FIGURES, Figure
from anlan.whatif.shapes import AnswerOut, QuestionIn, QuestionOut, QuestionsOut
from anlan.whatif.words import fact_lines, verdict

router = Router(tags=["whatif"])
UNITS = {"share": "share", "time": "s"}


@router.get("/whatif/questions", response={200: QuestionsOut, **REFUSALS})
def questions(request: HttpRequest) -> Any:
    """The newest questions in your reach."""
    actor = actor_of(request, "whatif.view")
    return {"questions": [_question(row) for row in selectors.questions_for(actor)]}


@router.post("/whatif/questions", response={201: QuestionOut, **REFUSALS})
@command("whatif.ask", status=201)
def question_ask(request: HttpRequest, actor: Actor, at: datetime, body: QuestionIn) -> Any:
    """Ask what another policy would have done; it is worked out behind everything else, one question at a time."""
    found = [row for row in selectors.organisations_to_try(actor) if row.code == body.organisation]
    if not found:
        raise NotFound
    row = services.question_ask(
        organisation=found[0], first_day=body.first_day, last_day=body.last_day,
        policies=(body.first_policy, body.second_policy), runs=body.runs, seed=body.seed, by=actor, at=at,
    )  # fmt: skip
    return _question(row)


@router.get("/whatif/questions/{question_id}", response={200: AnswerOut, **REFUSALS})
def question(request: HttpRequest, question_id: int) -> Any:
    """One question: how many of its runs are done, and once it is ``done`` the answer."""
    row = selectors.question_for(actor_of(request, "whatif.view"), question_id)
    answer = row.answer
    sides = {"a": row.policy_a, "b": row.policy_b}
    return {
        **_question(row),
        "blocks": answer.get("blocks", 0),
        "calls": answer.get("calls", 0.0),
        "figures": [_figure(figure, answer) for figure in FIGURES] if answer else [],
        "failed": {sides[side]: why for side, why in answer.get("failed", {}).items()},
        "read_from": [str(line) for line in fact_lines(row.facts)],
        "by_day": answer.get("by_day", []),
        "refusal": row.refusal,
    }


@router.post("/whatif/questions/{question_id}/drop", response={200: QuestionOut, **REFUSALS})
@command("whatif.ask")
def question_drop(request: HttpRequest, actor: Actor, at: datetime, question_id: int) -> Any:
    """Give a question up before it is answered: the work on it ends after the run in hand."""
    row = selectors.question_for(actor, question_id)
    services.question_drop(question=row, by=actor, at=at)
    return _question(row)


def _question(row: Question) -> dict[str, Any]:
    return {
        "id": row.pk,
        "organisation": row.organisation.code,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "first_policy": row.policy_a,
        "second_policy": row.policy_b,
        "runs": row.runs,
        "runs_done": row.runs_done,
        "seed": row.seed,
        "definition": row.version,
        "state": row.state,
        "asked_at": row.asked_at.isoformat(),
    }


def _figure(figure: Figure, answer: dict[str, Any]) -> dict[str, Any]:
    figures, difference = answer.get("figures", {}), answer.get("difference", {}).get(figure.key)
    bound = answer.get("bound", {})
    return {
        "key": figure.key,
        "name": str(figure.name),
        "definition": str(figure.definition),
        "unit": UNITS.get(figure.kind, figure.kind),
        "first": _range(figures.get("a", {}).get(figure.key)),
        "second": _range(figures.get("b", {}).get(figure.key)),
        "difference": _range(difference),
        "verdict": str(verdict(difference, figure)) if difference else "",
        **{part: _range(bound.get(part, {}).get(figure.key)) for part in ("best", "left", "found", "sure")},
    }


def _range(row: list[float | None] | None) -> dict[str, float | None] | None:
    return None if row is None else dict(zip(("value", "low", "high"), row, strict=True))
