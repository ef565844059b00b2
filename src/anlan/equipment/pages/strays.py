"""What readers told and no door could take: looked at, entered, or thrown away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from anlan.core.pages import page_actor
from anlan.equipment import services
from anlan.equipment.pages.forms import command
from anlan.equipment.selectors_strays import stray_for, strays_all

SAMPLE_CHARS = 300


def strays(request: HttpRequest) -> HttpResponse:
    """By reader: how much came, how much of it is kept, why it could not be taken, and its newest words."""
    page_actor(request, "equipment.register")
    rows = []
    for row in strays_all():
        newest = row.told.order_by("-id").first()
        rows.append({"row": row, "sample": newest.raw[:SAMPLE_CHARS] if newest else "", "newest": newest})
    return render(request, "equipment/strays.html", {"rows": rows, "default_theme": "light"})


@require_POST
def discard(request: HttpRequest, stray_id: int) -> HttpResponse:
    """Thrown away: a neighbour's reader, lines of nonsense."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        return {"count": services.strays_discard(stray=stray_for(stray_id), by=actor, at=at)}

    command(request, "equipment.register", act)
    return HttpResponseRedirect(reverse("equipment:strays"))


urlpatterns = [
    path("equipment/strays", strays, name="strays"),
    path("equipment/strays/<int:stray_id>/discard", discard, name="stray_discard"),
]
