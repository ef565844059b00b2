"""What stations can field, what they are short of if things go, and what is to be bought in which year."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisations
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.pages import page_actor
from anlan.equipment import selectors, services
from anlan.equipment.life_reading import ReplacementPlan
from anlan.equipment.models import ItemModel
from anlan.equipment.pages.forms import command, day_named, kind_posted, number_posted, whole
from anlan.equipment.whatif_reading import if_gone

YEARS_AHEAD = 5


def _day(text: str, today: date) -> date:
    """The day an address names, today where it names none that a plan reaches."""
    found = day_named(text)
    return found if found is not None and 2000 <= found.year <= today.year + 50 else today


def _going(request: HttpRequest, told: ReplacementPlan) -> list[str]:
    """Numbers of the things that are to go: typed, and those of a kind that the plan replaces in a year."""
    typed = re.split(r"[\s,，、\0]+", request.GET.get("go", "")[:20_000])
    year, kind = whole(request.GET.get("year", "")), request.GET.get("kind", "")
    rows = [row for one in told.years if one.year == year for row in one.rows if row.model.code == kind]
    return [*filter(None, typed), *(number for row in rows for number in row.numbers)]


def _in_reach(actor: Actor) -> list[Organisation]:
    return [one for one in organisations() if actor.sees_all or one.pk in actor.org_ids]


def plan(request: HttpRequest) -> HttpResponse:
    """What stations can field on a day, what they are short of if things go, and what has to be bought when."""
    actor, today = page_actor(request, "equipment.view"), timezone.localdate(now())
    on = _day(request.GET.get("on", ""), today)
    told = selectors.replacement_plan(actor, today=today, until=today.year + YEARS_AHEAD)
    going = _going(request, told)
    if_so = if_gone(actor, going, on=on) if going else None
    context = {
        "on": on,
        "today": today,
        "if_so": if_so,
        "going": "\n".join(going),
        "fielded": if_so.fielded if if_so else selectors.readiness(actor, on=on),
        "plan": told,
        "places": _in_reach(actor),
        "kinds": ItemModel.objects.all(),
    }
    return render(request, "equipment/plan.html", {**context, "default_theme": "light"})


def _place_posted(request: HttpRequest) -> Organisation:
    code = request.POST.get("place", "")[:32]
    found = Organisation.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise BadInput(field="place", problem=code or "–")
    return found


@require_POST
def need_set(request: HttpRequest) -> HttpResponse:
    """What a station must be able to field of a kind, set, changed or taken out."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        count = number_posted(request, "count")
        row = services.need_set(
            place=_place_posted(request), kit=request.POST.get("kit", ""), model=kind_posted(request),
            count=-1 if count is None else count, by=actor, at=at,
        )  # fmt: skip
        return {"need": row.pk if row else 0}

    command(request, "equipment.register", act)
    return HttpResponseRedirect(reverse("equipment:plan"))


@require_POST
def budget_set(request: HttpRequest) -> HttpResponse:
    """What an organisation may spend in a year."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        amount = number_posted(request, "amount_yuan")
        row = services.budget_set(
            place=_place_posted(request), year=number_posted(request, "year") or 0,
            amount_yuan=-1 if amount is None else amount, by=actor, at=at,
        )  # fmt: skip
        return {"budget": row.pk}

    command(request, "equipment.budget", act)
    return HttpResponseRedirect(reverse("equipment:plan"))


urlpatterns = [
    path("equipment/plan", plan, name="plan"),
    path("equipment/plan/needs", need_set, name="need_set"),
    path("equipment/plan/budgets", budget_set, name="budget_set"),
]
