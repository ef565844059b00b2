"""Care: what is due, inspecting things by the list of a plan, and the plans of each kind."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.equipment import selectors, services
from anlan.equipment.care_reading import (
    SOON,
    care_counts,
    care_due_of,
    care_plan_for,
    items_to_inspect,
    kinds_cared_for,
)
from anlan.equipment.pages.forms import command, kind_posted, number_posted

MOST_AT_ONCE = 200


def care(request: HttpRequest) -> HttpResponse:
    """What care is due and comes due, by plan: each line opens the list to inspect by."""
    actor, at = page_actor(request, "equipment.view"), now()
    due = care_due_of(actor, at=at, soon=SOON, limit=selectors.SHOWN)
    context = {"counts": care_counts(actor, at=at), "due": due, "most": selectors.SHOWN}
    return render(request, "equipment/care.html", {**context, "default_theme": "light"})


def inspect(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The list of a plan against the things of its kind: those that are due, all at hand, or one."""
    actor, at = page_actor(request, "equipment.keep"), now()
    return _inspect(request, actor, at, plan_id, told=[])


def _inspect(request: HttpRequest, actor: Any, at: Any, plan_id: int, *, told: list[Any]) -> HttpResponse:
    plan, only = care_plan_for(plan_id), request.GET.get("item", "")
    all_of_it = items_to_inspect(actor, plan, limit=MOST_AT_ONCE)
    is_due = {due.item.pk: due for due in care_due_of(actor, at=at, soon=SOON, plan=plan, limit=MOST_AT_ONCE)}
    if only:
        items = [item for item in all_of_it if item.number == only]
    elif "all" in request.GET:
        items = all_of_it
    else:
        items = [item for item in all_of_it if item.pk in is_due]
    elsewhere = [due for due in is_due.values() if due.item.state not in ("in_store", "inspection")]
    context = {
        "plan": plan, "rows": [(item, is_due.get(item.pk)) for item in items], "elsewhere": elsewhere, "told": told,
        "in_order": sum(one["is_fit"] for one in told), "is_all": "all" in request.GET, "only": only,
        "at_hand": len(all_of_it),
    }  # fmt: skip
    return render(request, "equipment/inspection.html", {**context, "default_theme": "light"})


@require_POST
def inspect_many(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What was looked at, in order or not; each thing is told."""

    def act(actor: Any, at: Any) -> list[dict[str, Any]]:
        plan, post = care_plan_for(plan_id), request.POST
        found = {
            number: services.Looked(
                tuple(point for nth, point in enumerate(plan.checklist) if f"{nth}:{number}" in post),
                post.get(f"remark:{number}", ""),
                f"unfit:{number}" not in post,
            )
            for number in post.getlist("looked")[:MOST_AT_ONCE]
        }
        told = services.items_inspect(plan=plan, found=found, by=actor, at=at)
        return [{"number": one.number, "is_fit": one.is_fit, "refusal": one.refusal} for one in told]

    told = command(request, "equipment.keep", act)
    return _inspect(request, page_actor(request, "equipment.keep"), now(), plan_id, told=told)


@require_POST
def look(request: HttpRequest, number: str) -> HttpResponse:
    """One thing was looked at without a plan, as after damage: in order, or what is wrong with it."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        is_fit = request.POST.get("fit") == "yes"
        row = services.inspection_record(
            item=selectors.item_for(actor, number), plan=None, failed=[], remark=request.POST.get("remark", ""),
            is_fit=is_fit, by=actor, at=at,
        )  # fmt: skip
        return {"inspection": row.pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:item", args=[number]))


@require_POST
def used(request: HttpRequest, number: str) -> HttpResponse:
    """Uses or rounds beyond loans, as at a range."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        uses, rounds = number_posted(request, "uses") or 0, number_posted(request, "rounds") or 0
        return {"item": services.item_used(
            item=selectors.item_for(actor, number), uses=uses, rounds=rounds, by=actor, at=at).pk}  # fmt: skip

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:item", args=[number]))


def plans(request: HttpRequest) -> HttpResponse:
    """The plans of care of every kind, how long it lasts and what it costs."""
    page_actor(request, "equipment.view")
    return render(request, "equipment/care_plans.html", {"kinds": kinds_cared_for(), "default_theme": "light"})


@require_POST
def plan_set(request: HttpRequest) -> HttpResponse:
    """A plan set or changed, by kind and name."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        plan = services.care_plan_set(
            model=kind_posted(request), name=request.POST.get("name", ""),
            every_days=number_posted(request, "every_days"), every_uses=number_posted(request, "every_uses"),
            every_rounds=number_posted(request, "every_rounds"),
            checklist=request.POST.get("checklist", "").splitlines(), by=actor, at=at,
        )  # fmt: skip
        return {"plan": plan.pk}

    command(request, "equipment.register", act)
    return HttpResponseRedirect(reverse("equipment:care_plans"))


@require_POST
def plan_stop(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A plan asks for nothing any more."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        return {"plan": services.care_plan_stop(plan=care_plan_for(plan_id), by=actor, at=at).pk}

    command(request, "equipment.register", act)
    return HttpResponseRedirect(reverse("equipment:care_plans"))


@require_POST
def life_set(request: HttpRequest) -> HttpResponse:
    """How long a kind lasts and what one costs."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        model = services.model_life_set(
            model=kind_posted(request), life_years=number_posted(request, "life_years"),
            life_uses=number_posted(request, "life_uses"), life_rounds=number_posted(request, "life_rounds"),
            price_yuan=number_posted(request, "price_yuan"), by=actor, at=at,
        )  # fmt: skip
        return {"model": model.pk}

    command(request, "equipment.register", act)
    return HttpResponseRedirect(reverse("equipment:care_plans"))


urlpatterns = [
    path("equipment/care", care, name="care"),
    path("equipment/care/plans", plans, name="care_plans"),
    path("equipment/care/plans/set", plan_set, name="care_plan_set"),
    path("equipment/care/plans/<int:plan_id>/stop", plan_stop, name="care_plan_stop"),
    path("equipment/care/life", life_set, name="life_set"),
    path("equipment/inspect/<int:plan_id>", inspect, name="inspect"),
    path("equipment/inspect/<int:plan_id>/found", inspect_many, name="inspect_many"),
    path("equipment/items/<str:number>/look", look, name="look"),
    path("equipment/items/<str:number>/used", used, name="used"),
]
