"""What stations share: who has how many, a week's calendar with bookings, things on their way to another store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.pages import moment_posted, page_actor
from anlan.core.permissions import permitted
from anlan.equipment import selectors, services
from anlan.equipment import selectors_sharing as shared
from anlan.equipment.pages.forms import command, day_named

WEEK = timedelta(days=7)
MOST_AT_ONCE = 20


def board(request: HttpRequest) -> HttpResponse:
    """Every kind, and how many each store has: free, lent, booked, not fit."""
    page_actor(request, "equipment.book")
    model = shared.model_coded(request.GET.get("kind", ""))
    context = {"kinds": shared.board(at=now(), model=model), "models": shared.models_all(), "model": model}
    return render(request, "equipment/board.html", {**context, "default_theme": "light"})


def _first_day(text: str, at: Any) -> Any:
    """Midnight of the day that was asked for, else of today."""
    day = day_named(text)
    local = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return local if day is None or not 1990 <= day.year <= 9000 else local.replace(
        year=day.year, month=day.month, day=day.day
    )  # fmt: skip


def bookings(request: HttpRequest) -> HttpResponse:
    """A week of a store's things; what waits to be decided; what one has asked for oneself."""
    actor, at = page_actor(request, "equipment.book"), now()
    place = shared.place_coded(request.GET.get("place", ""))
    model = shared.model_coded(request.GET.get("kind", ""))
    first = _first_day(request.GET.get("from", ""), at)
    items = shared.items_shared(place=place, model=model, actor=actor)
    begin = timezone.localtime(at + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    context = {
        "place": place,
        "model": model,
        "stores": shared.stores(),
        "models": shared.models_all(),
        "days": [first + timedelta(days=nth) for nth in range(shared.DAYS)],
        "lines": shared.calendar(actor, items, first=first),
        "earlier": (first - WEEK).date().isoformat(),
        "later": (first + WEEK).date().isoformat(),
        "number": request.GET.get("number", "")[:120],
        "begin": begin,
        "end": begin + timedelta(hours=8),
        "waiting": list(shared.bookings_waiting(actor, at=at)[: shared.SHOWN]) if _keeps(actor) else [],
        "longer": list(shared.longer_waiting(actor)[: shared.SHOWN]) if _keeps(actor) else [],
        "own": shared.bookings_own(_own_id(actor), at=at),
    }
    return render(request, "equipment/bookings.html", {**context, "default_theme": "light"})


def _keeps(actor: Actor) -> bool:
    return permitted(actor, "equipment.keep")


def _own_id(actor: Actor) -> int:
    return actor.id if actor.kind == "person" and actor.id is not None else 0


@require_POST
def booking_ask(request: HttpRequest) -> HttpResponse:
    """Ask for one thing by its number, or for so many of a kind at a store."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        post = request.POST
        told: dict[str, Any] = {
            "person": Person.objects.get(pk=_own_id(actor)), "starts_at": moment_posted(request, "starts_at"),
            "ends_at": moment_posted(request, "ends_at"), "purpose": post.get("purpose", ""), "by": actor, "at": at,
        }  # fmt: skip
        if number := post.get("number", "").strip():
            return {"made": services.booking_ask(item=shared.item_anywhere(number), **told).pk}
        place, model = shared.place_coded(post.get("place", "")), shared.model_coded(post.get("kind", ""))
        count = post.get("count", "1")
        if place is None or model is None:
            raise BadInput(field="number", problem="–")
        if not count.isdecimal() or not 1 <= int(count[:4]) <= MOST_AT_ONCE:
            raise BadInput(field="count", problem=count[:10] or "–")
        items = shared.items_shared(place=place, model=model, actor=actor)
        return {"made": len(services.bookings_ask(items=items, count=int(count), **told))}

    command(request, "equipment.book", act)
    return HttpResponseRedirect(reverse("equipment:bookings") + "#own")


@require_POST
def booking_decide(request: HttpRequest, booking_id: int) -> HttpResponse:
    """A keeper promises it, refuses it, or takes it back."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        to = request.POST.get("to", "")
        if to not in ("approved", "refused", "cancelled"):
            raise BadInput(field="to", problem=to[:20] or "–")
        booking = shared.booking_for(actor, booking_id)
        return {"booking": services.booking_decide(booking=booking, to=to, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:bookings") + "#waiting")


@require_POST
def booking_cancel(request: HttpRequest, booking_id: int) -> HttpResponse:
    """One gives up one's own."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        booking = shared.booking_own(actor, booking_id)
        return {"booking": services.booking_decide(booking=booking, to="cancelled", by=actor, at=at).pk}

    command(request, "equipment.book", act)
    return HttpResponseRedirect(reverse("equipment:bookings") + "#own")


def transfers(request: HttpRequest) -> HttpResponse:
    """What is on its way from or to a store in reach, and what arrived lately."""
    actor = page_actor(request, "equipment.view")
    context = {
        "under_way": shared.transfers_of(actor),
        "ended": shared.transfers_of(actor, under_way=False, limit=30),
        "goals": shared.stores_possible(),
        "here": actor.org_ids,
        "sees_all": actor.sees_all,
    }
    return render(request, "equipment/transfers.html", {**context, "default_theme": "light"})


@require_POST
def transfer_begin(request: HttpRequest) -> HttpResponse:
    """The first signature: it leaves this store."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        goal = shared.place_coded(request.POST.get("goal", ""))
        if goal is None:
            raise BadInput(field="goal", problem=request.POST.get("goal", "")[:40] or "–")
        item = selectors.item_for(actor, shared.item_anywhere(request.POST.get("number", "")).number)
        return {"transfer": services.transfer_begin(item=item, goal=goal, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:transfers"))


@require_POST
def transfer_receive(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """The second signature, at the store it was sent to."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        row = shared.transfer_for(transfer_id)
        return {"transfer": services.transfer_take(transfer=row, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:transfers"))


@require_POST
def transfer_call_back(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """It stays where it came from."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        row = shared.transfer_for(transfer_id)
        return {"transfer": services.transfer_call_back(transfer=row, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:transfers"))


urlpatterns = [
    path("equipment/board", board, name="board"),
    path("equipment/bookings", bookings, name="bookings"),
    path("equipment/bookings/ask", booking_ask, name="booking_ask"),
    path("equipment/bookings/<int:booking_id>/decide", booking_decide, name="booking_decide"),
    path("equipment/bookings/<int:booking_id>/cancel", booking_cancel, name="booking_cancel"),
    path("equipment/transfers", transfers, name="transfers"),
    path("equipment/transfers/begin", transfer_begin, name="transfer_begin"),
    path("equipment/transfers/<int:transfer_id>/receive", transfer_receive, name="transfer_receive"),
    path("equipment/transfers/<int:transfer_id>/back", transfer_call_back, name="transfer_back"),
]
