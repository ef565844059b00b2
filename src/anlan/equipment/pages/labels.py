"""Labels to print: number, name and a square to scan."""

from __future__ import annotations

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from anlan.core.pages import page_actor
from anlan.equipment import selectors
from anlan.equipment.marks import label_of


def labels(request: HttpRequest) -> HttpResponse:
    """A sheet of labels to print: number, name and a square that opens the thing at the address this page has."""
    actor = page_actor(request, "equipment.view")
    host = request.build_absolute_uri("/")
    items = [(item, _square(label_of(item.number, host))) for item in selectors.items_in_reach(actor)]
    return render(request, "equipment/labels.html", {"items": items, "default_theme": "light"})


def _square(text: str) -> str:
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=3, border=2, light="#fff"))


urlpatterns = [path("equipment/labels", labels, name="labels")]
