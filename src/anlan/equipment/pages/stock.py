"""Stock-take: a handheld's sweep or typed numbers, held against the book."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from anlan.core.pages import page_actor
from anlan.equipment import selectors_sharing as shared
from anlan.equipment import services
from anlan.equipment.errors import NothingRead
from anlan.equipment.marks import marks_read
from anlan.equipment.pages.forms import command

MOST_BYTES = 2_000_000
MOST_MARKS = 20_000


def counts(request: HttpRequest) -> HttpResponse:
    """Counts of the stores in reach, and a form for a new one."""
    actor = page_actor(request, "equipment.view")
    context = {
        "counts": shared.counts_of(actor),
        "stores": shared.stores_in_reach(actor),
        "models": shared.models_all(),
    }
    return render(request, "equipment/counts.html", {**context, "default_theme": "light"})


def count(request: HttpRequest, count_id: int) -> HttpResponse:
    """One count: seen, not seen, of other stores, known to nobody."""
    actor = page_actor(request, "equipment.view")
    row = shared.count_for(actor, count_id)
    known = {item.number: item for item in shared.items_numbered([*row.missing, *row.others])}
    context = {
        "count": row,
        "missing": [(number, known.get(number)) for number in row.missing],
        "others": [(number, known.get(number)) for number in row.others],
    }
    return render(request, "equipment/count.html", {**context, "default_theme": "light"})


def _read(request: HttpRequest) -> list[str]:
    """The marks that a keeper typed, scanned or handed in as a file. Raises ``NothingRead``."""
    page_actor(request, "equipment.keep")
    text = request.POST.get("read", "")
    if upload := request.FILES.get("file"):
        text += "\n" + upload.read(MOST_BYTES).decode("utf-8", "replace")
    marks, _ = marks_read(text.replace("\0", " "))
    if not marks:
        raise NothingRead
    return marks[:MOST_MARKS]


@require_POST
def count_begin(request: HttpRequest) -> HttpResponse:
    """The first sweep of a store."""
    marks = _read(request)

    def act(actor: Any, at: Any) -> dict[str, int]:
        place = shared.store_for(actor, request.POST.get("place", ""))
        model = shared.model_coded(request.POST.get("kind", ""))
        return {"count": services.stock_count(place=place, read=marks, model=model, by=actor, at=at).pk}

    made = command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:count", args=[made["count"]]))


@require_POST
def count_add(request: HttpRequest, count_id: int) -> HttpResponse:
    """Another sweep of the same count."""
    marks = _read(request)

    def act(actor: Any, at: Any) -> dict[str, int]:
        row = shared.count_for(actor, count_id)
        return {"count": services.stock_count_add(count=row, read=marks, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:count", args=[count_id]))


@require_POST
def count_settle(request: HttpRequest, count_id: int) -> HttpResponse:
    """The count is over: what wasn't seen is missing."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        row = shared.count_for(actor, count_id)
        return {"count": services.stock_count_settle(count=row, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:count", args=[count_id]))


urlpatterns = [
    path("equipment/counts", counts, name="counts"),
    path("equipment/counts/begin", count_begin, name="count_begin"),
    path("equipment/counts/<int:count_id>", count, name="count"),
    path("equipment/counts/<int:count_id>/add", count_add, name="count_add"),
    path("equipment/counts/<int:count_id>/settle", count_settle, name="count_settle"),
]
