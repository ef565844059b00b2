"""The keeper's day, one thing's story, and what I hold."""

from __future__ import annotations

from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.pages import command_post, page_actor
from anlan.core.sentences import sentence_for
from anlan.equipment import selectors, services

app_name = "equipment"
MOST_AT_ONCE = 200
YEARS_AHEAD = 5


def day(request: HttpRequest) -> HttpResponse:
    """What waits for a keeper."""
    actor = page_actor(request, "equipment.view")
    return render(request, "equipment/day.html", {"day": selectors.day_of(actor, at=now()), "default_theme": "light"})


def item(request: HttpRequest, number: str) -> HttpResponse:
    """One thing: whose, where, who has it, and its story."""
    actor = page_actor(request, "equipment.view")
    row = selectors.item_for(actor, number)
    loans, told = selectors.story_of(row)
    story = [(event.at, sentence_for(event)) for event in told]
    context = {"item": row, "tags": row.tags.filter(off_at=None), "loans": loans, "story": story}
    return render(request, "equipment/item.html", {**context, "default_theme": "light"})


def mine(request: HttpRequest) -> HttpResponse:
    """What I hold, on a telephone."""
    actor = page_actor(request, "equipment.own")
    held = selectors.held_by(actor.id) if actor.kind == "person" and actor.id is not None else []
    return render(request, "equipment/mine.html", {"held": held, "at": now(), "default_theme": "light"})


@require_POST
def answer(request: HttpRequest, question_id: int) -> HttpResponse:
    """A keeper answers what a door asked."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        question = selectors.question_for(actor, question_id)
        is_so = request.POST.get("so") == "yes"
        return {"question": services.question_answer(question=question, is_so=is_so, by=actor, at=at).pk}

    command_post(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:day"))


@require_POST
def confirm(request: HttpRequest, loan_id: int) -> HttpResponse:
    """The second person of a controlled loan."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        return {"loan": services.loan_confirm(loan=selectors.loan_for(actor, loan_id), by=actor, at=at).pk}

    command_post(request, "equipment.confirm", act)
    return HttpResponseRedirect(reverse("equipment:day"))


@require_POST
def give_back(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Taken back at the counter, whole or damaged."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        loan = selectors.loan_for(actor, loan_id)
        damaged = request.POST.get("damaged") == "yes"
        return {"loan": services.loan_return(loan=loan, is_damaged=damaged, by=actor, at=at).pk}

    command_post(request, "equipment.lend", act)
    return HttpResponseRedirect(reverse("equipment:day"))


def _numbers(request: HttpRequest, field: str = "numbers") -> list[str]:
    """Numbers as a scanner types them: a line each, or set apart by blanks and commas."""
    return request.POST.get(field, "").replace(",", " ").replace("，", " ").split()[:MOST_AT_ONCE]


def counter(request: HttpRequest) -> HttpResponse:
    """Lend and take back many at one go, with a scanner or by hand."""
    page_actor(request, "equipment.lend")
    return render(request, "equipment/counter.html", {"default_theme": "light"})


def _told(request: HttpRequest, answer: dict[str, Any]) -> HttpResponse:
    return render(request, "equipment/counter.html", {**answer, "default_theme": "light"})


def _rows(told: list[services.Told]) -> dict[str, Any]:
    rows = [
        {"number": one.number, "state": one.loan.state if one.loan else "", "refusal": one.refusal} for one in told
    ]
    return {"told": rows, "done": sum(one.loan is not None for one in told)}


@require_POST
def issue_many(request: HttpRequest) -> HttpResponse:
    """Lend what was scanned to one person."""

    def act(actor: Any, at: Any) -> dict[str, Any]:
        post = request.POST
        told = services.items_issue(
            numbers=_numbers(request), holder=selectors.holder_named(post.get("holder", "")), by=actor, at=at,
            purpose=post.get("purpose", ""), agreed=post.get("agreed") == "yes",
            authorisation=post.get("authorisation", ""),
        )  # fmt: skip
        return _rows(told)

    return _told(request, command_post(request, "equipment.lend", act))


@require_POST
def return_many(request: HttpRequest) -> HttpResponse:
    """Take back what was scanned; what isn't among it stays lent."""

    def act(actor: Any, at: Any) -> dict[str, Any]:
        damaged = _numbers(request, "damaged")
        numbers = [*_numbers(request), *damaged]
        return _rows(services.items_return(numbers=numbers, damaged=set(damaged), by=actor, at=at))

    return _told(request, command_post(request, "equipment.lend", act))


def plan(request: HttpRequest) -> HttpResponse:
    """What stations can field on a day, what care is due, and what has to be bought in which year."""
    actor, at = page_actor(request, "equipment.view"), now()
    asked = parse_date(request.GET.get("on", "")) if len(request.GET.get("on", "")) == 10 else None
    on = asked or timezone.localdate(at)
    rows, unknown = selectors.replacement_plan(actor, until=on.year + YEARS_AHEAD)
    context = {
        "on": on,
        "fielded": selectors.readiness(actor, on=on),
        "due": selectors.care_due_of(actor, at=at)[: selectors.SHOWN],
        "rows": rows,
        "unknown": unknown,
    }
    return render(request, "equipment/plan.html", {**context, "default_theme": "light"})


def labels(request: HttpRequest) -> HttpResponse:
    """A sheet of labels to print: number, name and a square to scan."""
    actor = page_actor(request, "equipment.view")
    items = [
        (item, segno.make(item.number, error="m", micro=False).svg_data_uri(scale=3, border=2, light="#fff"))
        for item in selectors.items_in_reach(actor)
    ]
    return render(request, "equipment/labels.html", {"items": items, "default_theme": "light"})


urlpatterns = [
    path("equipment/counter", counter, name="counter"),
    path("equipment/counter/issue", issue_many, name="issue_many"),
    path("equipment/counter/return", return_many, name="return_many"),
    path("equipment/plan", plan, name="plan"),
    path("equipment/labels", labels, name="labels"),
    path("equipment", day, name="day"),
    path("equipment/mine", mine, name="mine"),
    path("equipment/items/<str:number>", item, name="item"),
    path("equipment/questions/<int:question_id>", answer, name="answer"),
    path("equipment/loans/<int:loan_id>/confirm", confirm, name="confirm"),
    path("equipment/loans/<int:loan_id>/return", give_back, name="return"),
]
