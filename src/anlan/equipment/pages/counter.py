"""Lend and take back many at one go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from anlan.core.pages import page_actor
from anlan.equipment import selectors, services
from anlan.equipment.marks import marks_read
from anlan.equipment.pages.forms import command
from anlan.equipment.selectors_sharing import still_out

MOST_AT_ONCE = 200


def _numbers(request: HttpRequest, field: str = "numbers") -> list[str]:
    """What a scanner types: numbers, tags, labels' addresses, each once."""
    return marks_read(request.POST.get(field, ""))[0][:MOST_AT_ONCE]


def counter(request: HttpRequest) -> HttpResponse:
    """Lend and take back many at one go, with a scanner or by hand."""
    page_actor(request, "equipment.lend")
    return render(request, "equipment/counter.html", {"default_theme": "light"})


def _told(request: HttpRequest, answer: dict[str, Any]) -> HttpResponse:
    left = still_out(answer.get("holders", ())) if answer.get("is_return") else []
    return render(request, "equipment/counter.html", {**answer, "left": left, "default_theme": "light"})


def _rows(told: list[services.Told]) -> dict[str, Any]:
    rows = [
        {"number": one.number, "state": one.loan.state if one.loan else "", "refusal": one.refusal} for one in told
    ]
    holders = sorted({one.loan.holder_id for one in told if one.loan})
    return {"told": rows, "done": len([one for one in told if one.loan]), "holders": holders}


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

    return _told(request, command(request, "equipment.lend", act))


@require_POST
def return_many(request: HttpRequest) -> HttpResponse:
    """Take back what was scanned; what isn't among it stays lent."""

    def act(actor: Any, at: Any) -> dict[str, Any]:
        damaged = _numbers(request, "damaged")
        numbers = [*_numbers(request), *damaged]
        told = services.items_return(numbers=numbers, damaged=set(damaged), by=actor, at=at)
        return {**_rows(told), "is_return": True}

    return _told(request, command(request, "equipment.lend", act))


urlpatterns = [
    path("equipment/counter", counter, name="counter"),
    path("equipment/counter/issue", issue_many, name="issue_many"),
    path("equipment/counter/return", return_many, name="return_many"),
]
