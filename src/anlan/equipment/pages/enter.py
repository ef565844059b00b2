"""Things, kinds, doors and badges are entered."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from anlan.core.errors import BadInput
from anlan.core.pages import page_actor
from anlan.equipment import selectors, services
from anlan.equipment.learnt import PLANES
from anlan.equipment.pages.forms import command, day_named, kind_posted, number_posted
from anlan.equipment.register_errors import KindTaken
from anlan.equipment.selectors_register import badge_for
from anlan.equipment.selectors_sharing import model_coded, models_all, store_for, stores_in_reach


def enter(request: HttpRequest) -> HttpResponse:
    """The forms; ``?reader=`` fills a door's."""
    actor = page_actor(request, "equipment.register")
    context = {
        "kinds": models_all(),
        "stores": stores_in_reach(actor),
        "layouts": list(PLANES),
        "reader": request.GET.get("reader", "").replace("\0", "")[:60],
        "default_theme": "light",
    }
    return render(request, "equipment/enter.html", context)


def day_or_none(request: HttpRequest, field: str) -> date | None:
    """A day or nothing; ``BadInput`` for anything else."""
    text = request.POST.get(field, "").strip()
    found = day_named(text)
    if text and found is None:
        raise BadInput(field=field, problem=text[:40])
    return found


@require_POST
def thing_enter(request: HttpRequest) -> HttpResponse:
    """A thing, with its tag where it has one."""

    def act(actor: Any, at: Any) -> dict[str, str]:
        post = request.POST
        item = services.item_add(
            number=post.get("number", ""), model=kind_posted(request), owner=store_for(actor, post.get("place", "")),
            serial=post.get("serial", "").strip(), bought_on=day_or_none(request, "bought_on"),
            price_yuan=number_posted(request, "price_yuan"), epc=post.get("epc", "").strip(),
            tid=post.get("tid", "").strip(), by=actor, at=at,
        )  # fmt: skip
        return {"number": item.number}

    made = command(request, "equipment.register", act)
    return HttpResponseRedirect(reverse("equipment:item", args=[made["number"]]))


@require_POST
def kind_enter(request: HttpRequest) -> HttpResponse:
    """A kind of thing; its lives and care are set on their own page."""

    def act(actor: Any, at: Any) -> dict[str, str]:
        post = request.POST
        known = model_coded(post.get("code", "").strip())
        if known is not None:
            raise KindTaken(kind=known.code, name=known.name)
        row = services.model_add(
            code=post.get("code", ""), name=post.get("name", ""), name_en=post.get("name_en", ""),
            measure_word=post.get("measure_word", ""), is_controlled=post.get("controlled") == "yes",
            is_counted=post.get("counted") == "yes", life_years=number_posted(request, "life_years"),
            price_yuan=number_posted(request, "price_yuan"), terms=post.get("terms", ""),
            load_kind=post.get("load_kind", ""), by=actor, at=at,
        )  # fmt: skip
        return {"code": row.code}

    made = command(request, "equipment.register", act)
    return HttpResponseRedirect(f"{reverse('equipment:care_plans')}#kind-{made['code']}")


@require_POST
def door_enter(request: HttpRequest) -> HttpResponse:
    """A door with a reader, entered or changed; what its reader told before is taken in by the worker."""

    def act(actor: Any, at: Any) -> dict[str, str]:
        post = request.POST
        reader, name, layout = (post.get(field, "").strip() for field in ("reader", "name", "layout"))
        for field, value, most in (("reader", reader, 60), ("name", name, 60)):
            if not 0 < len(value) <= most:
                raise BadInput(field=field, problem=value[:most] or "–")
        if layout not in PLANES:
            raise BadInput(field="layout", problem=layout[:40] or "–")
        row = services.gate_set(
            reader=reader, name=name, place=store_for(actor, post.get("place", "")), layout=layout,
            reference=post.get("reference", "").split(), by=actor, at=at,
        )  # fmt: skip
        return {"reader": row.reader}

    made = command(request, "equipment.register", act)
    return HttpResponseRedirect(reverse("equipment:gate_live", args=[made["reader"]]))


@require_POST
def badge(request: HttpRequest) -> HttpResponse:
    """A badge for the doors of stores is given, or taken back."""

    def act(actor: Any, at: Any) -> dict[str, str]:
        number = request.POST.get("badge", "").strip().upper()
        if not 0 < len(number) <= 40:
            raise BadInput(field="badge", problem=number[:40] or "–")
        if request.POST.get("do") == "take":
            services.badge_take(badge=badge_for(actor, number), by=actor, at=at)
        else:
            holder = selectors.holder_named(request.POST.get("holder", ""))
            services.badge_give(number=number, person=holder, by=actor, at=at)
        return {"badge": number}

    command(request, "equipment.register", act)
    return HttpResponseRedirect(f"{reverse('equipment:enter')}#badge")


urlpatterns = [
    path("equipment/enter", enter, name="enter"),
    path("equipment/enter/thing", thing_enter, name="thing_enter"),
    path("equipment/enter/kind", kind_enter, name="kind_enter"),
    path("equipment/enter/door", door_enter, name="door_enter"),
    path("equipment/enter/badge", badge, name="badge"),
]
