"""On a telephone: what I hold, what a label says, and taking or giving back ordinary things for oneself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.pages import moment_posted, page_actor
from anlan.equipment import selectors, services
from anlan.equipment import selectors_sharing as shared
from anlan.equipment.models import Item
from anlan.equipment.pages.forms import command
from anlan.equipment.rules import OPEN_LOANS
from anlan.equipment.services.gate_corrections import OWN_WORD_FOR

LONGER = timedelta(hours=8)


def mine(request: HttpRequest) -> HttpResponse:
    """What I hold, and what I have spoken for."""
    actor, at = page_actor(request, "equipment.own"), now()
    own = actor.id if actor.kind == "person" and actor.id is not None else 0
    context = {
        "held": [
            {
                "loan": loan,
                "longer": timezone.localtime(max(loan.due_at, at) + LONGER),
                "may_deny": loan.passage_out_id is not None and at - loan.made_at <= OWN_WORD_FOR,
            }
            for loan in selectors.held_by(own)
        ],
        "bookings": shared.bookings_own(own, at=at),
        "at": at,
    }
    return render(request, "equipment/mine.html", {**context, "default_theme": "light"})


def label(request: HttpRequest, number: str) -> HttpResponse:
    """What a label's square opens: the thing, and what whoever scanned it may do with it."""
    actor = page_actor(request, "equipment.own")
    item = shared.item_anywhere(number)
    loan = item.loans.filter(state__in=OPEN_LOANS).select_related("holder").first()
    context = {
        "item": item,
        "loan": loan,
        "is_own": loan is not None and actor.kind == "person" and loan.holder_id == actor.id,
        "is_near": _is_near(actor, item),
    }
    return render(request, "equipment/label.html", {**context, "default_theme": "light"})


def _is_near(actor: Any, item: Item) -> bool:
    return bool(actor.sees_all or item.place_id in actor.org_ids or item.owner_id in actor.org_ids)


@require_POST
def own_take(request: HttpRequest) -> HttpResponse:
    """Take an ordinary thing for oneself, by its number or its label."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        post = request.POST
        loan = services.item_take_own(
            item=shared.item_anywhere(post.get("number", "")), by=actor, at=at, purpose=post.get("purpose", ""),
            agreed=post.get("agreed") == "yes",
        )  # fmt: skip
        return {"loan": loan.pk}

    command(request, "equipment.take_own", act)
    return HttpResponseRedirect(reverse("equipment:mine"))


@require_POST
def own_return(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Bring back an ordinary thing one has."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        loan, damaged = shared.loan_own(actor, loan_id), request.POST.get("damaged") == "yes"
        return {"loan": services.loan_give_back(loan=loan, is_damaged=damaged, by=actor, at=at).pk}

    command(request, "equipment.take_own", act)
    return HttpResponseRedirect(reverse("equipment:mine"))


@require_POST
def own_longer(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Ask to keep it longer."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        loan, until = shared.loan_own(actor, loan_id), moment_posted(request, "until")
        return {"loan": services.loan_longer_ask(loan=loan, until=until, by=actor, at=at).pk}

    command(request, "equipment.own", act)
    return HttpResponseRedirect(reverse("equipment:mine"))


@require_POST
def own_fault(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Say what is wrong with it."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        loan = shared.loan_own(actor, loan_id)
        return {"loan": services.fault_report(loan=loan, words=request.POST.get("fault", ""), by=actor, at=at).pk}

    command(request, "equipment.own", act)
    return HttpResponseRedirect(reverse("equipment:mine"))


@require_POST
def longer_decide(request: HttpRequest, loan_id: int) -> HttpResponse:
    """A keeper grants more time, or doesn't."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        loan, is_granted = selectors.loan_for(actor, loan_id), request.POST.get("granted") == "yes"
        return {"loan": services.loan_longer_decide(loan=loan, is_granted=is_granted, by=actor, at=at).pk}

    command(request, "equipment.lend", act)
    return HttpResponseRedirect(reverse("equipment:bookings") + "#longer")


urlpatterns = [
    path("equipment/mine", mine, name="mine"),
    path("equipment/q/<path:number>", label, name="label"),
    path("equipment/own/take", own_take, name="own_take"),
    path("equipment/own/<int:loan_id>/return", own_return, name="own_return"),
    path("equipment/own/<int:loan_id>/longer", own_longer, name="own_longer"),
    path("equipment/own/<int:loan_id>/fault", own_fault, name="own_fault"),
    path("equipment/loans/<int:loan_id>/longer", longer_decide, name="longer_decide"),
]
