"""Stores counted by the piece: batteries, rounds."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from anlan.core.errors import BadInput
from anlan.core.pages import page_actor
from anlan.equipment import services
from anlan.equipment.pages.forms import command, kind_posted, number_posted
from anlan.equipment.register_rules import STOCK_INTO, STOCK_OUT, STOCK_REASONS
from anlan.equipment.selectors_register import stock_for, stocks_in_reach
from anlan.equipment.selectors_sharing import models_all, store_for, stores_in_reach


def pieces(request: HttpRequest) -> HttpResponse:
    """How many there are of what, the least there should be, and what came and went."""
    actor = page_actor(request, "equipment.view")
    context = {
        "stocks": stocks_in_reach(actor),
        "kinds": models_all(),
        "stores": stores_in_reach(actor),
        "reasons": [(code, STOCK_REASONS[code]) for code in (*STOCK_OUT, *STOCK_INTO)],
        "default_theme": "light",
    }
    return render(request, "equipment/pieces.html", context)


def _count(request: HttpRequest) -> int:
    found = number_posted(request, "count")
    if found is None:
        raise BadInput(field="count", problem="–")
    return found


@require_POST
def pieces_set(request: HttpRequest) -> HttpResponse:
    """A store keeps a kind by the piece, and at least so many."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        place = store_for(actor, request.POST.get("place", ""))
        least = number_posted(request, "least") or 0
        row = services.stock_set(place=place, model=kind_posted(request), least=least, by=actor, at=at)
        return {"stock": row.pk}

    made = command(request, "equipment.register", act)
    return HttpResponseRedirect(f"{reverse('equipment:pieces')}#stock-{made['stock']}")


@require_POST
def pieces_move(request: HttpRequest, stock_id: int) -> HttpResponse:
    """So many came or went."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        reason, note = request.POST.get("reason", "")[:12], request.POST.get("note", "")
        row = services.stock_move(
            stock=stock_for(actor, stock_id), count=_count(request), reason=reason, note=note, by=actor, at=at
        )
        return {"move": row.pk}

    command(request, "equipment.lend", act)
    return HttpResponseRedirect(f"{reverse('equipment:pieces')}#stock-{stock_id}")


@require_POST
def pieces_counted(request: HttpRequest, stock_id: int) -> HttpResponse:
    """Somebody counted: so many there are."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        stock, note = stock_for(actor, stock_id), request.POST.get("note", "")
        return {"move": services.stock_counted(stock=stock, count=_count(request), note=note, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(f"{reverse('equipment:pieces')}#stock-{stock_id}")


urlpatterns = [
    path("equipment/pieces", pieces, name="pieces"),
    path("equipment/pieces/set", pieces_set, name="pieces_set"),
    path("equipment/pieces/<int:stock_id>/move", pieces_move, name="pieces_move"),
    path("equipment/pieces/<int:stock_id>/counted", pieces_counted, name="pieces_counted"),
]
