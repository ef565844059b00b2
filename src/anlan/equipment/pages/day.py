"""The keeper's day, and one thing's story."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.pages import command_post, page_actor
from anlan.core.sentences import sentence_for
from anlan.equipment import selectors, services


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


urlpatterns = [
    path("equipment", day, name="day"),
    path("equipment/items/<str:number>", item, name="item"),
    path("equipment/questions/<int:question_id>", answer, name="answer"),
    path("equipment/loans/<int:loan_id>/confirm", confirm, name="confirm"),
    path("equipment/loans/<int:loan_id>/return", give_back, name="return"),
]
