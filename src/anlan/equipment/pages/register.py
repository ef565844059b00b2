"""The register: everything in reach, searched and filtered, and the kits."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from anlan.core.pages import page_actor
from anlan.equipment.kit_reading import kits_in_reach, kits_of
from anlan.equipment.pages.forms import whole
from anlan.equipment.rules import ITEM
from anlan.equipment.selectors_register import A_PAGE, Asked, register_list
from anlan.equipment.selectors_sharing import models_all, stores_in_reach

ASKED = ("words", "kind", "place", "state")
FURTHEST = 10_000
"""Pages; whoever turns further wants the search."""


def register(request: HttpRequest) -> HttpResponse:
    """Things by number, a page at a time."""
    actor = page_actor(request, "equipment.view")
    told = {name: request.GET.get(name, "").replace("\0", "").strip()[:60] for name in ASKED}
    page = min(max(1, whole(request.GET.get("page", "")) or 1), FURTHEST)
    rows, total = register_list(actor, Asked(**told), start=(page - 1) * A_PAGE)
    if total and not rows:  # turned beyond the end
        page = (total - 1) // A_PAGE + 1
        rows, total = register_list(actor, Asked(**told), start=(page - 1) * A_PAGE)
    first = (page - 1) * A_PAGE + 1
    context = {
        **told,
        "rows": rows,
        "total": total,
        "first": first,
        "last": first + len(rows) - 1,
        "newer": page - 1,
        "older": page + 1 if first + len(rows) - 1 < total and rows else 0,
        "kinds": models_all(),
        "stores": stores_in_reach(actor),
        "states": ITEM.labels.items(),
        "query": urlencode({name: value for name, value in told.items() if value}),
        "default_theme": "light",
    }
    return render(request, "equipment/register.html", context)


def kits(request: HttpRequest) -> HttpResponse:
    """Kits and whether all their parts are there."""
    actor = page_actor(request, "equipment.view")
    context = {"kits": kits_in_reach(actor), "total": kits_of(actor).count()}
    return render(request, "equipment/kits.html", {**context, "default_theme": "light"})


urlpatterns = [
    path("equipment/register", register, name="register"),
    path("equipment/kits", kits, name="kits"),
]
