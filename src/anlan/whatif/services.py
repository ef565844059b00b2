"""A question is asked, taken up, answered, refused or given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.dispatch.selectors.ruling import ruling_in_force
from anlan.engines.simulation import CoverAware, Policy, PolicyUnknown, policy_read
from anlan.whatif import events
from anlan.whatif.errors import PoliciesAlike, PolicyUnreadable, RunsOutOfRange, SpanUnreadable
from anlan.whatif.models import Question
from anlan.whatif.rules import MOST_DAYS, QUESTION, RUNS, days_between


def policy_of(text: str) -> Policy:
    """The policy with the live rooms' own numbers. Raises ``PolicyUnreadable``."""
    try:
        policy = policy_read(text)
    except PolicyUnknown as wrong:
        raise PolicyUnreadable(value=text[:64], part=wrong.part[:32]) from wrong
    if isinstance(policy.send, CoverAware):
        ruling = ruling_in_force()
        return replace(policy, send=CoverAware(ruling.cover_cap_s, ruling.cover_least))
    return policy


@transaction.atomic
def question_ask(
    *,
    organisation: Organisation,
    first_day: date,
    last_day: date,
    policies: tuple[str, str],
    runs: int,
    seed: int,
    by: Actor,
    at: datetime,
) -> Question:
    """Keep a question; the worker takes it up. Raises what is wrong with it, naming it."""
    require(by, "whatif.ask")
    if not (by.sees_all or organisation.pk in by.org_ids):
        raise NotFound
    if not (first_day <= last_day < timezone.localdate(at) and days_between(first_day, last_day) <= MOST_DAYS):
        raise SpanUnreadable(most=MOST_DAYS)
    if not RUNS[0] <= runs <= RUNS[1]:
        raise RunsOutOfRange(low=RUNS[0], high=RUNS[1], value=runs)
    for text in policies:
        if len(text) > 64:
            raise PolicyUnreadable(value=text[:64], part=text[:32])
        policy_of(text)
    if policies[0] == policies[1]:
        raise PoliciesAlike(value=policies[0])
    row = Question.objects.create(
        organisation=organisation, first_day=first_day, last_day=last_day, policy_a=policies[0], policy_b=policies[1],
        runs=runs, seed=seed, state_since=at, asked_at=at, asked_by_id=by.id if by.kind == "person" else None,
    )  # fmt: skip
    _tell(events.QUESTION_ASKED, row, by=by, at=at, days=days_between(first_day, last_day), runs=runs)
    return row


@transaction.atomic
def question_begin(*, question: Question, by: Actor, at: datetime) -> None:
    """Take a question up."""
    QUESTION.move(question, "running", at=at, subject=str(question))
    _tell(events.QUESTION_BEGUN, question, by=by, at=at)


def question_told(*, question: Question, runs_done: int) -> bool:
    """Keep how many runs are done, to be shown; False where it was given up. No event: the figure passes with it."""
    running = Question.objects.filter(pk=question.pk, state="running")
    return bool(running.update(runs_done=runs_done))


@transaction.atomic
def question_again(*, question: Question, by: Actor, at: datetime) -> None:
    """Put back a question whose worker ended."""
    QUESTION.move(question, "waiting", at=at, subject=str(question), runs_done=0)
    _tell(events.QUESTION_LEFT, question, by=by, at=at)


@transaction.atomic
def question_answer(
    *, question: Question, facts: dict[str, Any], answer: dict[str, Any], by: Actor, at: datetime
) -> None:
    """Keep what was found out."""
    QUESTION.move(question, "done", at=at, subject=str(question), facts=facts, answer=answer)
    _tell(
        events.QUESTION_ANSWERED, question, by=by, at=at, calls=facts.get("calls", 0), blocks=answer.get("blocks", 0)
    )


@transaction.atomic
def question_refuse(*, question: Question, refusal: dict[str, Any], by: Actor, at: datetime) -> None:
    """Keep why it can't be answered."""
    QUESTION.move(question, "refused", at=at, subject=str(question), refusal=refusal)
    _tell(events.QUESTION_REFUSED, question, by=by, at=at, code=refusal.get("code", ""))


@transaction.atomic
def question_drop(*, question: Question, by: Actor, at: datetime) -> None:
    """Give a question up before it is answered."""
    require(by, "whatif.ask")
    QUESTION.move(question, "dropped", at=at, subject=str(question))
    _tell(events.QUESTION_DROPPED, question, by=by, at=at)


def _tell(kind: str, question: Question, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(kind, subject=question, by=by, at=at, org_ids=[question.organisation_id], **data)
