"""What stations can field and what is to be bought."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.equipment import selectors

YEARS_AHEAD = 5


def day_named(text: str) -> date | None:
    """The day a form named; none where there is no such day."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def plan(request: HttpRequest) -> HttpResponse:
    """What stations can field on a day, what care is due, and what has to be bought in which year."""
    actor, at = page_actor(request, "equipment.view"), now()
    on = day_named(request.GET.get("on", "")) or timezone.localdate(at)
    rows, unknown = selectors.replacement_plan(actor, until=on.year + YEARS_AHEAD)
    context = {
        "on": on,
        "fielded": selectors.readiness(actor, on=on),
        "due": selectors.care_due_of(actor, at=at)[: selectors.SHOWN],
        "rows": rows,
        "unknown": unknown,
    }
    return render(request, "equipment/plan.html", {**context, "default_theme": "light"})


urlpatterns = [
    path("equipment/plan", plan, name="plan"),
]
