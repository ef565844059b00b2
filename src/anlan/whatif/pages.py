"""What if: the form and the questions asked, and one answer."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.pages import command_post, day_posted, page_actor
from anlan.whatif import selectors, services
from anlan.whatif.errors import RunsOutOfRange
from anlan.whatif.rules import MOST_DAYS, OFFERED, RUNS, UNITS, USUAL_DAYS, USUAL_RUNS, WAITING
from anlan.whatif.words import bound_rows, day_rows, fact_lines, few_days, figure_rows, policy_words, refusal_words

SEEDS = 2**31


def questions(request: HttpRequest) -> HttpResponse:
    """The newest questions, and the form that asks one."""
    actor = page_actor(request, "whatif.view")
    yesterday = timezone.localdate(now()) - timedelta(days=1)
    context = {
        "questions": [
            {"row": row, "a": policy_words(row.policy_a), "b": policy_words(row.policy_b)}
            for row in selectors.questions_for(actor)
        ],
        "organisations": selectors.organisations_to_try(actor),
        "first_day": yesterday - timedelta(days=USUAL_DAYS - 1),
        "last_day": yesterday,
        "runs": USUAL_RUNS,
        "most_runs": RUNS[1],
        "most_days": MOST_DAYS,
        "units": UNITS,
        "sides": [("a", "closest"), ("b", "cover")],
        "offered": OFFERED,
        "waiting": WAITING,
        "default_theme": "light",
    }
    return _answer(request, "whatif/questions.html", context)


@require_POST
def question_new(request: HttpRequest) -> HttpResponse:
    """Keep a question; the worker takes it up."""
    actor = page_actor(request, "whatif.ask")
    organisation = _organisation(actor, request.POST.get("organisation", ""))
    first_day, last_day = day_posted(request, "first_day"), day_posted(request, "last_day")
    policies = (_policy(request, "a"), _policy(request, "b"))
    runs = _runs(request)
    seed = secrets.randbelow(SEEDS)

    def ask(by: Actor, at: datetime) -> int:
        return services.question_ask(
            organisation=organisation, first_day=first_day, last_day=last_day, policies=policies, runs=runs,
            seed=seed, by=by, at=at,
        ).pk  # fmt: skip

    return redirect("whatif:question", command_post(request, "whatif.ask", ask))


def _organisation(actor: Actor, code: str) -> Organisation:
    for row in selectors.organisations_to_try(actor):
        if row.code == code:
            return row
    raise NotFound


def _runs(request: HttpRequest) -> int:
    text = request.POST.get("runs", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise RunsOutOfRange(low=RUNS[0], high=RUNS[1], value=text[:40] or "–")
    return int(text)


def _policy(request: HttpRequest, side: str) -> str:
    """The policy of one side of the form, in the words the engine reads."""
    told = {name: request.POST.get(f"{side}_{name}", "").strip() for name in ("send", "wait", "units", "divert")}
    parts = [told["send"], told["wait"]]
    if told["units"] not in ("", "0"):
        parts.append(f"units:{told['units']}")
    if told["divert"]:
        parts.append(f"divert:{told['divert']}")
    return "+".join(part for part in parts if part)


def question(request: HttpRequest, question_id: int) -> HttpResponse:
    """One question: what was asked, what was found, how sure it is, and what it was read from."""
    actor = page_actor(request, "whatif.view")
    row = selectors.question_for(actor, question_id)
    by_side = {"a": row.policy_a, "b": row.policy_b}
    context = {
        "question": row,
        "a": policy_words(row.policy_a),
        "b": policy_words(row.policy_b),
        "figures": figure_rows(row),
        "bound": bound_rows(row),
        "few_days": few_days(row),
        "facts": fact_lines(row.facts),
        "refusal": refusal_words(row),
        "failed": [(policy_words(by_side[side]), why) for side, why in row.answer.get("failed", {}).items()],
        "by_day": day_rows(row),
        "default_theme": "light",
    }  # fmt: skip
    return _answer(request, "whatif/question.html", context)


@require_POST
def question_drop(request: HttpRequest, question_id: int) -> HttpResponse:
    """Give a question up."""

    def drop(by: Actor, at: datetime) -> int:
        row = selectors.question_for(by, question_id)
        services.question_drop(question=row, by=by, at=at)
        return row.pk

    return redirect("whatif:question", command_post(request, "whatif.ask", drop))


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


app_name = "whatif"
urlpatterns = [
    path("whatif", questions, name="questions"),
    path("whatif/new", question_new, name="question_new"),
    path("whatif/<int:question_id>", question, name="question"),
    path("whatif/<int:question_id>/drop", question_drop, name="question_drop"),
]
