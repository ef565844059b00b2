"""What units carry, kept by whoever keeps the cars: one unit at a time, or a list from the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.console.screen import screen
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, DomainError
from anlan.core.pages import command_post, page_actor
from anlan.core.permissions import permitted
from anlan.units.models import Unit
from anlan.units.selectors import MOST_OF_A_KIND, equipment_kinds, loads_of_units, unit_for
from anlan.units.services import unit_load_set, unit_loads_read

MOST_TYPED = 200_000


@screen("units.view")
def loads(request: HttpRequest) -> HttpResponse:
    """Every unit in reach with what it carries; where one may, a form for the unit chosen and one for a list."""
    return _page(request, {})


def _page(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    actor = page_actor(request)
    units = list(Unit.objects.visible_to(actor).filter(is_active=True).select_related("organisation"))
    carried = loads_of_units(unit.pk for unit in units)
    chosen = next((unit for unit in units if unit.call_sign == request.GET.get("unit", "")), None)
    held = {each.kind.code: each.count for each in carried.get(chosen.pk, [])} if chosen else {}
    context = {
        "rows": [(unit, carried.get(unit.pk, [])) for unit in units],
        "totals": _totals(carried),
        "chosen": chosen,
        "fields": [(kind, held.get(kind.code, 0)) for kind in equipment_kinds().values()],
        "most": MOST_OF_A_KIND,
        "may_keep": permitted(actor, "units.manage"),
        "default_theme": "light",
        **more,
    }
    return render(request, "console/loads.html", context, status=status)


def _totals(carried: dict[int, list[Any]]) -> list[tuple[Any, int, int]]:
    """Each kind with how many there are in all and on how many units: a kind nobody has is seen here first."""
    rows = []
    for kind in equipment_kinds().values():
        counts = [each.count for load in carried.values() for each in load if each.kind == kind]
        rows.append((kind, sum(counts), len(counts)))
    return rows


@require_POST
def load_do(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Set what one unit carries, as typed: an empty field is none."""

    def act(by: Actor, at: datetime) -> str:
        unit = unit_for(by, unit_id)
        load = {code: _count(request.POST.get(code, ""), code) for code in equipment_kinds()}
        unit_load_set(unit=unit, load=load, by=by, at=at)
        return unit.call_sign

    command_post(request, "units.manage", act)
    return HttpResponseRedirect(reverse("console:loads"))


@require_POST
def loads_read(request: HttpRequest) -> HttpResponse:
    """Take a list of many units; a line that can't be meant is named beside what was sent, and nothing is taken."""
    text = request.POST.get("list", "")[:MOST_TYPED]

    def act(by: Actor, at: datetime) -> int:
        return unit_loads_read(text=text, by=by, at=at)

    try:
        command_post(request, "units.manage", act)
    except DomainError as refusal:
        if refusal.code != "load_unreadable":
            raise
        return _page(request, {"refusal": refusal, "typed": text}, status=refusal.status)
    return HttpResponseRedirect(reverse("console:loads"))


def _count(text: str, code: str) -> int:
    told = text.strip() or "0"
    if not told.isdecimal() or len(told) > 4:
        raise BadInput(field=code, problem=told[:40])
    return int(told)
