"""Repairs and scrapping: orders that are open, proposals to decide, and the record of destruction."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.pages import day_posted, page_actor
from anlan.equipment import selectors, services
from anlan.equipment.pages.forms import command, number_posted
from anlan.equipment.selectors_life import (
    repair_for,
    repairs_ended,
    repairs_open,
    scrapping_for,
    scrappings_in,
    to_be_inspected,
)


def repairs(request: HttpRequest) -> HttpResponse:
    """What waits to be looked at, what is being put right, and what came of the last orders."""
    actor = page_actor(request, "equipment.view")
    context = {
        "inspection": to_be_inspected(actor),
        "open": repairs_open(actor),
        "ended": repairs_ended(actor),
        "most": selectors.SHOWN,
    }
    return render(request, "equipment/repairs.html", {**context, "default_theme": "light"})


@require_POST
def repair_order(request: HttpRequest, number: str) -> HttpResponse:
    """A thing is to be put right."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        item = selectors.item_for(actor, number)
        return {"repair": services.repair_order(
            item=item, fault=request.POST.get("fault", ""), by=actor, at=at).pk}  # fmt: skip

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:repairs"))


@require_POST
def repair_end(request: HttpRequest, repair_id: int) -> HttpResponse:
    """Put right, or beyond repair; with what it cost."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        row = services.repair_end(
            repair=repair_for(actor, repair_id), is_fixed=request.POST.get("fixed") == "yes",
            cost_yuan=number_posted(request, "cost_yuan"), by=actor, at=at,
        )  # fmt: skip
        return {"repair": row.pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:repairs"))


def scrapping(request: HttpRequest) -> HttpResponse:
    """What is proposed, what is approved and waits for its destruction, and what was destroyed lately."""
    actor = page_actor(request, "equipment.view")
    context = {
        "proposed": scrappings_in(actor, "proposed"),
        "approved": scrappings_in(actor, "approved"),
        "destroyed": scrappings_in(actor, "destroyed", limit=30),
        "today": now(),
    }
    return render(request, "equipment/scrapping.html", {**context, "default_theme": "light"})


@require_POST
def scrap_propose(request: HttpRequest, number: str) -> HttpResponse:
    """A keeper proposes a thing for scrapping."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        item = selectors.item_for(actor, number)
        return {"scrapping": services.scrap_propose(
            item=item, reason=request.POST.get("reason", ""), by=actor, at=at).pk}  # fmt: skip

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:scrapping"))


@require_POST
def scrap_decide(request: HttpRequest, scrapping_id: int) -> HttpResponse:
    """Another person approves, or keeps the thing on until a day."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        until = day_posted(request, "serves_until") if request.POST.get("serves_until") else None
        row = services.scrap_decide(
            scrapping=scrapping_for(actor, scrapping_id), is_approved=request.POST.get("approved") == "yes",
            serves_until=until, by=actor, at=at,
        )  # fmt: skip
        return {"scrapping": row.pk}

    command(request, "equipment.scrap", act)
    return HttpResponseRedirect(reverse("equipment:scrapping"))


@require_POST
def scrap_destroy(request: HttpRequest, scrapping_id: int) -> HttpResponse:
    """How it was destroyed, and before whom."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        post = request.POST
        row = services.scrap_destroy(
            scrapping=scrapping_for(actor, scrapping_id), method=post.get("method", ""),
            witness=selectors.holder_named(post.get("witness", "")), by=actor, at=at,
        )  # fmt: skip
        return {"scrapping": row.pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:scrap_record", args=[scrapping_id]))


def scrap_record(request: HttpRequest, scrapping_id: int) -> HttpResponse:
    """The record of one scrapping, to print and sign."""
    actor = page_actor(request, "equipment.view")
    context = {"row": scrapping_for(actor, scrapping_id), "printed_at": now()}
    return render(request, "equipment/scrap_record.html", {**context, "default_theme": "light"})


urlpatterns = [
    path("equipment/repairs", repairs, name="repairs"),
    path("equipment/repairs/<int:repair_id>", repair_end, name="repair_end"),
    path("equipment/items/<str:number>/repair", repair_order, name="repair_order"),
    path("equipment/scrapping", scrapping, name="scrapping"),
    path("equipment/scrapping/<int:scrapping_id>", scrap_record, name="scrap_record"),
    path("equipment/scrapping/<int:scrapping_id>/decide", scrap_decide, name="scrap_decide"),
    path("equipment/scrapping/<int:scrapping_id>/destroy", scrap_destroy, name="scrap_destroy"),
    path("equipment/items/<str:number>/scrap", scrap_propose, name="scrap_propose"),
]
