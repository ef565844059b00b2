"""Timed work of this room: questions are worked out one after the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from functools import partial

from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError, Overtaken, WrongState
from anlan.engines.simulation import WorldWrong, compare
from anlan.whatif.answering import answer_of
from anlan.whatif.errors import WorldRefused
from anlan.whatif.history import past_read, with_starts
from anlan.whatif.models import Question
from anlan.whatif.rules import BOUND_RUNS
from anlan.whatif.services import (
    policy_of,
    question_again,
    question_answer,
    question_begin,
    question_refuse,
    question_told,
)

SEARCHES = 2


def questions_open() -> bool:
    """Whether a question waits, or was left by a worker that ended. One small query."""
    return Question.objects.filter(state__in=("waiting", "running")).exists()


def questions_work(*, clock: Callable[[], datetime], pool: Executor | None = None) -> int:
    """Work out what waits, oldest first, no transaction open meanwhile; how many were answered.

    To be called by one process at a time: what it finds ``running`` was left by one that ended, and is begun anew.
    """
    for left in Question.objects.filter(state="running"):
        question_again(question=left, by=SYSTEM, at=clock())
    done = 0
    while row := Question.objects.filter(state="waiting").select_related("organisation").order_by("pk").first():
        try:
            question_begin(question=row, by=SYSTEM, at=clock())
            done += _answer(row, clock, pool)
        except (Overtaken, WrongState):
            continue  # given up meanwhile
    return done


def _told(row: Question, runs_done: int) -> None:
    """Show how far it is. Raises ``Overtaken`` where somebody gave the question up: the work ends there."""
    if not question_told(question=row, runs_done=runs_done):
        raise Overtaken(subject=str(row), state="dropped")


def _answer(row: Question, clock: Callable[[], datetime], pool: Executor | None) -> bool:
    names = (row.policy_a, row.policy_b)
    try:
        with ThreadPoolExecutor(SEARCHES) as threads:
            past = past_read(row.organisation, first_day=row.first_day, last_day=row.last_day, spread=threads.map)
        policies = with_starts(past, [policy_of(name) for name in names])
        told = compare(
            past.world, policies, runs=row.runs, seed=row.seed, executor=pool, told=partial(_told, row),
            bound_runs=BOUND_RUNS,
        )  # fmt: skip
    except Overtaken:
        raise
    except DomainError as refused:
        question_refuse(question=row, refusal=refused.as_json(), by=SYSTEM, at=clock())
        return False
    except WorldWrong as wrong:
        told_wrong = WorldRefused(field=wrong.field, problem=str(wrong.value))
        question_refuse(question=row, refusal=told_wrong.as_json(), by=SYSTEM, at=clock())
        return False
    answer = answer_of(told, days=past.days, names=names)
    question_answer(question=row, facts=past.facts, answer=answer, by=SYSTEM, at=clock())
    return True
