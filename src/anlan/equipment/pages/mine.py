"""What I hold, on a telephone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.equipment import selectors


def mine(request: HttpRequest) -> HttpResponse:
    """What I hold, on a telephone."""
    actor = page_actor(request, "equipment.own")
    held = selectors.held_by(actor.id) if actor.kind == "person" and actor.id is not None else []
    return render(request, "equipment/mine.html", {"held": held, "at": now(), "default_theme": "light"})


urlpatterns = [path("equipment/mine", mine, name="mine")]
