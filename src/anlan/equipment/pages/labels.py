"""Labels to print: number, name and a square to scan."""

from __future__ import annotations

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from anlan.core.pages import page_actor
from anlan.equipment import selectors


def labels(request: HttpRequest) -> HttpResponse:
    """A sheet of labels to print: number, name and a square to scan."""
    actor = page_actor(request, "equipment.view")
    items = [
        (item, segno.make(item.number, error="m", micro=False).svg_data_uri(scale=3, border=2, light="#fff"))
        for item in selectors.items_in_reach(actor)
    ]
    return render(request, "equipment/labels.html", {"items": items, "default_theme": "light"})


urlpatterns = [path("equipment/labels", labels, name="labels")]
